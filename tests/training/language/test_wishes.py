"""Wishes are of every kind, and the item that they are drawn for meets them."""

from collections import Counter

import numpy as np

from core.intent import Intent
from core.item import Credit, Item
from index.filters import matches, unsuitable, violates
from training.language.wishes import draw_intent

ITEM = Item(
    id="7",
    title="Alien",
    year=1979,
    categories=("Horror", "Sci-Fi"),
    people=(Credit(name="Ridley Scott", role="director"), Credit(name="Sigourney Weaver", role="actor")),
    numbers={"minutes": 117.0, "min age": 16.0},
    facts={"country": "UK, USA", "language": "English", "shelf": "B 3"},
)
CATEGORIES = ("Comedy", "Drama", "Horror", "Sci-Fi")


def drawn(item: Item, count: int = 400) -> list[tuple[Intent, tuple[str, ...]]]:
    return [draw_intent(item, ["1", "2", "3"], CATEGORIES, np.random.default_rng([5, n])) for n in range(count)]


def test_the_item_meets_what_is_wished() -> None:
    for intent, _ in drawn(ITEM):
        assert all(matches(ITEM, intent.wishes).values()), intent.wishes
        assert not violates(ITEM, intent.vetoes, intent.wishes)
        assert not unsuitable(ITEM, intent.wishes)


def test_wishes_of_every_kind_are_drawn() -> None:
    kinds = Counter(name for intent, _ in drawn(ITEM) for name in intent.wishes.model_fields_set)
    assert kinds.keys() == {"categories", "years", "people", "moods", "audience", "numbers", "facts"}
    assert min(kinds.values()) > 10
    facts = {name for intent, _ in drawn(ITEM) for name in intent.wishes.facts}
    assert facts == {"country", "language"}  # nobody asks for a shelf
    assert {name for intent, _ in drawn(ITEM) for name in intent.wishes.numbers} == {"minutes"}
    assert any(intent.vetoes.categories for intent, _ in drawn(ITEM))
    assert any(intent.disliked for intent, _ in drawn(ITEM))
    words = {intent.query for intent, _ in drawn(ITEM.model_copy(update={"description": "A creature hunts a crew."}))}
    assert {"", "creature", "gripping"} <= words


def test_people_are_known_by_choices_by_likings_by_a_comparison_or_not_at_all() -> None:
    kinds = Counter((bool(intent.liked), bool(intent.similar_to), bool(known)) for intent, known in drawn(ITEM))
    assert kinds.keys() == {
        (False, False, False),
        (True, False, False),
        (False, True, False),
        (False, False, True),
    }
    assert min(kinds.values()) > 20


def test_of_an_item_with_a_title_alone_nothing_can_be_wished() -> None:
    assert all(intent.wishes.is_empty for intent, _ in drawn(Item(id="1", title="Untitled"), 50))


def test_without_a_history_nobody_likes_anything() -> None:
    for number in range(50):
        intent, known = draw_intent(ITEM, [], CATEGORIES, np.random.default_rng(number))
        assert not intent.liked
        assert not intent.similar_to
        assert not known
