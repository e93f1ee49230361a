"""Does the adversary take the group out of people's embeddings, and what does it cost?

A person's embedding is their scores by the ranker in its d leading directions (a truncated singular value decomposition
of the scores, Halko et al., 2011), so this works for every ranker of histories. The map is learned on some people from
the choice before the last; on the others a fresh classifier, which has never seen the adversary, guesses the group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.extmath import randomized_svd

from debias.groups import Groups, IntArray
from debias.parity import exposure, recommended
from evaluation.bias.measures import K
from evaluation.bias.world import World, scores_of
from evaluation.ranking.metrics import ndcg, ranks
from training.adversary import train_person_map

DIMENSIONS = 64
LEARNED_SHARE = 0.7
STRENGTHS = (0.0, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Outcome:
    """One map on the people that it was not learned from. At strength 0 there was no adversary."""

    strength: float
    seed: int
    auc: dict[str, float]  # of a fresh classifier, by column; .5 is guessing
    ndcg: float
    exposure_gap: dict[str, float]


@dataclass(frozen=True)
class Embedded:
    """Embeddings of people before their last choice and before the one before it, and of items."""

    now: npt.NDArray[np.float32]  # [p, d]
    before: npt.NDArray[np.float32]  # [p, d]
    items: npt.NDArray[np.float32]  # [n, d]


def embed(world: World, dimensions: int = DIMENSIONS) -> Embedded:
    """People and items in the leading directions of the ranker's scores."""
    now = scores_of(world.ranker, world.histories)
    before = scores_of(world.ranker, [history[:-1] for history in world.histories])
    _, _, directions = randomized_svd(now, min(dimensions, *now.shape), random_state=0)
    table = directions.T.astype(np.float32)
    return Embedded(now @ table, before @ table, table)


def outcomes(world: World, embedded: Embedded, seeds: Sequence[int]) -> list[Outcome]:
    """Every strength with every seed: the seed draws who is learned from, and how the map and adversary begin."""
    return [_outcome(world, embedded, strength, seed) for seed in seeds for strength in STRENGTHS]


def _outcome(world: World, embedded: Embedded, strength: float, seed: int) -> Outcome:
    order = np.random.default_rng(seed).permutation(len(world.histories))
    learned, others = np.split(order, [int(LEARNED_SHARE * len(order))])
    last = np.array([history[-1] for history in world.histories])
    person_map = train_person_map(
        embedded.before[learned],
        embedded.items,
        last[learned],
        [group.take(learned) for group in world.groups],
        strength=strength,
        seed=seed,
        progress=True,
    )
    mapped = person_map(embedded.now)
    scores = mapped[others] @ embedded.items.T
    histories = [world.histories[person] for person in others]
    accuracy = ndcg(ranks(scores, world.targets[others], histories), K)
    for row, history in zip(scores, histories, strict=True):
        row[history] = -np.inf
    shown = exposure(recommended(scores.astype(np.float64), K), world.classes)
    return Outcome(
        strength=strength,
        seed=seed,
        auc={group.column: fresh_auc(mapped, group, learned, others) for group in world.groups},
        ndcg=float(accuracy.mean()),
        exposure_gap={group.column: group.take(others).gap(shown) for group in world.groups},
    )


def fresh_auc(persons: npt.NDArray[np.float32], groups: Groups, learned: IntArray, others: IntArray) -> float:
    """The area under the curve of a logistic regression that was fitted on some people, for the others.

    The mean over groups against the rest where there are more than two; groups that are too small are left out. NaN
    where fewer than two are left, or one of them has nobody among the learned or the others.
    """
    measured = groups.measured
    parts = [np.intersect1d(groups.codes[people], measured) for people in (learned, others)]
    if len(measured) < 2 or any(len(part) < len(measured) for part in parts):
        return float("nan")
    fit_on, test_on = (people[np.isin(groups.codes[people], measured)] for people in (learned, others))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    model.fit(persons[fit_on], groups.codes[fit_on])
    chances, truth = model.predict_proba(persons[test_on]), groups.codes[test_on]
    if chances.shape[1] == 2:
        return float(roc_auc_score(truth, chances[:, 1]))
    return float(roc_auc_score(truth, chances, multi_class="ovr"))
