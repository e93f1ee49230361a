"""Measures of predicted ratings on randomly shown pairs: AUC, NDCG within each person's pairs, squared error."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from debias.exposure import Rows
from debias.weights import FloatArray


@dataclass(frozen=True)
class Measures:
    """Of one set of scores. `auc` is over all pairs together; a rating of `relevant` or more is a positive."""

    auc: float
    ndcg: float
    squared_error: float


def measure(users: Rows, ratings: FloatArray, scores: FloatArray, *, relevant: float, k: int = 5) -> Measures:
    """All three for pairs [m] with users' rows, true ratings and scores."""
    return Measures(
        auc=float(roc_auc_score(ratings >= relevant, scores)),
        ndcg=float(np.mean(ndcg_by_user(users, ratings >= relevant, scores, k))),
        squared_error=float(np.mean((ratings - scores) ** 2)),
    )


def ndcg_by_user(users: Rows, positive: npt.NDArray[np.bool_], scores: FloatArray, k: int) -> FloatArray:
    """NDCG@k over each person's own pairs, binary gains, ties in the order of the pairs; [people with a positive].

    People without a positive have no best ranking and are left out (some published code counts them as 1).
    """
    order = np.lexsort((np.arange(len(users)), -scores, users))
    starts = np.flatnonzero(np.diff(users[order], prepend=-1))
    values = []
    for gains in np.split(positive[order], starts[1:]):
        if gains.any():
            discounts = 1 / np.log2(np.arange(2, k + 2))
            best = discounts[: min(k, int(gains.sum()))].sum()
            values.append(float((gains[:k] * discounts[: len(gains)]).sum() / best))
    return np.array(values)


def error_by_popularity(
    popularity: FloatArray, errors: FloatArray, slices: int = 4
) -> list[tuple[float, float, float]]:
    """Squared errors [m] by how often their items were rated [m]: (fewest, most, mean error) of each slice."""
    edges = np.quantile(popularity, np.linspace(0, 1, slices + 1))
    slot = np.clip(np.searchsorted(edges, popularity, side="right") - 1, 0, slices - 1)
    rows = [(popularity[slot == one], errors[slot == one]) for one in range(slices)]
    return [(float(counts.min()), float(counts.max()), float(part.mean())) for counts, part in rows if len(part)]
