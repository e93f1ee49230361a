"""What a policy would earn, from rounds that another policy played: off-policy evaluation.

In each of n rounds the logging policy showed one item with a known probability and a reward was seen. The weight of a
round is w = π(item | context) / e, with π the policy that is judged. Rounds are independent draws, so that the standard
error is that of a mean. A reference implementation is the Open Bandit Pipeline, whose names stand in brackets.
"""

import numpy as np
import numpy.typing as npt

from debias.estimators import Estimate
from debias.weights import FloatArray, clip_weights, effective_sample_size


def policy_weights(chosen: npt.ArrayLike, logged: npt.ArrayLike) -> FloatArray:
    """W [n] from the judged policy's probability of each shown item [n] and the logging policy's [n], in (0, 1]."""
    evaluated, propensities = np.asarray(chosen, dtype=np.float64), np.asarray(logged, dtype=np.float64)
    if evaluated.shape != propensities.shape:
        raise ValueError(f"probabilities of shapes {evaluated.shape} and {propensities.shape}")
    if not ((propensities > 0) & (propensities <= 1)).all() or not ((evaluated >= 0) & (evaluated <= 1)).all():
        raise ValueError("logged probabilities are in (0, 1], the judged policy's in [0, 1]")
    weights: FloatArray = evaluated / propensities
    return weights


def ips_value(rewards: npt.ArrayLike, weights: npt.ArrayLike) -> Estimate:
    """Inverse propensity score [InverseProbabilityWeighting]: mean of w·reward (Precup et al. 2000)."""
    earned, ratios = _rounds(rewards, weights)
    return _mean(ratios * earned, ratios)


def clipped_ips_value(rewards: npt.ArrayLike, weights: npt.ArrayLike, highest: float) -> Estimate:
    """`ips_value` with weights cut at `highest` [InverseProbabilityWeighting(lambda_=highest)]; biased toward zero."""
    earned, ratios = _rounds(rewards, weights)
    return ips_value(earned, clip_weights(ratios, highest))


def snips_value(rewards: npt.ArrayLike, weights: npt.ArrayLike) -> Estimate:
    """Self-normalised IPS [SelfNormalizedInverseProbabilityWeighting] (Swaminathan and Joachims 2015).

    Σ w·reward / Σ w; the standard error is the linearised ratio's, sqrt(Σ w²·(reward - value)²) / Σ w.
    """
    earned, ratios = _rounds(rewards, weights)
    total = ratios.sum()
    if total <= 0:
        raise ValueError("weights are all zero: the judged policy never does what was logged")
    value = float((ratios * earned).sum() / total)
    error = float(np.sqrt((ratios**2 * (earned - value) ** 2).sum()) / total)
    return Estimate(value, error, effective_sample_size(ratios))


def direct_value(expected: npt.ArrayLike) -> Estimate:
    """The direct method [DirectMethod]: the mean of Σ_a π(a|x)·q(x,a), given as `expected` [n]; as right as q is."""
    terms = np.asarray(expected, dtype=np.float64)
    return _mean(terms, np.ones(len(terms)))


def doubly_robust_value(
    rewards: npt.ArrayLike, weights: npt.ArrayLike, predicted: npt.ArrayLike, expected: npt.ArrayLike
) -> Estimate:
    """Doubly robust [DoublyRobust] (Dudík et al. 2014): mean of Σ_a π(a|x)·q(x,a) + w·(reward - q(x, shown)).

    `predicted` [n] is q of the shown item, `expected` [n] its mean under the judged policy.
    """
    earned, ratios = _rounds(rewards, weights)
    guesses, means = np.asarray(predicted, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return _mean(means + ratios * (earned - guesses), ratios)


def self_normalised_doubly_robust_value(
    rewards: npt.ArrayLike, weights: npt.ArrayLike, predicted: npt.ArrayLike, expected: npt.ArrayLike
) -> Estimate:
    """`doubly_robust_value` with w scaled to mean 1 [SelfNormalizedDoublyRobust] (Kallus and Uehara 2019)."""
    earned, ratios = _rounds(rewards, weights)
    mean = float(ratios.mean())
    if mean <= 0:
        raise ValueError("weights are all zero: the judged policy never does what was logged")
    rest = snips_value(earned - np.asarray(predicted, dtype=np.float64), ratios)
    means = np.asarray(expected, dtype=np.float64)
    terms = means + ratios / mean * (earned - np.asarray(predicted, dtype=np.float64) - rest.value)
    spread = _mean(terms, ratios)
    return Estimate(float(means.mean()) + rest.value, spread.standard_error, rest.effective_sample_size)


def _mean(terms: FloatArray, weights: FloatArray) -> Estimate:
    error = float(terms.std(ddof=1) / np.sqrt(len(terms))) if len(terms) > 1 else float("inf")
    return Estimate(float(terms.mean()), error, effective_sample_size(weights))


def _rounds(rewards: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    earned, ratios = np.asarray(rewards, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if earned.ndim != 1 or not len(earned) or earned.shape != ratios.shape:
        raise ValueError(f"rewards and weights are two arrays of one length, not {earned.shape} and {ratios.shape}")
    return earned, ratios
