"""Makes obp_reference.json with the Open Bandit Pipeline, in an environment of its own.

`uv pip install numpy pandas scikit-learn scipy tqdm matplotlib seaborn pyyaml pyieoe torch`, then, last and without its
old pins, `uv pip install --no-deps obp==0.5.7`: `pyieoe` asks for obp as well, and installs 0.4.1. Then run this file.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from obp.ope import (
    DirectMethod,
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
)

ROUNDS, ACTIONS, HIGHEST = 60, 4, 1.5


def main() -> None:
    """Draw rounds, let obp judge them, write both."""
    rng = np.random.default_rng(7)
    logging = rng.dirichlet(np.ones(ACTIONS), ROUNDS)
    judged = rng.dirichlet(np.ones(ACTIONS), ROUNDS)
    model = rng.random((ROUNDS, ACTIONS))
    action = np.array([rng.choice(ACTIONS, p=row) for row in logging])
    reward = rng.normal(size=ROUNDS)
    given = {
        "reward": reward,
        "action": action,
        "pscore": logging[np.arange(ROUNDS), action],
        "action_dist": judged[:, :, None],
        "estimated_rewards_by_reg_model": model[:, :, None],
        "position": np.zeros(ROUNDS, dtype=int),
    }
    estimators = {
        "ips": InverseProbabilityWeighting(),
        "clipped_ips": InverseProbabilityWeighting(lambda_=HIGHEST),
        "snips": SelfNormalizedInverseProbabilityWeighting(),
        "direct": DirectMethod(),
        "doubly_robust": DoublyRobust(),
        "clipped_doubly_robust": DoublyRobust(lambda_=HIGHEST),
        "self_normalised_doubly_robust": SelfNormalizedDoublyRobust(),
    }
    reference = {
        "made_with": f"obp {version('obp')}",
        "highest_weight": HIGHEST,
        "logging": logging.tolist(),
        "judged": judged.tolist(),
        "model": model.tolist(),
        "action": action.tolist(),
        "reward": reward.tolist(),
        "values": {name: float(one.estimate_policy_value(**given)) for name, one in estimators.items()},
    }
    Path(__file__).with_name("obp_reference.json").write_text(json.dumps(reference), encoding="utf-8")


if __name__ == "__main__":
    main()
