import hashlib

import numpy as np
import polars as pl

from catalog.catalog import INTERACTION_SCHEMA, in_time_order
from catalog.source import find_source
from catalog.splits import (
    HELD_OUT,
    Part,
    Position,
    before_held_out,
    held_out,
    people_held_out,
    place_of,
    row_sequences,
    sequences,
)
from core.item import Item, ItemTable

PARTS: tuple[Part, ...] = ("test", "validation")
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


def test_the_last_choice_is_the_tests_and_the_one_before_it_is_validations() -> None:
    people = [np.array([4, 2, 9]), np.array([7]), np.array([1, 3])]
    found = {part: [(one.person, one.history.tolist(), one.target) for one in held_out(people, part)] for part in PARTS}
    assert found == {"test": [(0, [4, 2], 9), (2, [1], 3)], "validation": [(0, [4], 2)]}
    assert [one.person for one in held_out(people, "test", least=2)] == [0]


def test_several_choices_of_one_person_may_be_held_out() -> None:
    assert (place_of("test", 10, 3), place_of("validation", 10, 3), place_of("validation", 5, 3)) == (7, 4, -1)
    ordered = in_time_order(INTERACTIONS, ITEMS)
    (ann,) = people_held_out(ordered, ITEMS, "test", count=2)
    assert (ann.user_id, ann.history.tolist(), ann.times.tolist(), ann.targets.tolist()) == ("ann", [0], [2.0], [1, 2])
    assert people_held_out(ordered, ITEMS, "validation", count=2) == []
    assert [one.targets.tolist() for one in people_held_out(ordered, ITEMS, "validation")] == [[1]]
    assert people_held_out(ordered, ITEMS, "test", least=3) == []


def test_nobodys_held_out_choices_are_among_what_came_before() -> None:
    ordered = in_time_order(INTERACTIONS, ITEMS)
    assert HELD_OUT == 2
    assert sequences(before_held_out(ordered)) == {"ann": ["b"]}


def test_what_is_held_out_of_movielens_stays_the_same() -> None:
    """Numbers of different days are compared: the same rows must be foretold from the same histories."""
    catalog = find_source("ml-100k").read()
    people = row_sequences(catalog.interactions, catalog.items)
    digests = {part: digest(held_out(people, part)) for part in PARTS}
    assert digests == {"test": "b9b32fa2bfc160a9", "validation": "b2e3ec3f1bf40666"}


def digest(positions: list[Position]) -> str:
    found = hashlib.sha256()
    for one in positions:
        found.update(one.history.tobytes() + b"|" + np.int64(one.target).tobytes() + b";")
    return found.hexdigest()[:16]
