"""The item table: rows, and which item has which category."""

import pytest

from core.errors import InputError
from core.item import Item, ItemTable

ITEMS = ItemTable(
    [
        Item(id="a", title="A", categories=("War", "Drama")),
        Item(id="b", title="B"),
        Item(id="c", title="C", categories=("Drama", "Drama")),
    ]
)


def test_categories_are_columns_in_their_order() -> None:
    assert ITEMS.categories == ("Drama", "War")
    assert ITEMS.category_matrix.tolist() == [[True, True], [False, False], [True, False]]


def test_the_matrix_is_everybodys_and_cant_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        ITEMS.category_matrix[0, 0] = False


def test_a_table_of_nothing_has_no_columns() -> None:
    assert ItemTable([]).category_matrix.shape == (0, 0)
    assert ItemTable([]).years is None


def test_an_id_stands_for_one_item() -> None:
    with pytest.raises(InputError, match="share an id"):
        ItemTable([Item(id="a", title="A"), Item(id="a", title="B")])
