"""Time-ordered splits for measuring: what a person chose last is what has to be foretold from what came before.

Of each person's choices the last one is the test's and the one before it is validation's; where several are foretold at
once, the test has the last ones and validation as many before them. What comes before a held-out choice is known, so
whoever is asked for the test's may look at validation's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from core.columns import ITEM_ID, TIME, USER_ID
from core.item import ItemTable

IntArray = npt.NDArray[np.int64]
Part = Literal["validation", "test"]

# What nobody may learn from who is to be measured on both parts.
HELD_OUT = 2


@dataclass(frozen=True)
class Position:
    """One choice and what came before it, as rows of the item table, oldest first."""

    person: int  # place among the sequences
    history: IntArray
    target: int


def place_of(part: Part, length: int, count: int = 1) -> int:
    """Where the `count` held-out choices of a part begin among so many; below 0 where there are too few."""
    return length - count * (1 if part == "test" else 2)


def held_out(sequences: Sequence[npt.NDArray[np.integer]], part: Part, *, least: int = 1) -> list[Position]:
    """The held-out choice of each person with at least `least` choices before it."""
    places = ((person, sequence, place_of(part, len(sequence))) for person, sequence in enumerate(sequences))
    return [position(person, sequence, place) for person, sequence, place in places if place >= least]


@dataclass(frozen=True)
class Person:
    """Somebody whose choices of a part are held out: what came before, oldest first, and these."""

    user_id: str
    history: IntArray  # rows
    times: npt.NDArray[np.float64]  # of the history
    targets: IntArray  # rows, as many of everybody


def people_held_out(
    interactions: pl.DataFrame, items: ItemTable, part: Part, *, count: int = 1, least: int = 1
) -> list[Person]:
    """Everybody with `count` choices to hold out and at least `least` before them, in order of first appearance."""
    rows = interactions.select(USER_ID, TIME, pl.Series("row", interaction_rows(interactions, items)))
    people = []
    for user_id, sequence, times in zip(*rows.group_by(USER_ID, maintain_order=True).agg("row", TIME), strict=True):
        place = place_of(part, len(sequence), count)
        if place >= least:
            chosen = sequence.to_numpy()
            people.append(Person(user_id, chosen[:place], times.to_numpy()[:place], chosen[place : place + count]))
    return people


def position(person: int, sequence: npt.NDArray[np.integer], place: int) -> Position:
    """The choice at a place of a person's sequence."""
    return Position(person, np.asarray(sequence[:place], dtype=np.int64), int(sequence[place]))


def before_held_out(interactions: pl.DataFrame) -> pl.DataFrame:
    """The interactions, which are in time order, without the last HELD_OUT of each person."""
    # Added, not subtracted: lengths have no sign, and nobody would have more choices than who has one.
    return interactions.filter(pl.int_range(pl.len()).over(USER_ID) + HELD_OUT < pl.len().over(USER_ID))


def sequences(interactions: pl.DataFrame) -> dict[str, list[str]]:
    """Each person's item ids in time order, people in the order in which they first appear."""
    grouped = interactions.group_by(USER_ID, maintain_order=True).agg(pl.col(ITEM_ID))
    return dict(zip(grouped[USER_ID].to_list(), grouped[ITEM_ID].to_list(), strict=True))


def interaction_rows(interactions: pl.DataFrame, items: ItemTable) -> IntArray:
    """The row of each interaction's item [m]."""
    ids = [item.id for item in items]
    return interactions[ITEM_ID].replace_strict(ids, range(len(ids)), return_dtype=pl.Int64).to_numpy()


def row_sequences(interactions: pl.DataFrame, items: ItemTable) -> list[IntArray]:
    """Each person's items as rows [m] of the table, in time order, people in the order in which they first appear."""
    rows = interactions.select(USER_ID, pl.Series("row", interaction_rows(interactions, items)))
    grouped = rows.group_by(USER_ID, maintain_order=True).agg("row")
    return [sequence.to_numpy() for sequence in grouped["row"]]
