"""Titles in messages, however they are written."""

import numpy as np
import pytest

from core.conversation import Message
from core.item import Item, ItemTable
from evaluation.dialogues.mentions import MentionFinder

ITEMS = ItemTable(
    [
        Item(id="101", title="The Babadook", year=2014),
        Item(id="102", title="It", year=2017),
        Item(id="103", title="It", year=1990),
        Item(id="104", title="Blade Runner", year=1982),
        Item(id="105", title="Amélie", year=2001),
        Item(id="106", title="The Shining", year=1980),
        Item(id="107", title="Jumanji", year=1995),
        Item(id="108", title="Jumanji", year=2017),
    ]
)
FINDER = MentionFinder(ITEMS, np.array([0, 0, 0, 0, 0, 0, 2, 9]))


def _rows(text: str, seen: tuple[int, ...] = ()) -> list[int]:
    said = FINDER.dialogue([Message(role="user", content=text)], seen)
    return [row for utterance in said for row in utterance.rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("I liked @106, and @101.", [5, 0]),
        ("something like @999", []),
        ("Like The Babadook (2014) or the shining (1980)", [0, 5]),
        ("It (2017) was great, better than It (1990)", [1, 2]),
        ("amelie  ( 2001)", [4]),
        ("Amelie (2002)", [4]),
        ("I love Blade Runner", [3]),
        ("I love blade runer", [3]),
        ("it was fun, yes it was", []),
        ("Have you seen Jumanji?", [7]),
        ("@106 then Blade Runner then The Babadook (2014)", [5, 3, 0]),
    ],
)
def test_items_are_found(text: str, rows: list[int]) -> None:
    assert _rows(text) == rows


def test_titles_are_no_words() -> None:
    (utterance,) = FINDER.dialogue([Message(role="user", content="Scary like @101 or The Shining (1980)!")])
    assert utterance.words.split() == ["Scary", "like", "or", "!"]


def test_what_was_seen_settles_which_is_meant_and_comes_first_when_unnamed() -> None:
    assert _rows("Have you seen Jumanji?", seen=(6,)) == [6]
    said = FINDER.dialogue([Message(role="user", content="I love Blade Runner")], seen=(3, 5))
    assert [utterance.rows for utterance in said] == [(5,), (3,)]


def test_who_speaks_is_kept_and_the_system_is_not_read() -> None:
    roles = ("system", "assistant", "user")
    said = FINDER.dialogue([Message(role=role, content="The Shining (1980)") for role in roles])
    assert [utterance.by_person for utterance in said] == [False, True]
