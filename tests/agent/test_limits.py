"""What a catalogue can't tell is said, once and plainly."""

import pytest

from agent.limits import unknown_facts, unknown_wishes, unmeetable
from agent.phrases import notices
from core.artifacts import Wording
from core.candidate import Shortlist
from core.intent import Intent, Order, Preferences, Range, TurnKind
from core.item import Credit, Item, ItemTable

WORDING = Wording(item="film", items="films", category="genre")
BARE = ItemTable([Item(id="1", title="Heat", year=1995), Item(id="2", title="Alien", year=1979)])
RICH = ItemTable(
    [
        Item(
            id="1",
            title="Heat",
            year=1995,
            people=(Credit(name="Michael Mann", role="director"),),
            numbers={"minutes": 170, "price": 9},
            facts={"language": "English", "awards": "none"},
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing with subtitles", "in which language films are or whether they have subtitles"),
        ("is it on Netflix?", "where films can be had or watched"),
        ("has it won any Oscars?", "which prizes films won"),
        ("no black & white", "whether films are in colour"),
        ("under 40 euros", "what films cost"),
        ("something cheaper", "what films cost"),
        ("that's too long", "how long films are"),
    ],
)
def test_facts_that_no_item_has(text: str, said: str) -> None:
    assert unknown_facts(text, BARE, WORDING) == (f"This catalogue doesn't say {said}, so I can't go by that.",)


@pytest.mark.parametrize("text", ["nothing with subtitles", "has it won any awards", "under 40 euros", "too long"])
def test_what_a_catalogue_knows_is_no_limit(text: str) -> None:
    assert unknown_facts(text, RICH, WORDING) == ()


@pytest.mark.parametrize("text", ["a comedy from the 90s", "something long ago", "a story of a streamer", "who won?"])
def test_words_that_ask_for_no_such_fact(text: str) -> None:
    assert unknown_facts(text, BARE, WORDING) == ()


def test_wishes_that_nothing_can_meet() -> None:
    wishes = Preferences(
        people=("Tom Hanks",), numbers={"minutes": Range(last=90)}, years=(Range(first=2021, last=2021),)
    )
    assert unknown_wishes(wishes, Preferences(), BARE, WORDING) == (
        "This catalogue doesn't say who made films or is in them, so I can't go by Tom Hanks.",
        "This catalogue doesn't say how long films are, so I can't go by that.",
        "The films of this catalogue are from 1979 to 1995: none is from 2021.",
    )
    assert unmeetable(wishes, BARE) == {"Tom Hanks", "up to 90 minutes", "from 2021"}
    met = wishes.model_copy(update={"years": (Range(first=1990),)})
    assert unknown_wishes(met, Preferences(), RICH, WORDING) == ()
    assert unmeetable(met, RICH) == frozenset()


def test_a_limit_is_said_instead_of_a_wish_given_up_and_only_once() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=Preferences(people=("Tom Hanks",)), unknown_titles=("Amelie",))
    shortlist = Shortlist(candidates=(), relaxed=("Tom Hanks",), weak_retrieval=False)
    said = notices(intent, shortlist, WORDING, BARE)
    assert said == (
        "I found no “Amelie” in this catalogue.",
        "This catalogue doesn't say who made films or is in them, so I can't go by Tom Hanks.",
    )
    assert notices(intent, shortlist, WORDING, BARE, told="\n\n".join(said)) == ()


@pytest.mark.parametrize(
    ("by", "what"),
    [
        ("price", "what films cost"),
        ("pages", "how long films are"),
        ("rating", "what people think of films"),
        ("popularity", "how many people chose films"),
        ("grams", "the grams of films"),
    ],
)
def test_an_order_that_the_catalogue_knows_nothing_of(by: str, what: str) -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, order=Order(by=by))
    said = notices(intent, Shortlist(candidates=(), unordered=True), WORDING, BARE)
    assert said == (f"This catalogue doesn't say {what}, so I can't go by that.",)
