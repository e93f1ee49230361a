"""Metrics of full ranking, with intervals and tests over people. Knows nothing about rankers or catalogues.

Every metric takes ranks, counted from 1, and gives one value for each person; the mean of the values is the metric as
it is usually reported, and `bootstrap` gives it with its 95 % interval. Ranks come from all items of the catalogue
(sampled negatives order models wrongly: Krichene and Rendle, 2020, "On sampled metrics for item recommendation").

Shapes: p people, n items, r relevant items of the person who has most.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NEVER = 2**31 - 1  # the rank of an item that can't be recommended: it is excluded, or the catalogue doesn't have it
ABSENT = 0  # fills up the ranks of people who have fewer relevant items than others
UNKNOWN = -1  # the row of an item that the catalogue doesn't have
LEVEL = 0.05  # of significance

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


Key = TypeVar("Key", bound=Hashable)


def ranks(scores: npt.ArrayLike, targets: npt.ArrayLike, exclude: Sequence[Sequence[int] | IntArray]) -> IntArray:
    """The rank [p] of each person's target among all items that are not excluded.

    `scores` are [p, n], higher is better; `targets` [p] are rows, or UNKNOWN; `exclude` holds p lists of rows, such as
    histories. An item with the target's score counts as ranked before it, so that constant scores earn nothing.
    A target that is excluded or unknown has the rank NEVER. Raises ValueError for a score that is NaN.
    """
    rows = np.asarray(targets, dtype=np.int64)
    return ranks_of_several(scores, rows.reshape(-1, 1), exclude)[:, 0]


def ranks_of_several(
    scores: npt.ArrayLike, relevant: Sequence[Sequence[int]] | IntArray, exclude: Sequence[Sequence[int] | IntArray]
) -> IntArray:
    """The ranks [p, r] of each person's relevant items, best first, filled up with ABSENT.

    As `ranks`; relevant items with equal scores follow each other, after the irrelevant ones with that score.
    """
    table = np.asarray(scores)
    people, n_items = table.shape
    if len(relevant) != people or len(exclude) != people:
        raise ValueError(f"{people} rows of scores, {len(relevant)} of targets and {len(exclude)} of exclusions.")
    if np.isnan(table).any():
        raise ValueError("A score is NaN, which no item can be ranked by.")
    result = np.full((people, max((len(rows) for rows in relevant), default=0)), ABSENT, dtype=np.int64)
    for person, (wanted, excluded) in enumerate(zip(relevant, exclude, strict=True)):
        rows = _rows(wanted, n_items)
        result[person, : len(rows)] = _ranks_of_one(table[person], rows, _rows(excluded, n_items))
    return result


def hit_rate(ranks: npt.ArrayLike, k: int) -> FloatArray:
    """1 for each person [p] with a relevant item among the first k, else 0. `ranks` are [p] or [p, r]."""
    found: FloatArray = _hits(_checked(ranks), k).max(axis=1).astype(np.float64)
    return found


def recall(ranks: npt.ArrayLike, k: int) -> FloatArray:
    """The share of each person's relevant items that are among the first k [p]. `ranks` are [p] or [p, r]."""
    table = _checked(ranks)
    share: FloatArray = _hits(table, k).sum(axis=1) / _relevant(table)
    return share


def ndcg(ranks: npt.ArrayLike, k: int) -> FloatArray:
    """Normalised discounted cumulative gain at k with binary relevance [p]. `ranks` are [p] or [p, r].

    Järvelin and Kekäläinen (2002), "Cumulated gain-based evaluation of IR techniques", with the discount
    1 / log2(1 + rank). With one relevant item the ideal is 1.
    """
    table = _checked(ranks)
    gains = np.where(_hits(table, k), 1 / np.log2(1.0 + np.maximum(table, 1)), 0.0).sum(axis=1)
    discounts = 1 / np.log2(2.0 + np.arange(min(k, table.shape[1])))
    ideal = np.cumsum(discounts)[np.minimum(_relevant(table), k) - 1]
    normalised: FloatArray = gains / ideal
    return normalised


def mrr(ranks: npt.ArrayLike, k: int) -> FloatArray:
    """The reciprocal rank of each person's best relevant item [p]; 0 when it is not among the first k."""
    table = _checked(ranks)
    best: FloatArray = np.where(_hits(table, k), 1.0 / np.maximum(table, 1), 0.0).max(axis=1)
    return best


def average_precision(ranks: npt.ArrayLike, k: int) -> FloatArray:
    """Average precision at k [p], whose mean is MAP@k: the precision at each hit, over min(k, relevant items).

    So 1 can be reached at every k. trec_eval and ranx divide by all relevant items, which is the same where k is no
    smaller than their number.
    """
    table = _checked(ranks)
    best_first = np.sort(np.where(table == ABSENT, NEVER, table), axis=1)
    precisions = np.arange(1, table.shape[1] + 1) / best_first
    average: FloatArray = np.where(_hits(best_first, k), precisions, 0.0).sum(axis=1) / np.minimum(_relevant(table), k)
    return average


def bootstrap(values: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> Interval:
    """The mean of one value per person [p] with its 95 % percentile-bootstrap interval over people.

    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13. For a model that was trained with
    several seeds, give each person's mean over the seeds. Equal seeds give equal intervals.
    """
    values, counts = np.unique(_people(values), return_counts=True)
    low, high = np.quantile(_resampled_means(values, counts, seed, resamples), (0.025, 0.975))
    return Interval(float(values @ counts / counts.sum()), float(low), float(high))


def bootstrap_share(values: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> Interval:
    """`bootstrap` of values from 0 to 1; where all are 0 or all are 1, Wilson's interval (1927).

    Such values can't be resampled: the bootstrap would be sure of them, however few there are.
    """
    known = _people(values)
    if not np.isin(known[0], (0, 1)) or (known != known[0]).any():
        return bootstrap(known, seed, resamples)
    bounds = binomtest(int(known.sum()), len(known)).proportion_ci(method="wilson")
    return Interval(float(known[0]), float(bounds.low), float(bounds.high))


def bootstrap_pooled(sums: npt.ArrayLike, counts: npt.ArrayLike, seed: int, resamples: int = _RESAMPLES) -> Interval:
    """Σ sums / Σ counts with its 95 % interval, where each person [p] has a sum of values and how many they are.

    As `bootstrap`, which weighs people alike; here each value weighs alike, and people are still what is drawn.
    """
    total, number = _people(sums), _people(counts)
    total, number = total[number > 0], number[number > 0]
    rng, people = np.random.default_rng(seed), len(number)
    ratios = []
    for draws in _portions(resamples, people):
        drawn = rng.multinomial(people, np.full(people, 1 / people), size=draws)
        ratios.append(drawn @ total / (drawn @ number))
    low, high = np.quantile(np.concatenate(ratios), (0.025, 0.975))
    return Interval(float(total.sum() / number.sum()), float(low), float(high))


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
        key: CorrectedTest(test.difference, test.low, test.high, test.p, float(p))
        for (key, test), p in zip(tests.items(), corrected, strict=True)
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


def _ranks_of_one(scores: npt.NDArray[np.floating], relevant: IntArray, excluded: IntArray) -> IntArray:
    """The ranks [r] of one person's relevant rows, best first."""
    is_rival = np.ones(len(scores), dtype=bool)
    is_rival[excluded[excluded != UNKNOWN]] = False
    known = relevant[relevant != UNKNOWN]
    known = known[is_rival[known]]
    is_rival[known] = False
    rivals = scores[is_rival]
    found = np.full(len(relevant), NEVER, dtype=np.int64)
    for place, score in enumerate(np.sort(scores[known])[::-1]):
        found[place] = np.count_nonzero(rivals >= score) + place + 1
    return found


def _rows(given: Sequence[int] | IntArray, n_items: int) -> IntArray:
    """Rows without repeats; UNKNOWN may repeat."""
    rows = np.asarray(given, dtype=np.int64)
    if rows.size and not (rows.min() >= UNKNOWN and rows.max() < n_items):
        raise ValueError(f"A row is not between 0 and {n_items - 1}.")
    return np.concatenate([np.unique(rows[rows != UNKNOWN]), rows[rows == UNKNOWN]])


def _checked(ranks: npt.ArrayLike) -> IntArray:
    """Ranks as [p, r]."""
    table = np.asarray(ranks, dtype=np.int64)
    table = table.reshape(-1, 1) if table.ndim == 1 else table
    if (table < ABSENT).any():
        raise ValueError("Ranks count from 1.")
    if not (table != ABSENT).any(axis=1).all():
        raise ValueError("A person has no relevant item: leave them out.")
    return table


def _hits(table: IntArray, k: int) -> npt.NDArray[np.bool_]:
    if k < 1:
        raise ValueError(f"k is {k}; it counts from 1.")
    hits: npt.NDArray[np.bool_] = (table != ABSENT) & (table <= k)
    return hits


def _relevant(table: IntArray) -> IntArray:
    """How many relevant items each person has [p]."""
    counts: IntArray = (table != ABSENT).sum(axis=1)
    return counts


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
