import polars as pl

from catalog.catalog import INTERACTION_SCHEMA, in_time_order
from catalog.splits import leave_last_out, row_sequences, sequences
from core.item import Item, ItemTable

ITEMS = ItemTable(Item(id=item_id, title=item_id) for item_id in ("b", "a", "c"))
INTERACTIONS = pl.DataFrame(
    [("ann", "a", 2.0, None), ("ann", "b", 2.0, None), ("bob", "c", 1.0, None), ("ann", "c", 3.0, 5.0)],
    schema=INTERACTION_SCHEMA,
    orient="row",
)


def test_ties_in_time_follow_the_order_of_the_items() -> None:
    ordered = in_time_order(INTERACTIONS, ITEMS)
    assert ordered["item_id"].to_list() == ["c", "b", "a", "c"]
    assert sequences(ordered) == {"bob": ["c"], "ann": ["b", "a", "c"]}
    assert [rows.tolist() for rows in row_sequences(ordered, ITEMS)] == [[2], [0, 1, 2]]


def test_the_last_choice_is_held_out_unless_it_is_the_only_one() -> None:
    holdout = leave_last_out(in_time_order(INTERACTIONS, ITEMS))
    assert holdout.test == {"ann": "c"}
    assert sequences(holdout.train) == {"bob": ["c"], "ann": ["b", "a"]}
