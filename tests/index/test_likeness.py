"""How alike items are, against the plain sums that the matrices stand for."""

from math import log

import pytest

from core.item import ItemTable
from index.graph import ItemGraph
from index.likeness import Likeness
from tests.index.films import EMBEDDINGS, ITEMS, history_model


def _rarity(items: ItemTable, category: str) -> float:
    return log((1 + len(items)) / (1 + sum(category in item.categories for item in items)))


def _alike(items: ItemTable, first: int, second: int) -> float:
    """Jaccard of the categories of two rows, each weighing its rarity."""
    ours, theirs = (set(items.items[row].categories) for row in (first, second))
    whole = sum(_rarity(items, category) for category in ours | theirs)
    return sum(_rarity(items, category) for category in ours & theirs) / whole if whole else 0.0


@pytest.mark.parametrize("rows", [[0], [1, 2], [0, 7, 0, 3], [6, 5, 4, 3, 2, 1, 0]])
def test_categories_alike_are_the_mean_over_the_rows(rows: list[int]) -> None:
    likeness = Likeness(ITEMS, EMBEDDINGS, history_model(), ItemGraph.build(ITEMS))
    expected = [sum(_alike(ITEMS, row, each) for each in rows) / len(rows) for row in range(len(ITEMS))]
    assert likeness._categories_alike(rows).tolist() == pytest.approx(expected)
