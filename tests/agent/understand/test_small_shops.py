"""Messages in shops, libraries and game shelves: kinds of two names, budgets, lengths, ages, counts and bare nouns."""

import pytest

from agent.understand.counts import find_count
from agent.understand.rules import RulesUnderstanding
from agent.understand.vocabulary import CategoryWords
from core.intent import Asked, Audience, Intent, Preferences, Range, TurnKind
from core.item import Credit, Item, ItemTable
from tests.agent.understand.films import FILMS
from tests.agent.understand.test_rules import folded, understood


def _goods(title: str, *categories: str, **numbers: float) -> Item:
    return Item.model_validate({"id": title, "title": title, "categories": categories, "numbers": numbers})


SHOP = ItemTable(
    [
        _goods("Hiking boots", "Health & Beauty", price=99, weight=1.2),
        _goods("Wool Beanie", "Action/Adventure", price=15, weight=0.2),
        _goods("Rain jacket", "Sci-Fi & Fantasy", "Action", price=49, weight=0.6),
        _goods("Desk lamp", "R&B", "Lamps", price=30, weight=1.5),
        _goods("Floor lamp", "Lamps", price=80, weight=6),
        _goods("Clip lamp", "Lamps", price=12.5, weight=0.3),
    ]
)
_ENDE = Credit(name="Michael Ende", role="author")
BOOKS = ItemTable(
    Item(
        id=str(n),
        title=f"Opus {n}",
        year=1990,
        categories=("Novel", "Short Stories"),
        people=(_ENDE,),
        numbers={"pages": 100.0 * n, "price": 10.0 + n},
        facts={"city": ("Harbour", "Old Town")[n % 2]},
    )
    for n in range(1, 9)
)
GAMES = ItemTable(
    Item(
        id=str(n),
        title=f"Ludus {n}",
        categories=("Party",),
        numbers={"minutes": 15.0 * n, "min players": 2, "max players": 6, "min age": 8, "price": 10.0 + n},
    )
    for n in range(1, 9)
)
ALBUMS = ItemTable(Item(id=str(n), title=f"Disc {n}", numbers={"tracks": 4.0 + n}) for n in range(1, 9))


@pytest.fixture(scope="module")
def shop() -> RulesUnderstanding:
    return RulesUnderstanding(SHOP)


@pytest.fixture(scope="module")
def books() -> RulesUnderstanding:
    return RulesUnderstanding(BOOKS)


@pytest.fixture(scope="module")
def games() -> RulesUnderstanding:
    return RulesUnderstanding(GAMES)


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("sci-fi & fantasy", ("Sci-Fi & Fantasy",)),
        ("something in Sci-Fi and Fantasy", ("Sci-Fi & Fantasy",)),
        ("fantasy or scifi", ("Sci-Fi & Fantasy",)),
        ("any science fiction?", ("Sci-Fi & Fantasy",)),
        ("beauty products", ("Health & Beauty",)),
        ("action/adventure please", ("Action/Adventure",)),
        ("an adventure", ("Action/Adventure",)),
        ("action", ("Action",)),  # another category is called so
        ("some r&b", ("R&B",)),
    ],
)
def test_a_category_of_two_kinds_is_named_whole_or_by_one_of_them(
    shop: RulesUnderstanding, text: str, categories: tuple[str, ...]
) -> None:
    assert understood(shop, text).wishes == Preferences(categories=categories)


def test_a_kind_is_no_verb() -> None:
    words = CategoryWords(["Food & Drink"])
    assert [category for _, _, category in words.find("something on drink")] == ["Food & Drink"]
    assert words.find("i dont drink") == []


def test_a_kind_says_more_than_the_category_that_holds_it(shop: RulesUnderstanding) -> None:
    assert folded(shop, "beauty").query == "beauty"
    assert folded(shop, "health and beauty").query == ""
    assert understood(shop, "no fantasy").vetoes == Preferences(categories=("Sci-Fi & Fantasy",))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("a novel for 15 euros", None, 15),
        ("a novel for 15 €", None, 15),
        ("for 12,50 €", None, 12.5),
        ("under 12.50", None, 12.5),
        ("a novel under a tenner", None, 10),
        ("for fifteen bucks", None, 15),
        ("$15", None, 15),
        ("15eur", None, 15),
        ("15 euros or more", 15, None),
        ("20 dollars max", None, 20),
        ("over 1,200 euros", 1200, None),
        ("2000 euros", None, 2000),
        ("around 20 dollars", 16, 24),
        ("20 to 40 euros", 20, 40),
    ],
)
def test_an_amount_of_money_is_a_budget(
    books: RulesUnderstanding, text: str, first: float | None, last: float | None
) -> None:
    assert understood(books, text).wishes.numbers == {"price": Range(first=first, last=last)}


@pytest.mark.parametrize("text", ["novels from 1990", "a novel before 2000", "three novels", "no more than three"])
def test_what_is_no_money_bounds_no_price(books: RulesUnderstanding, text: str) -> None:
    assert understood(books, text).wishes.numbers == {}


def test_other_numbers_may_stand_beside_their_names(books: RulesUnderstanding) -> None:
    assert understood(books, "about 300 pages").wishes.numbers == {"pages": Range(first=240, last=360)}
    assert understood(books, "a 300 page novel").wishes.numbers == {"pages": Range(first=240, last=360)}


def test_short_and_long_go_by_what_the_catalogue_counts(games: RulesUnderstanding, books: RulesUnderstanding) -> None:
    assert understood(books, "a short novel").wishes.numbers == {"pages": Range(last=300)}
    assert understood(books, "something long").wishes.numbers == {"pages": Range(first=600)}
    assert understood(books, "short stories").wishes == Preferences(categories=("Short Stories",))
    assert understood(games, "a quick game").wishes.numbers == {"minutes": Range(last=45)}
    assert understood(games, "about an hour").wishes.numbers == {"minutes": Range(first=48, last=72)}
    albums = RulesUnderstanding(ALBUMS)
    assert understood(albums, "a short album").wishes.numbers == {"tracks": Range(last=7)}
    assert understood(RulesUnderstanding(FILMS), "a short film").wishes.numbers == {"minutes": Range(last=95)}


@pytest.mark.parametrize(("text", "bounds"), [("fewer tracks", Range(last=5)), ("with more tracks", Range(first=7))])
def test_more_and_fewer_of_a_number_are_comparatives(text: str, bounds: Range) -> None:
    albums = RulesUnderstanding(ALBUMS)
    assert understood(albums, "an album", ("1", "2", "3"), text).wishes.numbers == {"tracks": bounds}


def test_even_cheaper_is_measured_by_what_was_cheap_enough(shop: RulesUnderstanding) -> None:
    turns = ("lamps", ("Desk lamp", "Floor lamp", "Clip lamp"), "cheaper", ("Clip lamp", "Desk lamp", "Floor lamp"))
    assert understood(shop, *turns[:3]).wishes.numbers == {"price": Range(last=29.99)}
    assert understood(shop, *turns, "even cheaper").wishes.numbers == {"price": Range(last=12.49)}


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        (("games for my 6 year old", "for adults now"), Preferences(audience=Audience.ADULTS)),
        (("games for my kids, ages 8 and up", "now for grown-ups"), Preferences(audience=Audience.ADULTS)),
        (("for adults", "for my 6 year old"), Preferences(numbers={"min age": Range(last=6)})),
        (
            ("games for my 6 year old", "something for the kids"),
            Preferences(audience=Audience.KIDS, numbers={"min age": Range(last=6)}),
        ),
    ],
)
def test_an_age_goes_with_the_children_it_was_said_of(
    games: RulesUnderstanding, said: tuple[str, str], wishes: Preferences
) -> None:
    assert understood(games, said[0], ("1", "2"), said[1]).wishes == wishes


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("hiking boots", "hiking boots"),
        ("Hiking boots please", "hiking boots"),
        ("wool beanie", "wool beanie"),
        ("looking for hiking boots under 50 euros", "hiking boots"),
        ("hiking boots and a rain jacket", "hiking boots rain jacket"),
    ],
)
def test_the_bare_name_of_goods_is_a_wish(shop: RulesUnderstanding, text: str, query: str) -> None:
    intent = folded(shop, text)
    assert (intent.kind, intent.liked, intent.query) == (TurnKind.RECOMMEND, (), query)


def test_goods_can_still_be_judged_asked_about_and_picked(shop: RulesUnderstanding) -> None:
    assert understood(shop, "hiking boots were great").liked == ("Hiking boots",)
    assert understood(shop, "I loved the hiking boots").liked == ("Hiking boots",)
    assert understood(shop, "no hiking boots").rejected == ("Hiking boots",)
    assert understood(shop, "why not hiking boots?").asked is Asked.WHY_NOT
    picked = understood(shop, "something warm", ("Rain jacket", "Wool Beanie"), "the rain jacket")
    assert (picked.kind, picked.about) == (TurnKind.ASK, ("Rain jacket",))
    assert understood(RulesUnderstanding(FILMS), "fargo").liked == ("fargo",)  # a work is known by its name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("give me five", 5),
        ("five of them", 5),
        ("just one", 1),
        ("just give me one", 1),
        ("one is enough", 1),
        ("a couple", 2),
        ("comedies, a couple", 2),
        ("two or three", 3),
        ("half a dozen", 6),
        ("another five", 5),
        ("i have seen two of them", None),
        ("the first of them", None),
        ("rocky, 2", None),
    ],
)
def test_counts(text: str, count: int | None) -> None:
    assert find_count(text) == count


@pytest.mark.parametrize("text", ["a couple", "five of them", "just give me one", "a few", "I only need one"])
def test_a_count_alone_leaves_the_wishes_as_they_are(games: RulesUnderstanding, text: str) -> None:
    intent = folded(games, "a party game", ("1", "2", "3"), text)
    assert (intent.kind, intent.wishes) == (TurnKind.REFINE, Preferences(categories=("Party",)))


def test_fewer_than_were_shown_are_picked_among_them(games: RulesUnderstanding) -> None:
    assert folded(games, "a party game", ("1", "2", "3"), "just one").shown == ()
    assert folded(games, "a party game", ("1", "2", "3"), "one more").shown == ("1", "2", "3")
    assert folded(games, "a party game", ("1", "2", "3"), "those from the 90s").shown == ()


def test_things_are_counted_by_their_kind_and_money_is_not(shop: RulesUnderstanding) -> None:
    assert understood(shop, "three lamps").count == 3
    assert understood(shop, "20 euros lamps") == Intent(
        kind=TurnKind.RECOMMEND, wishes=Preferences(categories=("Lamps",), numbers={"price": Range(last=20)})
    )


@pytest.mark.parametrize("text", ["for my kids", "about dogs", "in red"])
def test_a_fragment_refines(games: RulesUnderstanding, text: str) -> None:
    intent = folded(games, "a party game", ("1", "2"), text)
    assert (intent.kind, intent.wishes.categories) == (TurnKind.REFINE, ("Party",))


def test_like_that_but_otherwise_measures_by_what_was_shown(games: RulesUnderstanding) -> None:
    intent = folded(games, "a party game", ("4",), "something like that but shorter")
    assert (intent.similar_to, intent.wishes.numbers) == (("4",), {"minutes": Range(last=59)})


def test_a_place_is_named_with_the_words_for_places(books: RulesUnderstanding) -> None:
    for text in ("a novel near the harbour", "a novel in the harbour"):
        assert understood(books, text).wishes.facts == {"city": ("Harbour",)}, text


def test_a_surname_that_looks_like_a_title_stays_a_name() -> None:
    rules = RulesUnderstanding(ItemTable([Item(id="b", title="Das Boot", aliases=("The Boat",), year=1981)]))
    intent = understood(rules, "with Humphrey Bogart")
    assert (intent.wishes.people, intent.liked) == (("Humphrey Bogart",), ())


def test_words_of_another_language_that_say_nothing_are_not_searched_for(books: RulesUnderstanding) -> None:
    assert folded(books, "Haben Sie einen Roman über Drachen?").query == "drachen"


@pytest.mark.parametrize(
    "text",
    [
        "I paid 20 euros for Opus 1",
        "a story about one pound of flesh",
        "stories about 100 dollar bills",
        "how to lose 20 pounds",
        "I read 100 pages of Opus 2 and gave up",
        "I'm on page 50 of Opus 2",
    ],
)
def test_an_amount_that_is_part_of_a_story_is_no_wish(books: RulesUnderstanding, text: str) -> None:
    assert understood(books, text).wishes.numbers == {}


@pytest.mark.parametrize(
    ("text", "name", "bounds"),
    [
        ("a novel about 300 pages", "pages", Range(first=240, last=360)),
        ("a novel 300 pages long", "pages", Range(first=240, last=360)),
        ("something like 20 euros", "price", Range(first=16, last=24)),
        ("close to 20 euros", "price", Range(first=16, last=24)),
        ("a novel that costs 20 euros", "price", Range(last=20)),
        ("a novel that costs more than 20 euros", "price", Range(first=20)),
        ("something that doesn't cost more than 20 euros", "price", Range(last=20)),
    ],
)
def test_other_words_for_an_amount(books: RulesUnderstanding, text: str, name: str, bounds: Range) -> None:
    intent = understood(books, text)
    assert (intent.wishes.numbers, intent.unknown_titles) == ({name: bounds}, ())


def test_an_hour_may_be_what_a_film_is_about() -> None:
    films = RulesUnderstanding(FILMS)
    assert understood(films, "a film about three hours in a bank").wishes.numbers == {}
    for text in ("a film about two hours", "a film two hours long", "something like two hours"):
        assert understood(films, text).wishes.numbers == {"minutes": Range(first=96, last=144)}, text
    assert understood(films, "something like Two Hours").unknown_titles == ("Two Hours",)


def test_goods_that_are_compared_are_items(shop: RulesUnderstanding) -> None:
    cheaper = understood(shop, "Hiking boots but cheaper")
    assert (cheaper.similar_to, cheaper.wishes.numbers) == (("Hiking boots",), {"price": Range(last=98.99)})
    assert understood(shop, "Rain jacket vs Hiking boots").kind is TurnKind.COMPARE


def test_goods_take_the_place_of_the_kind_before(shop: RulesUnderstanding) -> None:
    intent = folded(shop, "lamps under 50 euros", ("Desk lamp", "Clip lamp"), "hiking boots")
    assert intent.wishes == Preferences(numbers={"price": Range(last=50)})
    assert intent.query == "hiking boots"


def test_what_is_picked_is_not_excluded_as_a_likeness() -> None:
    intent = folded(RulesUnderstanding(FILMS), "comedy", ("toy", "grail"), "those with Tom Hanks")
    assert (intent.wishes.people, intent.similar_to, intent.shown) == (("Tom Hanks",), (), ())


@pytest.mark.parametrize("text", ["at 8", "20-40", "i dont like five of @0", "i spent 50 euros on ones"])
def test_other_numbers_are_no_counts(text: str) -> None:
    assert find_count(text.replace("-", " ")) is None


def test_who_something_is_by(books: RulesUnderstanding) -> None:
    for text in ("who is it by?", "who is the second one by?"):
        assert understood(books, "a novel", ("1", "2"), text).asked is Asked.DIRECTOR, text


def test_what_something_is_for_refines(shop: RulesUnderstanding) -> None:
    intent = folded(shop, "lamps", ("Desk lamp", "Floor lamp"), "for the bedroom")
    assert (intent.kind, intent.wishes.categories) == (TurnKind.REFINE, ("Lamps",))


@pytest.mark.parametrize(
    ("text", "years"),
    [("ein alter Film", Range(last=1969)), ("ein neuer Film", Range(first=1994)), ("etwas neuer", Range(first=1997))],
)
def test_german_adjectives_behind_an_article_compare_nothing(text: str, years: Range) -> None:
    assert understood(RulesUnderstanding(FILMS), "comedy", ("toy", "fargo"), text).wishes.years == (years,)
