"""How different the items of one list are: the mean distance over its pairs.

Intra-list diversity as in Ziegler et al. (2005), "Improving recommendation lists through topic diversification", in the
form of Castells, Hurley and Vargas (2015), "Novelty and diversity in recommender systems", section 26.3.1.
"""

import numpy as np
import numpy.typing as npt

from evaluation.metrics.lists import EMPTY, BoolArray, FloatArray, IntArray, checked, portions, ratio


def diversity_by_category(recommended: npt.ArrayLike, categories: BoolArray) -> FloatArray:
    """The mean Jaccard distance of categories over each list's pairs [p], from 0 (all alike) to 1.

    `categories` are [n, c]. A pair counts where both items have a category.
    """
    rows = checked(recommended, len(categories))
    parts = [_jaccard_of(rows[part], categories) for part in portions(len(rows))]
    return np.concatenate(parts) if parts else np.zeros(0)


def diversity_by_embedding(recommended: npt.ArrayLike, embeddings: npt.NDArray[np.floating]) -> FloatArray:
    """The mean of 1 - cosine over each list's pairs [p], from 0 to 2. `embeddings` [n, d] may have any length."""
    rows = checked(recommended, len(embeddings))
    parts = [_cosine_of(rows[part], embeddings) for part in portions(len(rows))]
    return np.concatenate(parts) if parts else np.zeros(0)


def _jaccard_of(rows: IntArray, categories: BoolArray) -> FloatArray:
    of_items = np.where((rows != EMPTY)[..., None], categories[rows], False).astype(np.float32)  # [p, k, c]
    sizes = of_items.sum(axis=2)
    shared = np.einsum("pkc,plc->pkl", of_items, of_items)
    union = sizes[:, :, None] + sizes[:, None, :] - shared
    known = (sizes > 0)[:, :, None] & (sizes > 0)[:, None, :] & _different_places(rows.shape[1])
    distance = 1 - shared / np.maximum(union, 1)
    return ratio(np.where(known, distance, 0).sum(axis=(1, 2), dtype=np.float64), known.sum(axis=(1, 2)))


def _cosine_of(rows: IntArray, embeddings: npt.NDArray[np.floating]) -> FloatArray:
    there = rows != EMPTY
    vectors = embeddings[rows].astype(np.float64) * there[..., None]  # [p, k, d]
    lengths = np.linalg.norm(vectors, axis=2, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    # The square of the sum is the sum over all pairs of places, each place with itself included.
    similarity = np.square(vectors.sum(axis=1)).sum(axis=1) - np.square(vectors).sum(axis=(1, 2))
    count = there.sum(axis=1)
    return 1 - ratio(similarity, count * (count - 1))


def _different_places(k: int) -> BoolArray:
    return ~np.eye(k, dtype=bool)[None]
