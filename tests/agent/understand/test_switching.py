"""A whole request after others begins a new search; a fragment changes the one there is."""

import pytest

from agent.understand.rules import RulesUnderstanding
from core.conversation import Message
from core.intent import Audience, Intent, Mood, Order, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from tests.agent.understand.films import FILMS

ANSWER = ("heat", "alien", "seal")
EIGHTIES = Range(first=1980, last=1989)
BOOKS = ItemTable(
    Item(
        id=f"b{number}",
        title=f"Volume {number}",
        categories=("Crime",),
        facts={"language": language},
        numbers={"price": 10.0 * number, "pages": 100.0 * number, "weight": 0.5 * number},
    )
    for number, language in ((1, "German"), (2, "English"), (3, "German"))
)


def intent_after(table: ItemTable, *turns: str | tuple[str, ...]) -> Intent:
    """Strings are the person's messages, tuples the items of our answers."""
    messages = [
        Message(role="user", content=turn)
        if isinstance(turn, str)
        else Message(role="assistant", content="Try these.", item_ids=turn)
        for turn in turns
    ]
    return RulesUnderstanding(table).fold(messages).intent()


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("recommend me a comedy for the kids", Preferences(categories=("Comedy",), audience=Audience.KIDS)),
        ("a western with Clint Eastwood", Preferences(categories=("Western",), people=("Clint Eastwood",))),
        ("what about a musical with Tom Hanks", Preferences(categories=("Musical",), people=("Tom Hanks",))),
        ("too scary, recommend me a comedy", Preferences(categories=("Comedy",))),
        ("ok great. now a war film", Preferences(categories=("War",))),
        ("show me a comedy", Preferences(categories=("Comedy",))),
        ("the newest comedy", Preferences(categories=("Comedy",))),
        ("documentaries from the 90s", Preferences(categories=("Documentary",), years=(Range(first=1990, last=1999),))),
    ],
)
def test_a_whole_request_starts_anew(text: str, wishes: Preferences) -> None:
    intent = intent_after(FILMS, "no musicals, and i loved Fargo. a funny thriller from the 80s", ANSWER, text)
    assert (intent.kind, intent.wishes, intent.liked) == (TurnKind.RECOMMEND, wishes, ("fargo",))
    assert intent.vetoes.categories == (() if "Musical" in wishes.categories else ("Musical",))


@pytest.mark.parametrize(
    "text",
    [
        "but funnier",
        "one with Tom Hanks",
        "i want it to be funny",
        "a shorter film",
        "a different thriller",
        "how about a comedy?",
        "with some romance in it",
        "a comedy instead",
        "not quite, i want a funny comedy",
        "we would like it funny",
    ],
)
def test_a_fragment_changes_the_search_there_is(text: str) -> None:
    intent = intent_after(FILMS, "a thriller from the 80s", ANSWER, text)
    assert intent.kind is TurnKind.REFINE
    assert intent.wishes.years == (EIGHTIES,)
    assert not intent.similar_to


def test_telling_a_taste_keeps_the_wishes() -> None:
    intent = intent_after(FILMS, "a thriller from the 80s", ANSWER, "i loved Seven")
    assert intent.wishes == Preferences(categories=("Thriller",), years=(EIGHTIES,))


def test_what_always_holds_outlasts_a_new_search() -> None:
    standing = intent_after(FILMS, "we always watch with our kids. a comedy from the 80s", ANSWER, "a western, please")
    assert standing.wishes == Preferences(categories=("Western",), audience=Audience.KIDS)
    once = intent_after(FILMS, "a comedy from the 80s for the kids", ANSWER, "a western, please")
    assert once.wishes == Preferences(categories=("Western",))
    german = intent_after(BOOKS, "I only read German. a crime novel", ("b1",), "in English", ("b2",), "a crime novel")
    assert german.wishes.facts == {"language": ("German",)}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("the cheapest crime novel", Order(by="price")),
        ("what is your most expensive book?", Order(by="price", descending=True)),
        ("a cheap book", Order(by="price")),
        ("the longest book you have", Order(by="pages", descending=True)),
        ("the one with the fewest pages", Order(by="pages")),
        ("the lightest one", Order(by="weight")),
        ("newest books", Order(by="year", descending=True)),
        ("best rated crime", Order(by="rating", descending=True)),
        ("the most popular", Order(by="popularity", descending=True)),
        ("a book for my oldest", None),
        ("a book by friday at the latest", None),
        ("not too cheap", None),
    ],
)
def test_a_superlative_is_an_order(text: str, order: Order | None) -> None:
    assert intent_after(BOOKS, text).order == order


def test_light_is_a_mood_where_nothing_has_a_weight() -> None:
    assert intent_after(FILMS, "a lighter film").wishes.moods == (Mood.FEEL_GOOD,)


def test_an_order_lasts_as_wishes_do_and_may_bring_back_what_was_shown() -> None:
    assert intent_after(BOOKS, "crime in German", ("b1", "b3"), "the cheapest").shown == ()
    later = intent_after(BOOKS, "the cheapest crime novel", ("b1",), "in German")
    assert later.order == Order(by="price")
    assert intent_after(BOOKS, "the cheapest crime novel", ("b1",), "recommend me a crime novel").order is None


@pytest.mark.parametrize(
    ("turns", "last"),
    [
        (("something cheaper",), 19.99),  # than the middle one of the answer
        (("something cheaper than the third one",), 29.99),
        (("how much is the third?", (), "something cheaper"), 29.99),
    ],
)
def test_cheaper_is_measured_by_what_was_named_asked_about_or_shown(
    turns: tuple[str | tuple[str, ...], ...], last: float
) -> None:
    intent = intent_after(BOOKS, "crime", ("b1", "b2", "b3"), *turns)
    assert intent.wishes.numbers == {"price": Range(last=last)}


def test_the_farthest_of_what_was_shown_is_a_comparison() -> None:
    intent = intent_after(BOOKS, "crime", ("b1", "b2"), "the cheapest of those")
    assert (intent.kind, intent.about, intent.order) == (TurnKind.COMPARE, ("b1", "b2"), None)


def test_something_says_nothing_of_a_kind_and_adds() -> None:
    intent = intent_after(FILMS, "a thriller from the 80s", ANSWER, "something with dogs")
    assert (intent.wishes.categories, intent.query) == (("Thriller",), "dogs")


def test_what_someone_has_already_is_not_wanted() -> None:
    intent = intent_after(BOOKS, "a book", ("b2",), "she has a crime novel already")
    assert (intent.wishes.categories, intent.vetoes.categories) == ((), ("Crime",))


def test_not_over_is_an_upper_bound() -> None:
    assert intent_after(BOOKS, "a book, not over 20 dollars").wishes.numbers == {"price": Range(last=20)}


def test_a_kind_that_stands_joins_the_one_wished_for() -> None:
    turns = ("i only watch old crime films. a thriller", ANSWER, "a western with Gary Cooper")
    assert intent_after(FILMS, *turns).wishes.categories == ("Crime", "Western")


def test_any_of_a_kind_is_no_title() -> None:
    shop = ItemTable([Item(id="1", title="Puddle Rain Jacket"), Item(id="2", title="Trail Tent")])
    assert intent_after(shop, "a rain jacket").liked == ()
    assert intent_after(shop, "i have the Puddle Rain Jacket and love it").liked == ("1",)


@pytest.mark.parametrize(
    "text", ["the price doesn't matter anymore", "not the cheapest", "not necessarily the cheapest"]
)
def test_an_order_can_be_taken_back(text: str) -> None:
    intent = intent_after(BOOKS, "the cheapest crime novel", ("b1", "b2"), text)
    assert (intent.kind, intent.order) == (TurnKind.REFINE, None)
    assert intent.wishes.categories == ("Crime",)


def test_narrowing_an_ordered_list_may_show_its_first_again() -> None:
    intent = intent_after(BOOKS, "the cheapest crime novel", ("b1", "b2"), "in German")
    assert intent.order
    assert intent.shown == ()


def test_years_that_are_named_with_a_comparison_stay() -> None:
    assert intent_after(FILMS, "a comedy", ANSWER, "something older, from the 60s").wishes.years == (
        Range(first=1960, last=1969),
    )


def test_a_superlative_is_no_title() -> None:
    intent = intent_after(BOOKS, "a crime novel", ("b1", "b2"), "how much is the cheapest?")
    assert intent.unknown_titles == ()


@pytest.mark.parametrize("text", ["my husband's oldest friend is visiting, a comedy", "a film with the best actors"])
def test_superlatives_of_people_order_nothing(text: str) -> None:
    assert intent_after(FILMS, text).order is None
