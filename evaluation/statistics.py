"""What values of people say of all people: means with intervals, paired tests, and a correction for many of them.

Each function takes one value for each person [p]. Equal seeds give equal intervals and p-values.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

LEVEL = 0.05  # of significance
TEST_COLUMNS = ("difference", "p", "p (Holm)", "holds at .05")  # see `CorrectedTest.cells`

_RESAMPLES = 10_000
_CELLS = 250_000  # numbers drawn at a time: 2 MB, so that memory does not grow with the people


@dataclass(frozen=True)
class Interval:
    """A mean over people with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class PairedTest:
    """The mean difference of two runs over the same people, its 95 % interval, and a two-sided p-value."""

    difference: float
    low: float
    high: float
    p: float

    @property
    def interval(self) -> Interval:
        """The difference as tables show it."""
        return Interval(self.difference, self.low, self.high)


@dataclass(frozen=True)
class CorrectedTest(PairedTest):
    """One of several paired tests that answer a question together."""

    corrected: float  # p by Holm's method, over all of them

    @property
    def holds(self) -> bool:
        """Whether chance is an unlikely explanation, with all comparisons counted."""
        return self.corrected < LEVEL

    @property
    def cells(self) -> tuple[Interval, float, float, bool]:
        """What a table says of it, under TEST_COLUMNS."""
        return self.interval, self.p, self.corrected, self.holds


Key = TypeVar("Key", bound=Hashable)


def bootstrap(values: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> Interval:
    """The mean of one value per person [p] with its 95 % percentile-bootstrap interval over people.

    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13. For a model that was trained with
    several seeds, give each person's mean over the seeds. Equal seeds give equal intervals.
    """
    values, counts = np.unique(_people(values), return_counts=True)
    return percentile_interval(values @ counts / counts.sum(), _resampled_means(values, counts, seed, resamples))


def bootstrap_share(values: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> Interval:
    """`bootstrap` of values from 0 to 1; where all are 0 or all are 1, Wilson's interval (1927).

    Such values can't be resampled: the bootstrap would be sure of them, however few there are.
    """
    known = _people(values)
    if not np.isin(known[0], (0, 1)) or (known != known[0]).any():
        return bootstrap(known, seed, resamples)
    bounds = binomtest(int(known.sum()), len(known)).proportion_ci(method="wilson")
    return Interval(float(known[0]), float(bounds.low), float(bounds.high))


def percentile_interval(value: float, resampled: npt.ArrayLike) -> Interval:
    """An estimate with the 95 % interval of what resamples [m] made of it."""
    low, high = np.quantile(np.asarray(resampled, dtype=np.float64), (0.025, 0.975))
    return Interval(float(value), float(low), float(high))


def bootstrap_pooled(sums: npt.ArrayLike, counts: npt.ArrayLike, seed: int) -> Interval:
    """Σ sums / Σ counts with its 95 % interval, where each person [p] has a sum of values and how many they are.

    As `bootstrap`, which weighs people alike; here each value weighs alike, and people are still what is drawn.
    """
    total, number = _people(sums), _people(counts)
    total, number = total[number > 0], number[number > 0]
    rng, people = np.random.default_rng(seed), len(number)
    ratios = []
    for draws in _portions(_RESAMPLES, people):
        drawn = rng.multinomial(people, np.full(people, 1 / people), size=draws)
        ratios.append(drawn @ total / (drawn @ number))
    return percentile_interval(total.sum() / number.sum(), np.concatenate(ratios))


def paired_test(a: npt.ArrayLike, b: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> PairedTest:
    """Whether two runs differ on the same people, given one value per person [p] of each.

    The interval is a paired bootstrap's; p comes from a sign-flip permutation test (Smucker, Allan and Carterette,
    2007, "A comparison of statistical significance tests for information retrieval evaluation") and is never below
    1 / (resamples + 1).
    """
    first, second = _people(a), _people(b)
    if first.shape != second.shape:
        raise ValueError(f"The runs to compare have {len(first)} and {len(second)} people.")
    differences = first - second
    interval = bootstrap(differences, seed, resamples)
    sizes, counts = np.unique(np.abs(differences), return_counts=True)
    rng = np.random.default_rng(seed)
    # Flipping signs at random: of the people with one size of difference, a binomial number is positive.
    means = np.concatenate(
        [
            (2 * rng.binomial(counts, 0.5, size=(draws, len(counts))) - counts) @ sizes / len(differences)
            for draws in _portions(resamples, len(counts))
        ]
    )
    observed = abs(interval.value) - 1e-12  # sums in another order differ in their last bits
    p = (1 + np.count_nonzero(np.abs(means) >= observed)) / (1 + resamples)
    return PairedTest(interval.value, interval.low, interval.high, float(p))


def paired_tests(
    pairs: Mapping[Key, tuple[npt.ArrayLike, npt.ArrayLike]], seed: int, resamples: int = _RESAMPLES
) -> dict[Key, CorrectedTest]:
    """Several paired tests together: of the first values against the second ones of each pair."""
    tests = {key: paired_test(first, second, seed, resamples) for key, (first, second) in pairs.items()}
    corrected = holm([test.p for test in tests.values()])
    return {
        key: CorrectedTest(**vars(test), corrected=p)
        for (key, test), p in zip(tests.items(), corrected.tolist(), strict=True)
    }


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """p-values [m] corrected for m comparisons: below .05, that comparison holds with all others.

    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return corrected


def _people(values: npt.ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0:
        raise ValueError(f"One value for each person is needed, not an array of shape {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError("A person's value is not a finite number.")
    return array


def _resampled_means(values: FloatArray, counts: IntArray, seed: int, resamples: int) -> FloatArray:
    """Means [resamples] of samples of people with replacement: how often each value is drawn is multinomial."""
    rng = np.random.default_rng(seed)
    people = counts.sum()
    return np.concatenate(
        [
            rng.multinomial(people, counts / people, size=draws) @ values / people
            for draws in _portions(resamples, len(values))
        ]
    )


def _portions(resamples: int, width: int) -> list[int]:
    """Numbers of draws that add up to `resamples`, each small enough for the memory."""
    most = max(1, _CELLS // width)
    return [min(most, resamples - start) for start in range(0, resamples, most)]
