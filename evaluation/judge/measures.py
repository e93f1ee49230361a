"""How far a judge can be believed, in numbers. Scores are [n], from 1 to 5. Knows nothing of language models."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from evaluation.statistics import Interval, percentile_interval

FloatArray = npt.NDArray[np.float64]
Agreement = Callable[[FloatArray, FloatArray], float]

RESAMPLES = 1000


def weighted_kappa(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Cohen's kappa with quadratic weights (Cohen, 1968, "Weighted kappa"): 1 is agreement, 0 is chance.

    1 − the mean squared difference over what it would be if the scores of either were shuffled, which is
    var(a) + var(b) + (mean(a) − mean(b))². 0 where both only ever gave one same score: nothing can be told from that.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    by_chance = first.var() + second.var() + (first.mean() - second.mean()) ** 2
    return float(1 - ((first - second) ** 2).mean() / by_chance) if by_chance > 0 else 0.0


def kappa(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Cohen's kappa (Cohen, 1960) without weights; 0 where both only ever gave one same score."""
    first, second = np.asarray(a), np.asarray(b)
    values = np.union1d(first, second)
    by_chance = sum(float((first == value).mean() * (second == value).mean()) for value in values)
    return float(((first == second).mean() - by_chance) / (1 - by_chance)) if by_chance < 1 else 0.0


def kendall_tau(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Kendall's tau-b (Kendall, 1945): whether two orders agree, whatever the scale; 0 where one orders nothing.

    scipy's gives the same, but takes ten times as long, which thousands of resamples feel.
    """
    first, second = (np.asarray(scores, dtype=np.float64) for scores in (a, b))
    signs = [np.sign(scores[:, None] - scores[None, :]) for scores in (first, second)]
    ordered = float(np.sqrt(np.abs(signs[0]).sum() * np.abs(signs[1]).sum()))
    return float((signs[0] * signs[1]).sum()) / ordered if ordered else 0.0


def with_interval(
    agreement: Agreement, a: npt.ArrayLike, b: npt.ArrayLike, seed: int, resamples: int = RESAMPLES
) -> Interval:
    """An agreement with its 95 % percentile-bootstrap interval over what was judged."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(len(first), size=(resamples, len(first)))
    return percentile_interval(agreement(first, second), [agreement(first[draw], second[draw]) for draw in draws])
