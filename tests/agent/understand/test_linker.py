import time

import pytest

from agent.understand.linker import Linker
from core.item import Item, ItemTable
from tests.agent.understand.films import FILMS


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(FILMS)


def linked(linker: Linker, text: str) -> list[str | None]:
    return [mention.item_id for mention in linker.link(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i loved Toy Story", ["toy"]),
        ("wizard of oz, silence of lambs", ["oz", "lambs"]),
        ("bladerunner and MASH", ["blade", "mash"]),
        ("silense of the lambs and toy storry", ["lambs", "toy"]),
        ("the second godfather", ["godfather2"]),
        ("godfather 2", ["godfather2"]),
        ("godfather part ii was better", ["godfather2"]),
        ("the godfather and part two", ["godfather", "godfather2"]),
        ("the first alien", ["alien"]),
        ("se7en or det sjunde inseglet", ["seven", "seal"]),
        ("who directed dr strangelove", ["bomb"]),
        ("something like holy grail", ["grail"]),
        ("the same mood as casino", ["casino"]),
        ("i liked bladerunnr", ["blade"]),
        ("loved alien 1 and 3", ["alien", "alien3"]),
        ("kubrick's speed", ["speed"]),
    ],
)
def test_titles_however_they_are_typed(linker: Linker, text: str, expected: list[str]) -> None:
    assert linked(linker, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a film with speed and some heat",
        "seven films for my kids please",
        "the heat is killing me, something for the kids",
        "aliens, cowboys, whatever",
        "it is high time for a film",
    ],
)
def test_plain_words_are_no_titles(linker: Linker, text: str) -> None:
    assert linked(linker, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i loved heat and speed", ["heat", "speed"]),
        ('something like "Speed"', ["speed"]),
        ("tonight Heat would suit me", ["heat"]),
        ("the movie speed", ["speed"]),
        ("what's seven about", ["seven"]),
        ("speed (1994)", ["speed"]),
        ("heat", ["heat"]),
    ],
)
def test_a_cue_makes_a_title_of_plain_words(linker: Linker, text: str, expected: list[str]) -> None:
    assert linked(linker, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sabrina (1954)", "sabrina54"),
        ("the 1995 sabrina", "sabrina95"),
        ("loved sabrina, the 1954 one", "sabrina54"),
        ("the sabrina remake from 95", "sabrina95"),
        ("the original sabrina", "sabrina54"),
        ("the remake of sabrina", "sabrina95"),
        ("the 1954 sabrina is nothing like the one from 1995", "sabrina54"),
    ],
)
def test_a_year_tells_remakes_apart(linker: Linker, text: str, expected: str) -> None:
    assert linked(linker, text) == [expected]


def test_a_mention_has_its_place_and_its_year_belongs_to_it(linker: Linker) -> None:
    [mention] = linker.link("hm, The Godfather (1972)!")
    assert (mention.start, mention.end, mention.text) == (4, 24, "The Godfather (1972)")
    assert mention.confidence == 1.0


def test_an_article_behind_a_title_belongs_to_what_follows(linker: Linker) -> None:
    [mention] = linker.link("the 1954 Sabrina, a wonderful film. In 1995 nobody laughed.")
    assert (mention.text, mention.item_id) == ("the 1954 Sabrina", "sabrina54")


def test_a_sequel_that_the_catalogue_lacks_is_not_the_first_part(linker: Linker) -> None:
    [mention] = linker.link("toy story 2 was so good")
    assert (mention.item_id, mention.text) == (None, "toy story 2")


def test_items_of_the_last_answer_need_no_cue(linker: Linker) -> None:
    assert linked(linker, "not heat please") == []
    assert [m.item_id for m in linker.link("not heat please", expected=("heat",))] == ["heat"]


def test_a_title_alone_is_found_or_not(linker: Linker) -> None:
    assert linker.find("The Godfather (1972)") == "godfather"
    assert linker.find("Inception") is None


def test_any_catalogue_of_many_items_is_linked_in_milliseconds() -> None:
    colours = ("olive", "scarlet", "teal", "ivory", "maroon", "indigo", "umber", "ochre", "azure", "coral")
    table = ItemTable(
        Item(id=str(n), title=f"{colours[n % 10].title()} Trenchcoat Model {n}", categories=("Coats",))
        for n in range(20_000)
    )
    linker = Linker(table)
    started = time.perf_counter()
    for _ in range(20):
        [mention] = linker.link("i really like the teal trenchcoat model 1232, have you got it in my size?")
    assert mention.item_id == "1232"
    assert (time.perf_counter() - started) / 20 < 0.1  # seconds; generous, for machines that do other work
