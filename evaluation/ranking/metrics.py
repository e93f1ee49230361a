"""Metrics of full ranking. Knows nothing about rankers or catalogues.

Every metric takes ranks, counted from 1, and gives one value for each person; the mean of the values is the metric as
it is usually reported, and `evaluation.statistics` gives it with its interval. Ranks come from all items of the
catalogue (sampled negatives order models wrongly: Krichene and Rendle, 2020, "On sampled metrics for item
recommendation").

Shapes: p people, n items, r relevant items of the person who has most.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NEVER = 2**31 - 1  # the rank of an item that can't be recommended: it is excluded, or the catalogue doesn't have it
ABSENT = 0  # fills up the ranks of people who have fewer relevant items than others
UNKNOWN = -1  # the row of an item that the catalogue doesn't have


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
