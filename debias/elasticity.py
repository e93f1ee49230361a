"""How much of a choice is popularity's doing, read off the change of popularity over time.

An item's quality and a person's interest in it hardly change within months, while its popularity does. So what the
same item gains in choices while it is popular, beyond what the ranker's score explains, is the effect of popularity:
with pooled data alone, popular because good and chosen because popular can't be told apart. The model is that of PDA
(Zhang et al., 2021, "Causal intervention for leveraging popularity bias in recommendation"),
P(choice | person, item, m) ∝ f(person, item) · m^γ, on logits:

    utility = a · score + γ · log(m_then / m_mean) + δ · log m_mean

where m_then is the item's popularity in the stage of the choice without the person's own choices, and δ takes up what
the score leaves of the item's average popularity. It is a conditional logit over a sample of the catalogue (McFadden,
1978: with uniformly drawn alternatives the estimate stays consistent).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import softmax

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Elasticity:
    """An effect of popularity on choices, with its standard error."""

    sharpness: float  # a: logits for each standard deviation of a person's scores
    gamma: float  # logits for each unit of log popularity
    gamma_error: float

    @property
    def slope(self) -> float:
        """Standard deviations of a person's scores that one unit of log popularity is worth; 0 where none is seen."""
        return max(0.0, self.gamma / self.sharpness) if self.sharpness > 0 else 0.0


def estimate_elasticity(scores: npt.ArrayLike, drift: npt.ArrayLike, mean_log: npt.ArrayLike) -> Elasticity:
    """Fit the model above by maximum likelihood.

    All three are [choices, alternatives], and the first alternative of each row was chosen: `scores` are standardised
    scores of a ranker that has not seen the choice, `drift` is log(m_then / m_mean), `mean_log` is log m_mean.
    """
    features = np.stack([np.asarray(given, dtype=np.float64) for given in (scores, drift, mean_log)], axis=-1)
    if features.ndim != 3 or features.shape[1] < 2:
        raise ValueError(f"choices among at least two alternatives are needed, not {features.shape}")

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        chances = softmax(features @ weights, axis=1)
        expected = np.einsum("ca,caf->cf", chances, features)
        return -float(np.log(chances[:, 0]).mean()), (expected - features[:, 0]).mean(axis=0)

    weights = minimize(loss, np.zeros(3), jac=True, method="BFGS").x
    error = float(np.sqrt(np.linalg.pinv(_information(features, weights))[1, 1]))
    return Elasticity(sharpness=float(weights[0]), gamma=float(weights[1]), gamma_error=error)


def _information(features: FloatArray, weights: FloatArray) -> FloatArray:
    """Fisher's information [3, 3] of all choices."""
    chances = softmax(features @ weights, axis=1)
    centred = features - np.einsum("ca,caf->cf", chances, features)[:, None]
    information: FloatArray = np.einsum("ca,caf,cag->fg", chances, centred, centred)
    return information
