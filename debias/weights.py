"""Importance weights: clipping, the effective sample size, and the alarm when a few weights carry everything.

Knows nothing of where a weight comes from; a weight is usually 1/e, one over the probability of being observed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# The alarm goes off when one of these is crossed. At a fifth of the sample an interval is 2.2 times as wide as without
# weights. The coefficient of variation says the same (ess/n = 1 / (1 + cv²), so 4 is a fifth) and is the papers' own
# sign, the variance of 1/e, on a scale that does not depend on how rare observations are.
LOWEST_EFFECTIVE_SHARE = 0.2
HIGHEST_RELATIVE_VARIANCE = 4.0
# One observation must not decide: a tenth of the total on one of them is too much (counts from 20 observations).
HIGHEST_SHARE_OF_ONE = 0.1
FEWEST_FOR_SHARE = 20


@dataclass(frozen=True)
class WeightHealth:
    """What weights do to a sample of `count` observations; `alarm` is empty when they are well."""

    count: int
    effective_sample_size: float  # (Σw)² / Σw², between 1 and count
    variance: float  # of the weights as given: the variance of 1/e
    relative_variance: float  # the same with weights scaled to mean 1: the squared coefficient of variation
    largest_share: float  # of the total weight, on one observation
    alarm: str = ""

    @property
    def effective_share(self) -> float:
        """The effective sample size over the count, in (0, 1]; 1 for no observations."""
        return self.effective_sample_size / self.count if self.count else 1.0


def effective_sample_size(weights: npt.ArrayLike) -> float:
    """Kish's effective sample size, (Σw)² / Σw² (Owen 2013, Monte Carlo theory, methods and examples, §9.3).

    `weights` [n], none negative. It is at most n, and n exactly when all are equal; 0 for no weights.
    """
    array = _checked(weights)
    largest = array.max(initial=0.0)
    if largest <= 0:
        return 0.0
    scaled = array / largest  # squares of large weights must not overflow
    return min(float(scaled.sum() ** 2 / np.square(scaled).sum()), float(len(array)))


def clip_weights(weights: npt.ArrayLike, highest: float) -> FloatArray:
    """Weights [n] cut at `highest`: less variance for some bias (Ionides 2008, truncated importance sampling)."""
    if not highest > 0:
        raise ValueError(f"weights are cut at a positive number, not {highest}")
    return np.minimum(_checked(weights), highest)


def clip_to_effective_share(weights: npt.ArrayLike, share: float) -> FloatArray:
    """The least clipping of weights [n] that leaves an effective sample size of at least `share` (in [0, 1]) of n.

    Cutting lower always raises the effective sample size, so that bisection finds the cut.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is in [0, 1], not {share}")
    array = _checked(weights)
    positive = array[array > 0]
    if not len(positive) or effective_sample_size(array) >= share * len(array):
        return array
    low, high = float(positive.min()), float(positive.max())
    for _ in range(60):
        middle = float(np.sqrt(low) * np.sqrt(high))  # weights span orders of magnitude
        if effective_sample_size(np.minimum(array, middle)) >= share * len(array):
            low = middle
        else:
            high = middle
    return np.minimum(array, low)


def weight_health(weights: npt.ArrayLike) -> WeightHealth:
    """Look at weights [n] (none negative, not all zero); levels of the alarm are this module's constants."""
    array = _checked(weights)
    if not len(array):
        return WeightHealth(0, 0.0, 0.0, 0.0, 0.0)
    total = float(array.sum())
    if total <= 0:
        raise ValueError("weights are all zero")
    health = WeightHealth(
        count=len(array),
        effective_sample_size=effective_sample_size(array),
        variance=float(array.var()),
        relative_variance=float((array / array.mean()).var()),
        largest_share=float(array.max()) / total,
    )
    return WeightHealth(**{**health.__dict__, "alarm": _alarm(health)})


def _alarm(health: WeightHealth) -> str:
    if health.effective_share < LOWEST_EFFECTIVE_SHARE or health.relative_variance > HIGHEST_RELATIVE_VARIANCE:
        return (
            f"{health.count:,} weights are worth {health.effective_sample_size:,.0f} equal ones "
            f"({health.effective_share:.0%}; the variance of 1/e is {health.variance:,.3g}): clip them."
        )
    if health.count >= FEWEST_FOR_SHARE and health.largest_share > HIGHEST_SHARE_OF_ONE:
        return f"One of {health.count:,} weights holds {health.largest_share:.0%} of their total: clip it."
    return ""


def _checked(weights: npt.ArrayLike) -> FloatArray:
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"weights are one array, not of shape {array.shape}")
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError("weights must be finite and not negative")
    return array
