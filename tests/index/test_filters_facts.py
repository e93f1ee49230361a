"""Facts, players and ages as wishes and vetoes: they filter, and the answer says them as people do."""

import numpy as np
import pytest

from agent.phrases import describe
from core.intent import Intent, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from index.evidence import EvidenceWriter
from index.facets import Facets
from index.facts import countries, languages, value_in_words, values_of
from index.filters import matches, rules_out, select, violates
from index.graph import ItemGraph
from index.phrases import attribute, money
from tests.index.films import ITEMS, WORDING, history_model, statistics

WINE = Item(id="1", title="Riesling", numbers={"price": 12.5}, facts={"country": "Germany", "currency": "EUR"})
GAME = Item(id="2", title="Catan", numbers={"min players": 3, "max players": 4, "min age": 10})
FOR_TWO = {"min players": Range(last=2), "max players": Range(first=2)}
FOR_FOUR = {"min players": Range(last=4), "max players": Range(first=4)}


def test_facts_filter_by_each_of_their_values() -> None:
    books = [Item(id=str(n), title="", facts=facts) for n, facts in enumerate(({"language": "English, German"}, {}))]
    facets = Facets.of(books)
    german = Preferences(facts={"language": ("german", "Latin")})
    assert rules_out(german, facets).tolist() == [True, False]
    assert select(facets, np.ones(2, dtype=bool), german, needed=1).chosen.tolist() == [True, False]
    assert matches(WINE, Preferences(facts={"country": ("Italy",)})) == {"from Italy": False}


def test_players_are_one_wish_and_one_veto() -> None:
    assert matches(GAME, Preferences(numbers=FOR_TWO)) == {"for 2 players": False}
    assert matches(GAME, Preferences(numbers=FOR_FOUR)) == {"for 4 players": True}
    assert violates(GAME, Preferences(numbers=FOR_FOUR))
    assert not violates(GAME, Preferences(numbers=FOR_TWO))


@pytest.mark.parametrize(
    ("preferences", "words"),
    [
        (Preferences(facts={"country": ("Germany", "Italy")}), "from Germany or Italy"),
        (Preferences(facts={"language": ("ger", "German")}, categories=("Crime",)), "crime, in German"),
        (Preferences(facts={"brand": ("NorthRidge",), "format": ("CD",)}), "by NorthRidge, format CD"),
        (Preferences(numbers={**FOR_FOUR, "price": Range(last=9)}), "for 4 players and price up to 9"),
        (Preferences(numbers={"min age": Range(last=6)}), "from age 6"),
    ],
)
def test_wishes_in_words(preferences: Preferences, words: str) -> None:
    assert describe(preferences) == words


def test_values_are_parted_and_numbers_are_none() -> None:
    assert values_of("English, French; German") == ("English", "French", "German")
    assert values_of("9,5 %") == ()
    assert value_in_words("language", "fre") == "French"
    assert value_in_words("country", "fre") == "fre"
    writings = [writing for each in languages().values() for writing in each]
    assert len(writings) == len(set(writings))
    assert countries()["Germany"][1] == ("german",)


def test_an_amount_and_a_series() -> None:
    assert (money(12.5), money(12.0)) == ("12.50", "12")
    assert attribute("series", "Discworld") == "Its series is Discworld."


def test_evidence_of_facts_prices_and_players() -> None:
    """A price is told with its currency, a currency never alone."""
    facts = {"currency": "EUR", "country": "Germany", "language": "ger", "brand": "Eiswerk"}
    numbers = {"price": 12.5, "min players": 2, "max players": 4, "min age": 6}
    changed = ITEMS["heat"].model_copy(update={"facts": facts, "numbers": numbers})
    items = ItemTable([changed if item.id == "heat" else item for item in ITEMS])
    writer = EvidenceWriter(items, statistics(), history_model(), ItemGraph.build(items), WORDING)
    wanted = {"country": ("Germany",), "language": ("ger",), "brand": ("Eiswerk", "Nord")}
    bounds = {**FOR_FOUR, "price": Range(last=20), "min age": Range(last=7)}
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(facts=wanted, numbers=bounds))
    texts = {piece.text for piece in writer.write("heat", intent)}
    assert {
        "It costs 12.50 EUR.",
        "As you asked, it costs 12.50 EUR.",
        "As you asked, it is from Germany.",
        "As you asked, it is in German.",
        "As you asked, its brand is Eiswerk.",
        "As you asked, it is for 2 to 4 players.",
        "As you asked, it is for ages 6 and up.",
    } <= texts
    assert not any("currency" in text for text in texts)
