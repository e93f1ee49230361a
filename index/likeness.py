"""How alike items are: chosen by the same people, near in embedding, of the same categories, with the same people."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from core.item import ItemTable
from index.graph import ItemGraph
from index.history import HistoryModel

FloatArray = npt.NDArray[np.float64]

CHOICES, TEXT, CATEGORIES, PEOPLE = 0.45, 0.25, 0.2, 0.1
# Sharing this many entities is as alike as people can make two items.
_ENOUGH_SHARED = 4


def unit(scores: npt.NDArray[np.floating]) -> FloatArray:
    """Scores above zero in relation to the best, so in [0, 1]; zeros when none is above zero."""
    positive = np.maximum(scores.astype(np.float64), 0.0)
    best = float(positive.max(initial=0.0))
    return positive / best if best > 0 else positive


class Likeness:
    """Likeness of every item of a catalogue to a few."""

    def __init__(
        self, items: ItemTable, embeddings: npt.NDArray[np.float32], history_model: HistoryModel, graph: ItemGraph
    ) -> None:
        """`embeddings` [n, d] have unit length."""
        self._items = items
        self._embeddings = embeddings
        self._history_model = history_model
        self._graph = graph
        self._categories = csr_array(items.category_matrix, dtype=np.float64)  # [n, c]
        self._rarity = np.log((1 + len(items)) / (1 + self._categories.sum(axis=0)))  # [c] of all items to those in it
        self._category_weights = self._categories @ self._rarity  # [n]

    def to(self, rows: Sequence[int]) -> FloatArray:
        """Likeness in [0, 1] of each item [n] to these rows together; zeros for no rows."""
        if not rows:
            return np.zeros(len(self._items))
        # The root lets the rest count beside an outlier, such as the sequel that everybody chose too.
        chosen = np.sqrt(unit(self._history_model.scores(rows, decay=1.0)))
        total = CHOICES * chosen + TEXT * nearness(self._embeddings, self._embeddings[list(rows)].mean(axis=0))
        total += CATEGORIES * self._categories_alike(rows) + PEOPLE * self._people_alike(rows)
        return total

    def _categories_alike(self, rows: Sequence[int]) -> FloatArray:
        """Shared categories in relation to all of both items (Jaccard), rare ones weighing more; the mean over rows."""
        # Many rows have the same categories: each set of them is compared once.
        sets, counts = np.unique(self._categories[list(rows)].toarray(), axis=0, return_counts=True)
        total = np.zeros(len(self._items))
        for categories, count in zip(sets * self._rarity, counts, strict=True):
            shared = self._categories @ categories
            union = self._category_weights + categories.sum() - shared
            total += count * np.divide(shared, union, out=np.zeros(len(total)), where=union > 0)
        return total / len(rows)

    def _people_alike(self, rows: Sequence[int]) -> FloatArray:
        total = np.zeros(len(self._items))
        for row in rows:
            for item_id, count in self._graph.related(self._items.items[row].id).items():
                total[self._items.row(item_id)] += min(1.0, count / _ENOUGH_SHARED)
        return total / len(rows)


def nearness(embeddings: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32]) -> FloatArray:
    """Nearness in [0, 1] of each of `embeddings` [n, d] to one [d], the average item at 0."""
    similarities = embeddings @ embedding
    return unit(similarities - similarities.mean())
