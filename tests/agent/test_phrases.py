"""The words around the recommendations, read as a person reads them."""

import pytest

from agent.phrases import describe, notices, opener, question
from core.artifacts import Wording
from core.candidate import Candidate, Shortlist
from core.intent import Intent, Mood, Order, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from tests.index.films import ITEMS, WORDING

BEANIE = ItemTable([Item(id="1", title="Wool Beanie", categories=("Accessories",))])


@pytest.mark.parametrize(
    ("intent", "line"),
    [
        (Intent(kind=TurnKind.RECOMMEND), "Here is what I found:"),
        (Intent(kind=TurnKind.RECOMMEND, liked=("heat", "fargo")), "Going by your taste for Heat and Fargo:"),
        (
            Intent(
                kind=TurnKind.RECOMMEND, liked=("heat",), vetoes=Preferences(moods=(Mood.SAD,), categories=("War",))
            ),
            "Going by your taste for Heat, but not sad or war:",
        ),
        (Intent(kind=TurnKind.REFINE, liked=("heat",)), "All right, going by your taste for Heat:"),
        (
            Intent(
                kind=TurnKind.REJECT,
                similar_to=("heat",),
                wishes=Preferences(
                    moods=(Mood.FUNNY,), categories=("Crime", "Drama"), numbers={"price": Range(last=9)}
                ),
                vetoes=Preferences(people=("Al Pacino",)),
            ),
            "Then something else: like Heat, funny, crime and drama, price up to 9, but not with or by Al Pacino.",
        ),
    ],
)
def test_openers(intent: Intent, line: str) -> None:
    assert opener(intent, ITEMS, from_history=False) == line


def test_a_wish_that_was_given_up_is_not_claimed_as_found() -> None:
    intent = Intent(kind=TurnKind.REFINE, wishes=Preferences(moods=(Mood.FUNNY,)))
    relaxed = Shortlist(candidates=(), relaxed=("funny",), weak_retrieval=False)
    assert notices(intent, relaxed, WORDING) == ("No film fits everything, so I did not insist on “funny”.",)
    first = opener(intent, ITEMS, from_history=False, relaxed=True)
    assert first == "All right, the closest to what you asked for (funny):"


@pytest.mark.parametrize(("fitting", "few"), [(("heat",), "one film fits"), (("heat", "fargo"), "2 films fit")])
def test_how_many_meet_every_wish_is_said(fitting: tuple[str, ...], few: str) -> None:
    shortlist = Shortlist(candidates=(), relaxed=("funny",), fitting=fitting)
    expected = f"Only {few} all of this, first below. For the rest I did not insist on “funny”."
    assert notices(Intent(kind=TurnKind.RECOMMEND), shortlist, WORDING) == (expected,)


def test_an_unknown_title_says_whether_its_words_were_used() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, unknown_titles=("The Name of the Rose",))
    assert notices(intent, None, WORDING) == ("I found no “The Name of the Rose” in this catalogue.",)
    searched = intent.model_copy(update={"query": "rose name"})
    assert notices(searched, None, WORDING)[0].endswith("in this catalogue, so I went by its words.")


def test_the_question_offers_only_what_the_catalogue_has() -> None:
    assert question(Wording(item="item"), BEANIE) == (
        "What are you looking for? Name an item that you liked or a category such as accessories, or say what it is "
        "for, and I'll take it from there."
    )
    assert "such as crime, action or children's, a mood or a decade" in question(WORDING, ITEMS)


def test_an_empty_list_is_no_guess() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, query="tax return")
    assert notices(intent, Shortlist(candidates=(), weak_retrieval=True), WORDING) == ()
    some = Shortlist(candidates=(Candidate(item_id="heat", score=1),), weak_retrieval=True)
    assert notices(intent, some, WORDING) == ("Nothing here comes close to those words, so take these as guesses.",)


def test_what_was_understood_names_the_order_too() -> None:
    wishes = Preferences(categories=("Crime",))
    assert describe(wishes, order=Order(by="price")) == "crime, the cheapest first"
    assert describe(Preferences(), order=Order(by="year", descending=True)) == "the newest first"


def test_that_nothing_is_left_of_a_kind_is_said() -> None:
    intent = Intent(
        kind=TurnKind.REFINE, wishes=Preferences(categories=("Crime",), moods=(Mood.FUNNY,)), shown=("heat",)
    )
    relaxed = Shortlist(candidates=(), relaxed=("funny", "crime"), weak_retrieval=False)
    assert notices(intent, relaxed, WORDING) == (
        "I have nothing else of “crime”, so this is of another kind.",
        "No other film fits everything, so I did not insist on “funny”.",
    )


@pytest.mark.parametrize(
    ("again", "sentence"),
    [
        (("heat",), "Few other films fit all of this, so some come again."),
        (("heat", "fargo"), "No other film fits all of this, so what fits comes again."),
    ],
)
def test_what_comes_again_is_said(again: tuple[str, ...], sentence: str) -> None:
    candidates = tuple(Candidate(item_id=item_id, score=1) for item_id in ("heat", "fargo"))
    shortlist = Shortlist(candidates=candidates, again=again)
    assert notices(Intent(kind=TurnKind.REFINE, shown=again), shortlist, WORDING) == (sentence,)


def test_a_number_that_no_item_has_rules_nothing_out() -> None:
    vetoes = Preferences(categories=("Horror",), numbers={"minutes": Range(first=140)})
    line = opener(Intent(kind=TurnKind.RECOMMEND, vetoes=vetoes), BEANIE, from_history=False)
    assert line == "Here is what I found: not horror."
