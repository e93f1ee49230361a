"""Facts, players and ages in the words of a catalogue: what it knows is honoured, what it lacks is said."""

import pytest

from agent.limits import unknown_facts, unknown_wishes
from agent.understand.rules import RulesUnderstanding
from core.artifacts import Wording
from core.conversation import Message
from core.intent import Audience, Intent, Preferences, Range
from core.item import Item, ItemTable

WORDING = Wording(item="wine", items="wines", category="kind")


def _wine(number: int, country: str, kind: str, **facts: str) -> Item:
    facts = {"country": country, "currency": "EUR", "brand": "Granite", **facts}
    return Item(id=f"w{number}", title=f"Cuvee {number}", categories=(kind,), numbers={"price": 9}, facts=facts)


WINES = ItemTable(
    [_wine(1, "Germany", "white"), _wine(2, "Deutschland", "red", brand="Eiswerk"), _wine(3, "France", "red")]
)
BOOKS = ItemTable(
    [Item(id=f"b{n}", title=f"Opus {n}", facts={"language": code}) for n, code in enumerate(("ger", "eng", "ger, eng"))]
)
GAMES = ItemTable(
    [Item(id="g", title="Catan", numbers={"min players": 3, "max players": 4, "min age": 10, "price": 30})]
)


def _read(table: ItemTable, *said: str) -> Intent:
    messages = [Message(role="user", content=text) for text in said]
    return RulesUnderstanding(table).fold(messages).intent()


@pytest.mark.parametrize(
    ("table", "said", "wished", "vetoed"),
    [
        (WINES, "white wine from Germany", {"country": ("Germany", "Deutschland")}, {}),
        (WINES, "a French red", {"country": ("France",)}, {}),
        (WINES, "nothing from Germany, please", {}, {"country": ("Germany", "Deutschland")}),
        (WINES, "no French or German wines", {}, {"country": ("France", "Germany", "Deutschland")}),
        (WINES, "a wine from Portugal", {"country": ("Portugal",)}, {}),
        (WINES, "a red by Eiswerk", {"brand": ("Eiswerk",)}, {}),
        (WINES, "no Granite, please", {}, {"brand": ("Granite",)}),
        (WINES, "a granite bowl", {}, {}),
        (WINES, "under 20 EUR", {}, {}),
        (BOOKS, "a crime novel in English", {"language": ("eng",)}, {}),
        (BOOKS, "nothing in German", {}, {"language": ("ger",)}),
        (BOOKS, "a book about German history", {}, {}),
        (BOOKS, "something set in Germany", {}, {}),
    ],
)
def test_facts_that_the_catalogue_has(
    table: ItemTable, said: str, wished: dict[str, tuple[str, ...]], vetoed: dict[str, tuple[str, ...]]
) -> None:
    intent = _read(table, said)
    assert (intent.wishes.facts, intent.vetoes.facts) == (wished, vetoed)
    assert not intent.wishes.people
    assert not intent.unknown_titles


def test_a_new_value_replaces_the_old_one_and_lifts_its_veto() -> None:
    assert _read(WINES, "wine from Germany", "also from France").wishes.facts == {
        "country": ("Germany", "Deutschland", "France")
    }
    last = _read(WINES, "nothing from France", "a wine from France")
    assert last.wishes.facts == {"country": ("France",)}
    assert last.vetoes.facts == {}


def test_five_german_novels_are_five() -> None:
    assert _read(BOOKS, "five German novels").count == 5


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("a 2 player game", 2, 2),
        ("for four", 4, 4),
        ("a game for 4 people", 4, 4),
        ("something solo", 1, 1),
        ("for 3 to 5 players", 3, 5),
        ("the two of us", 2, 2),
    ],
)
def test_players(said: str, least: int, most: int) -> None:
    wanted = {"min players": Range(last=least), "max players": Range(first=most)}
    intent = _read(GAMES, said)
    assert (intent.wishes.numbers, intent.count) == (wanted, None)
    assert not _read(WINES, said).wishes.numbers


def test_ages_are_numbers_only_where_the_catalogue_has_them() -> None:
    assert _read(GAMES, "for my 6 year old").wishes == Preferences(numbers={"min age": Range(last=6)})
    assert _read(GAMES, "ages 8 and up").wishes.numbers == {"min age": Range(last=8)}
    assert _read(WINES, "for my 6 year old").wishes.audience is Audience.KIDS


def test_what_no_item_has_is_said() -> None:
    wishes = Preferences(facts={"country": ("Portugal",)})
    assert unknown_wishes(wishes, Preferences(), WINES, WORDING) == ("No wine of this catalogue is from Portugal.",)
    assert unknown_wishes(Preferences(), wishes, WINES, WORDING) == ()
    lacking = ("This catalogue doesn't say where wines are from, so I can't go by that.",)
    assert unknown_facts("nothing from Germany, please", GAMES, WORDING) == lacking
    assert unknown_facts("nothing from Germany, please", WINES, WORDING) == ()


@pytest.mark.parametrize(
    ("said", "bounds"),
    [
        ("something like Cuvee 1 but cheaper", {"price": Range(last=8.99)}),
        ("something like Cuvee 1 but more expensive", {"price": Range(first=9.01)}),
    ],
)
def test_relative_prices(said: str, bounds: dict[str, Range]) -> None:
    assert _read(WINES, said).wishes.numbers == bounds
