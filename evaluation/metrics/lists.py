"""Lists of item rows as arrays, for all metrics alike."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

EMPTY = -1

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def checked(recommended: npt.ArrayLike, n_items: int) -> IntArray:
    """Recommendations [p, k]. Raises ValueError for another shape and for rows that are no item's."""
    rows = np.asarray(recommended, dtype=np.int64)
    if rows.ndim != 2:
        raise ValueError(f"Recommendations are [people, places], not of shape {rows.shape}.")
    if rows.size and (rows.min() < EMPTY or rows.max() >= n_items):
        raise ValueError(f"A row is not between 0 and {n_items - 1}.")
    return rows


def incidence(lists: Sequence[Sequence[int]] | IntArray, n_items: int) -> csr_array:
    """How often each person's list holds each item, as a sparse [p, n]; lists may differ in length."""
    lengths = np.fromiter((len(rows) for rows in lists), dtype=np.int64, count=len(lists))
    columns = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in lists] or [np.zeros(0, dtype=np.int64)])
    people = np.repeat(np.arange(len(lists)), lengths)
    there = columns != EMPTY
    return csr_array((np.ones(there.sum()), (people[there], columns[there])), shape=(len(lists), n_items))


def mean_over_places(values: FloatArray, there: BoolArray) -> FloatArray:
    """The mean [p] of values [p, k] where there is an item; NaN for an empty list."""
    return ratio(np.where(there, values, 0.0).sum(axis=1), there.sum(axis=1))


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Their quotient, NaN where the denominator is 0."""
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    quotient: FloatArray = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return quotient


def portions(people: int, size: int = 1024) -> Iterable[slice]:
    """People in portions, so that memory does not grow with their number."""
    return (slice(start, start + size) for start in range(0, people, size))
