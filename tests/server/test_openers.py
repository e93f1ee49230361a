"""Examples of a catalogue for its first screen: short, and such that each of them is understood."""

import asyncio

import numpy as np
import pytest

from agent.understand.rules import RulesUnderstanding
from core.artifacts import Wording
from core.conversation import Message
from core.intent import TurnKind
from core.item import Item, ItemTable
from server.openers import openers
from tests.catalogue import FILMS, WORDING

TENTS = ItemTable(
    Item(id=name, title=name, categories=("Tents", "Camping"), numbers={"price": 100.0 + n})
    for n, name in enumerate(("Alpine", "Bivouac", "Cove", "Dune", "Eyrie"))
)
_KINDS = (("Dune", "Sci-Fi & Fantasy", "Action/Adventure"), ("Emma", "Sci-Fi & Fantasy"), ("Momo", "Action/Adventure"))
KINDS = ItemTable(
    Item(id=name, title=name, categories=categories, numbers={"price": 10.0 + n})
    for n, (name, *categories) in enumerate(_KINDS)
)
SHOP = Wording(item="product", items="products", category="category")
NOBODY = np.zeros(5, dtype=np.int64)


def test_the_items_that_most_people_know_are_named() -> None:
    chosen = np.arange(len(FILMS))
    assert openers(FILMS, chosen, WORDING) == [
        "I liked Taxi Driver and Ghost. What next?",
        "A thriller from the 1970s",
        "Something like Star Wars, but funnier",
        "A comedy, but no romance",
    ]


def test_a_shop_names_prices_and_no_years() -> None:
    assert openers(TENTS, NOBODY, SHOP)[1:] == [
        "Something listed under tents for less than 102",
        "Something like Cove",
        "Something listed under camping, but no tents",
    ]


def test_a_catalogue_that_knows_little_has_fewer_examples() -> None:
    long = ItemTable(
        [Item(id="1", title="A title that no button on a phone could ever show"), Item(id="2", title="Pot")]
    )
    assert openers(long, NOBODY[:2], SHOP) == ["I liked Pot. What next?"]
    assert openers(ItemTable([]), NOBODY[:0], SHOP) == []


def test_a_category_of_two_kinds_is_an_example_too() -> None:
    assert openers(KINDS, NOBODY[:3], SHOP)[1:] == [
        "Something listed under sci-fi & fantasy for less than 11",
        "Something like Momo",
        "Something listed under action/adventure, but no sci-fi & fantasy",
    ]


@pytest.mark.parametrize(("items", "wording"), [(FILMS, WORDING), (TENTS, SHOP), (KINDS, SHOP)])
def test_each_example_is_understood(items: ItemTable, wording: Wording) -> None:
    understanding = RulesUnderstanding(items)
    for message in openers(items, np.arange(len(items)), wording):
        intent = asyncio.run(understanding.understand([Message(role="user", content=message)])).intent
        assert intent.kind is TurnKind.RECOMMEND, message
        assert intent.liked or intent.similar_to or not intent.wishes.is_empty, message
