"""Messages as owners of other catalogues than films got them: named exclusions, surnames, prices, other languages."""

import pytest

from agent.understand.rules import RulesUnderstanding
from core.intent import Asked, Intent, Mood, Preferences, Range, TurnKind
from core.item import Credit, Item, ItemTable
from tests.agent.understand.films import FILMS
from tests.agent.understand.test_rules import folded, understood

_LE_GUIN = Credit(name="Ursula K. Le Guin", role="author")
_BEAUVOIR = Credit(name="Simone de Beauvoir", role="author")
_ENDE = Credit(name="Michael Ende", role="author")


def _book(item_id: str, title: str, *categories: str, by: Credit, pages: float = 300, price: float = 12.5) -> Item:
    numbers = {"pages": pages, "price": price}
    return Item(id=item_id, title=title, year=1990, categories=categories, people=(by,), numbers=numbers)


BOOKS = ItemTable(
    [
        _book("darkness", "The Left Hand of Darkness", "Novel", "Fiction", by=_LE_GUIN),
        _book("wave", "The Wave in the Mind", "Non-fiction", by=_LE_GUIN),
        _book("sex", "The Second Sex", "Nonfiction", by=_BEAUVOIR),
        _book("momo", "Momo", "Novel", by=_ENDE),
        _book("momo2", "Momo", "Audiobook", by=_ENDE),
        _book("story", "The Neverending Story", "Novel", by=_ENDE),
    ]
)
WINES = ItemTable(
    [
        Item(id="1", title="Barolo Cannubi", categories=("rot", "trocken"), numbers={"price": 45}),
        Item(id="2", title="Riesling Kabinett", categories=("weiß", "feinherb", "Riesling"), numbers={"price": 12.5}),
    ]
)


@pytest.fixture(scope="module")
def books() -> RulesUnderstanding:
    return RulesUnderstanding(BOOKS)


@pytest.fixture(scope="module")
def wines() -> RulesUnderstanding:
    return RulesUnderstanding(WINES)


@pytest.fixture(scope="module")
def films() -> RulesUnderstanding:
    return RulesUnderstanding(FILMS)


@pytest.mark.parametrize(
    ("text", "wishes", "vetoes"),
    [
        (
            "a non-violent thriller from the 90s with Tom Hanks",
            Preferences(categories=("Thriller",), years=(Range(first=1990, last=1999),), people=("Tom Hanks",)),
            Preferences(moods=(Mood.VIOLENT,)),
        ),
        ("non-horror sci-fi", Preferences(categories=("Sci-Fi",)), Preferences(categories=("Horror",))),
    ],
)
def test_non_negates_its_word_alone(
    films: RulesUnderstanding, text: str, wishes: Preferences, vetoes: Preferences
) -> None:
    assert understood(films, text) == Intent(kind=TurnKind.RECOMMEND, wishes=wishes, vetoes=vetoes)


def test_non_fiction_may_be_a_category(books: RulesUnderstanding) -> None:
    intent = folded(books, "a non-fiction book published after 2000")
    assert set(intent.wishes.categories) == {"Non-fiction", "Nonfiction"}
    assert (intent.wishes.years, intent.vetoes, intent.query) == ((Range(first=2001),), Preferences(), "")
    assert set(understood(books, "no non-fiction").vetoes.categories) >= {"Non-fiction", "Nonfiction"}


def test_who_leaves_out_a_title_means_all_items_of_that_title(books: RulesUnderstanding) -> None:
    intent = understood(books, "something by Michael Ende, but not Momo")
    assert (set(intent.rejected), intent.wishes.people) == ({"momo", "momo2"}, ("Michael Ende",))
    assert {"momo", "momo2"} <= intent.excluded
    assert set(understood(books, "books except Momo").rejected) == {"momo", "momo2"}


def test_a_category_can_be_left_out_of_what_someone_wrote(books: RulesUnderstanding) -> None:
    intent = understood(books, "something by Le Guin that isn't a novel")
    assert (intent.wishes.people, intent.vetoes.categories) == (("Ursula K. Le Guin",), ("Novel",))


@pytest.mark.parametrize(
    ("messages", "wished", "vetoed"),
    [
        (("I loved Momo", ("darkness", "sex"), "not by the same author"), (), ("Michael Ende",)),
        (("who wrote The Second Sex?", "something by the same author"), ("Simone de Beauvoir",), ()),
        (("I liked Momo. Anything else by this author?",), ("Michael Ende",), ()),
    ],
)
def test_the_same_author(
    books: RulesUnderstanding,
    messages: tuple[str | tuple[str, ...], ...],
    wished: tuple[str, ...],
    vetoed: tuple[str, ...],
) -> None:
    intent = folded(books, *messages)
    assert (intent.wishes.people, intent.vetoes.people) == (wished, vetoed)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("something by Le Guin", "Ursula K. Le Guin"),
        ("books by le guin", "Ursula K. Le Guin"),
        ("I like Le Guin", "Ursula K. Le Guin"),
        ("anything by de Beauvoir?", "Simone de Beauvoir"),
        ("something by Beauvoir", "Simone de Beauvoir"),
    ],
)
def test_a_surname_alone(books: RulesUnderstanding, text: str, name: str) -> None:
    intent = understood(books, text)
    assert (intent.wishes.people, intent.unknown_titles) == ((name,), ())


@pytest.mark.parametrize("text", ["films by van Sant", "movies with Van Damme", "something by De Palma"])
def test_a_surname_that_the_catalogue_lacks(films: RulesUnderstanding, text: str) -> None:
    people = understood(films, text).wishes.people
    assert [name.casefold() for name in people] == [" ".join(text.split()[-2:]).casefold()]


@pytest.mark.parametrize("text", ["what goes well with asparagus?", "something that pairs with asparagus"])
def test_what_is_served_with_an_item_is_nobody(wines: RulesUnderstanding, text: str) -> None:
    intent = folded(wines, text)
    assert (intent.kind, intent.wishes.people, intent.query) == (TurnKind.RECOMMEND, (), "asparagus")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("how much does it cost?", "1"),
        ("how much is the second?", "2"),
        ("what's the price of the second?", "2"),
        ("what does the Riesling Kabinett cost?", "2"),
        ("is it expensive?", "1"),
        ("how much?", "1"),
    ],
)
def test_a_price_is_asked_for(wines: RulesUnderstanding, text: str, about: str) -> None:
    intent = understood(wines, "hi", ("1", "2"), text)
    assert (intent.kind, intent.asked, intent.about) == (TurnKind.ASK, Asked.PRICE, (about,))


def _wine(*categories: str, below: float | None = None) -> Preferences:
    return Preferences(categories=categories, numbers={"price": Range(last=below)} if below else {})


@pytest.mark.parametrize(
    ("text", "wishes", "vetoes"),
    [
        ("ein trockener Rotwein unter 15 Euro", _wine("trocken", "rot", below=15), Preferences()),
        ("ich suche einen Rotwein, aber nicht feinherb", _wine("rot"), _wine("feinherb")),
        ("a dry red under 50", _wine("trocken", "rot", below=50), Preferences()),
    ],
)
def test_a_catalogue_in_german(wines: RulesUnderstanding, text: str, wishes: Preferences, vetoes: Preferences) -> None:
    intent = understood(wines, text)
    assert (intent.wishes, intent.vetoes) == (wishes, vetoes)


@pytest.mark.parametrize(
    ("text", "wishes", "vetoes"),
    [
        (
            "Quel film drôle des années 80 ?",
            Preferences(years=(Range(first=1980, last=1989),), moods=(Mood.FUNNY,)),
            Preferences(),
        ),
        (
            "eine Komödie aus den 80ern, ohne Horror",
            Preferences(categories=("Comedy",), years=(Range(first=1980, last=1989),)),
            Preferences(categories=("Horror",)),
        ),
        (
            "quiero una película con Tom Hanks de menos de 90 minutos",
            Preferences(people=("Tom Hanks",)),
            Preferences(),
        ),
    ],
)
def test_what_the_catalogue_has_is_read_in_other_languages(
    films: RulesUnderstanding, text: str, wishes: Preferences, vetoes: Preferences
) -> None:
    intent = understood(films, text)
    assert (intent.kind, intent.wishes, intent.vetoes) == (TurnKind.RECOMMEND, wishes, vetoes)
    assert intent.unknown_titles == ()


def test_a_title_in_a_german_sentence(books: RulesUnderstanding) -> None:
    assert understood(books, "Ich mochte Momo").liked == ("momo",)


@pytest.mark.parametrize("text", ["Quel temps fait-il ?", "wie geht es dir heute?", "hola, qué tal"])
def test_nothing_of_the_catalogue_in_another_language(films: RulesUnderstanding, text: str) -> None:
    assert folded(films, text) == Intent(kind=TurnKind.OTHER)


@pytest.mark.parametrize(
    ("text", "is_length"),
    [
        ("a very long wish", False),
        ("something funny for a long flight", False),
        ("a short question", False),
        ("a very long film", True),
        ("a long russian drama", True),
        ("something long", True),
        ("a short one", True),
    ],
)
def test_long_is_said_of_many_things(films: RulesUnderstanding, text: str, is_length: bool) -> None:
    assert bool(understood(films, text).wishes.numbers) is is_length


@pytest.mark.parametrize(
    "text",
    [
        "I loved Dr. Strangelove or: How I Learned",
        "I loved Dr. Strangelove or How I Learned to Stop Worrying",
        "Dr. Strangelove or: How I Learned to Stop Worrying",
    ],
)
def test_a_long_title_may_stop_anywhere(films: RulesUnderstanding, text: str) -> None:
    assert folded(films, text) == Intent(kind=TurnKind.RECOMMEND, liked=("bomb",))


@pytest.mark.parametrize(
    "text", ["why not Ghostbusters?", "why not ghostbusters", "why isn't Ghostbusters here?", "where is Ghostbusters?"]
)
def test_why_not_what_the_catalogue_lacks(films: RulesUnderstanding, text: str) -> None:
    intent = understood(films, "a thriller", ("heat", "fargo"), text)
    assert (intent.kind, intent.asked, intent.about) == (TurnKind.ASK, Asked.WHY_NOT, ())
    assert [title.casefold() for title in intent.unknown_titles] == ["ghostbusters"]


@pytest.mark.parametrize("text", ["why not something funny?", "why not a comedy"])
def test_why_not_may_be_a_wish(films: RulesUnderstanding, text: str) -> None:
    intent = understood(films, text)
    assert not intent.wishes.is_empty
    assert intent.vetoes.is_empty
