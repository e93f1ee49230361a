"""The best items by score, as lists."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def best_items(scores: Floats, exclude: Sequence[Sequence[int] | IntArray], k: int) -> list[tuple[IntArray, Floats]]:
    """For each person the rows of the k best items that are not excluded, best first, and their scores.

    `scores` are [p, n] and `exclude` p lists of rows. Of equal scores the lower row comes first; a list is shorter
    than k where fewer items are left. Raises ValueError for a score that is NaN.
    """
    if np.isnan(scores).any():
        raise ValueError("A score is NaN, which no item can be ranked by.")
    return [_best_of_one(own, excluded, k) for own, excluded in zip(scores, exclude, strict=True)]


def _best_of_one(scores: Floats, excluded: Sequence[int] | IntArray, k: int) -> tuple[IntArray, Floats]:
    is_candidate = np.ones(len(scores), dtype=bool)
    is_candidate[np.asarray(excluded, dtype=np.int64)] = False
    rows = np.flatnonzero(is_candidate)
    if k < len(rows):
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]  # k rows, and all that have the last one's score
    best = rows[np.argsort(-scores[rows], kind="stable")[:k]]
    return best, scores[best]
