"""How well a predictor does on *all* pairs, from the pairs that people chose to rate.

A predictor has a loss on each of N = users x items pairs, and its true risk is the mean of them all. Only some losses
are observed, each with its own probability e, the propensity; the estimators below differ in how they make up for it.
The standard errors are design-based: ratings stand still and chance decides only which are observed, independently.
Nothing here knows how a propensity was made, and none of the intervals covers an error in it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from debias.weights import FloatArray, clip_weights, effective_sample_size


@dataclass(frozen=True)
class Estimate:
    """An estimated mean with its standard error, both in units of the loss."""

    value: float
    standard_error: float
    effective_sample_size: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The two-sided normal confidence interval at a level in (0, 1)."""
        half = NormalDist().inv_cdf(0.5 + level / 2) * self.standard_error
        return self.value - half, self.value + half


def naive_risk(losses: npt.ArrayLike) -> Estimate:
    """The mean of the observed losses [n] (Schnabel et al. 2016, §3.1): right only if chance alone chose them."""
    observed = _losses(losses)
    error = float(observed.std(ddof=1) / np.sqrt(len(observed))) if len(observed) > 1 else float("inf")
    return Estimate(float(observed.mean()), error, float(len(observed)))


def ips_risk(losses: npt.ArrayLike, propensities: npt.ArrayLike, pairs: int) -> Estimate:
    """Inverse propensity scoring (Schnabel et al. 2016, §3.3): 1/N · Σ_observed loss/e. Unbiased for true e.

    `losses` and `propensities` [n] of the observed pairs, `pairs` = N. The variance is Σ_observed (1-e)·(loss/e)² / N²,
    the Horvitz-Thompson estimate for independent Bernoulli observations.
    """
    observed, probabilities = _observed(losses, propensities)
    ratios = observed / probabilities
    return Estimate(
        float(ratios.sum() / pairs),
        float(np.sqrt(((1 - probabilities) * ratios**2).sum()) / pairs),
        effective_sample_size(1 / probabilities),
    )


def clipped_ips_risk(losses: npt.ArrayLike, propensities: npt.ArrayLike, pairs: int, highest: float) -> Estimate:
    """`ips_risk` with weights 1/e cut at `highest`: less variance, a bias toward zero (Saito et al. 2020)."""
    observed, probabilities = _observed(losses, propensities)
    weights = clip_weights(1 / probabilities, highest)
    terms = observed * weights
    error = float(np.sqrt(((1 - probabilities) * terms**2).sum()) / pairs)
    return Estimate(float(terms.sum() / pairs), error, effective_sample_size(weights))


def snips_risk(losses: npt.ArrayLike, propensities: npt.ArrayLike) -> Estimate:
    """Self-normalised IPS (Swaminathan and Joachims 2015): Σ loss/e / Σ 1/e over the observed pairs.

    A little biased and far less variable; scaling all propensities changes nothing but the standard error's (1-e). The
    variance is that of the ratio's linearisation, Σ_observed (1-e)·((loss - value)/e)² / (Σ 1/e)².
    """
    observed, probabilities = _observed(losses, propensities)
    weights = 1 / probabilities
    value = float((weights * observed).sum() / weights.sum())
    terms = weights * (observed - value)
    error = float(np.sqrt(((1 - probabilities) * terms**2).sum()) / weights.sum())
    return Estimate(value, error, effective_sample_size(weights))


def doubly_robust_risk(
    losses: npt.ArrayLike, propensities: npt.ArrayLike, imputed: npt.ArrayLike, imputed_total: float, pairs: int
) -> Estimate:
    """Doubly robust (Wang et al. 2019): 1/N · (Σ_all imputed + Σ_observed (loss - imputed)/e).

    `losses`, `propensities` and `imputed` [n] are of the observed pairs, `imputed_total` is the sum of imputed losses
    over all N `pairs`. Unbiased if either the propensities or the imputed losses are right; the variance is that of
    `ips_risk` on what the imputation gets wrong.
    """
    observed, probabilities = _observed(losses, propensities)
    guesses = np.asarray(imputed, dtype=np.float64)
    if guesses.shape != observed.shape:
        raise ValueError(f"{len(observed)} losses with imputed losses of shape {guesses.shape}")
    rest = ips_risk(observed - guesses, probabilities, pairs)
    return Estimate(imputed_total / pairs + rest.value, rest.standard_error, rest.effective_sample_size)


def _losses(losses: npt.ArrayLike) -> FloatArray:
    observed = np.asarray(losses, dtype=np.float64)
    if observed.ndim != 1 or not len(observed):
        raise ValueError("losses are one array of at least one observed loss")
    return observed


def _observed(losses: npt.ArrayLike, propensities: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    observed, probabilities = _losses(losses), np.asarray(propensities, dtype=np.float64)
    if probabilities.shape != observed.shape:
        raise ValueError(f"{len(observed)} losses with propensities of shape {probabilities.shape}")
    if not ((probabilities > 0) & (probabilities <= 1)).all():
        raise ValueError("propensities are in (0, 1]")
    return observed, probabilities
