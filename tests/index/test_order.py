import numpy as np

from core.artifacts import Wording
from core.intent import Intent, Order, Preferences, Range, TurnKind
from index.order import in_order, place_in_words, place_of
from index.query import Query
from tests.index.films import shortlister

WORDING = Wording(item="tent", items="tents", category="kind")
PRICES = np.array([30.0, 10.0, np.nan, 20.0, 10.0])
ROWS = np.array([0, 1, 2, 3, 4])
SCORES = np.array([0.9, 0.1, 0.8, 0.2, 0.3])
NONE = np.zeros(5, dtype=bool)


def order_of(first: np.ndarray = NONE, *, descending: bool = False) -> list[int]:
    scores = in_order(ROWS, PRICES, SCORES, first, descending=descending)
    return [int(row) for row in np.argsort(-scores)]


def test_equals_go_by_score_and_the_unknown_come_last() -> None:
    assert order_of() == [4, 1, 3, 0, 2]
    assert order_of(descending=True) == [0, 3, 4, 1, 2]


def test_what_meets_every_wish_comes_first_and_the_rest_by_score() -> None:
    assert order_of(np.isin(ROWS, [0, 3])) == [3, 0, 2, 4, 1]


def test_a_place_is_said_as_it_was_computed() -> None:
    cheapest = Order(by="price")

    def said(row: int, order: Order = cheapest, rows: np.ndarray = ROWS, *, others: bool = False) -> str:
        return place_in_words(place_of(row, rows, PRICES, order, others=others), WORDING)

    assert said(1) == "it is among the cheapest of the 4 tents to choose from"
    assert said(3) == "it is the third cheapest of the 4 tents to choose from"
    assert said(0) == ""  # the fourth
    assert said(2) == ""  # its price is not known
    assert said(0, Order(by="price", descending=True), others=True).startswith(
        "it is the most expensive of the 4 other tents"
    )
    assert said(3, Order(by="band"), ROWS[[0, 3]]) == "it has the lowest band of the 2 tents to choose from"


def test_a_list_in_order_says_what_was_computed() -> None:
    intent = Intent(kind=TurnKind.RECOMMEND, order=Order(by="minutes"))
    shortlist = shortlister().shortlist(Query(intent=intent, k=4, popularity_correction=1))
    assert [candidate.item_id for candidate in shortlist.candidates[:3]] == ["babe", "fargo", "heat"]
    assert all(candidate.move is None for candidate in shortlist.candidates)  # no correction moved them
    first = next(piece.text for piece in shortlist.candidates[0].evidence if "shortest" in piece.text)
    assert first == "It is the shortest of the 3 films to choose from: it runs 91 minutes."
    assert not any("shortest" in piece.text for piece in shortlist.candidates[3].evidence)


def test_only_what_meets_every_wish_is_compared() -> None:
    wishes = Preferences(categories=("Crime",), numbers={"minutes": Range(last=100)})
    intent = Intent(kind=TurnKind.RECOMMEND, wishes=wishes, order=Order(by="year"))
    shortlist = shortlister().shortlist(Query(intent=intent, k=3))
    assert shortlist.fitting == ("fargo",)
    assert not any("oldest" in piece.text for one in shortlist.candidates for piece in one.evidence)


def test_an_order_that_nothing_has_is_told() -> None:
    shortlist = shortlister().shortlist(Query(intent=Intent(kind=TurnKind.RECOMMEND, order=Order(by="price")), k=3))
    assert shortlist.unordered
    assert shortlist.candidates


def test_crowds_put_in_order_too() -> None:
    for by in ("rating", "popularity"):
        intent = Intent(kind=TurnKind.RECOMMEND, order=Order(by=by, descending=True))
        shortlist = shortlister().shortlist(Query(intent=intent, k=2))
        assert not shortlist.unordered
        assert shortlist.candidates[0].item_id == "heat"
