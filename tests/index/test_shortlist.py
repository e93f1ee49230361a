"""Whom the shortlist is for, what it never holds, and how it is put in order."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intent import Audience, Intent, Mood, Preferences, Range, TurnKind
from core.item import Item, ItemTable
from index.crowd import Crowd
from index.evidence import EvidenceWriter
from index.filters import violates
from index.franchise import franchises
from index.fusion import Retrieval, fuse
from index.graph import ItemGraph
from index.history import HistoryModel
from index.likeness import Likeness
from index.query import Query
from index.ranking import BlendedRanker, Weights
from index.scores import BY_WISHES, UNKNOWN
from index.shortlist import Shortlister
from index.statistics import RatingStatistics
from index.transitions import Transitions
from tests.index.films import CORRECTION, EMBEDDINGS, ITEMS, WORDING, shortlister, statistics

SHORTLISTER = shortlister()
INTENT = Intent(kind=TurnKind.RECOMMEND)
ids = st.sampled_from([item.id for item in ITEMS])
few = st.lists(ids, max_size=2, unique=True).map(tuple)


def _ids(intent: Intent, history: tuple[str, ...] = (), k: int = 3) -> list[str]:
    return [
        candidate.item_id for candidate in SHORTLISTER.shortlist(Query(intent=intent, history=history, k=k)).candidates
    ]


def test_history_leads_to_what_others_chose_with_it() -> None:
    assert set(_ids(INTENT, ("thief",), k=2)) == {"heat", "fargo"}
    assert _ids(INTENT, ("babe",), k=1) == ["toys"]


def test_an_item_to_be_like_leads_to_its_like() -> None:
    assert _ids(INTENT.model_copy(update={"similar_to": ("heat",)}), k=2) == ["fargo", "thief"]


def test_another_entry_of_a_known_work_is_not_recommended() -> None:
    for intent, history in ((INTENT, ("heat",)), (INTENT.model_copy(update={"seen": ("heat-again",)}), ())):
        assert not {"heat", "heat-again"} & set(_ids(intent, history, k=8))
    for correction in (0, 1):  # the better known one, however little popularity counts
        shortlist = SHORTLISTER.shortlist(
            Query(intent=INTENT, history=("thief",), k=8, popularity_correction=correction)
        )
        assert {"heat", "heat-again"} & {candidate.item_id for candidate in shortlist.candidates} == {"heat"}


def test_wishes_are_given_up_and_reported() -> None:
    wishes = Preferences(categories=("Crime",), numbers={"minutes": Range(last=100)})
    shortlist = SHORTLISTER.shortlist(Query(intent=INTENT.model_copy(update={"wishes": wishes}), k=3))
    assert shortlist.relaxed == ("up to 100 minutes",)
    assert shortlist.candidates[0].item_id == "fargo"  # meets both
    assert {candidate.item_id for candidate in shortlist.candidates} <= {"heat", "thief", "fargo", "heat-again"}


def test_what_meets_every_wish_comes_first_whatever_else_speaks_for_others() -> None:
    wishes = Preferences(categories=("Crime",), numbers={"minutes": Range(last=100)})
    intent = INTENT.model_copy(update={"wishes": wishes})
    for history in ((), ("thief",), ("heat",)):
        shortlist = SHORTLISTER.shortlist(Query(intent=intent, history=history, k=3))
        assert [one.item_id for one in shortlist.candidates][:1] == ["fargo"]
        assert shortlist.fitting == ("fargo",)
    enough = SHORTLISTER.shortlist(Query(intent=intent, k=3, count=1))
    assert [one.item_id for one in enough.candidates] == ["fargo"]
    assert (enough.relaxed, enough.fitting) == ((), ())
    again = intent.model_copy(update={"shown": ("fargo",)})
    assert SHORTLISTER.shortlist(Query(intent=again, k=3)).fitting == ()


def test_words_that_nothing_answers_are_weak() -> None:
    intent = INTENT.model_copy(update={"query": "tax return"})
    assert SHORTLISTER.shortlist(Query(intent=intent, retrieval=fuse([(3, 0.1)], []), k=1)).weak_retrieval
    assert not SHORTLISTER.shortlist(Query(intent=intent, retrieval=fuse([(3, 0.9)], []), k=1)).weak_retrieval
    moody = intent.model_copy(update={"wishes": Preferences(moods=(Mood.FUNNY,))})
    assert not SHORTLISTER.shortlist(Query(intent=moody, retrieval=fuse([(3, 0.1)], []), k=1)).weak_retrieval


def test_words_lead_to_what_they_name() -> None:
    intent = INTENT.model_copy(update={"query": "sheep pig"})
    shortlist = SHORTLISTER.shortlist(
        Query(intent=intent, person=EMBEDDINGS[3], retrieval=Retrieval({3: 0.03, 0: 0.01}, 0.9), k=3)
    )
    assert shortlist.candidates[0].item_id == "babe"
    assert shortlist.candidates[0].retrieval_score == 1.0


def test_the_popularity_correction_is_shown_and_changes_the_order() -> None:
    liking = Query(intent=INTENT.model_copy(update={"liked": ("scream",)}), k=8)
    plain = SHORTLISTER.shortlist(liking)
    assert {candidate.move for candidate in plain.candidates} == {None}
    corrected = SHORTLISTER.shortlist(replace(liking, popularity_correction=1))
    assert [c.item_id for c in plain.candidates] != [c.item_id for c in corrected.candidates]
    before = [candidate.item_id for candidate in plain.candidates]
    for place, candidate in enumerate(corrected.candidates, start=1):
        assert candidate.move is not None
        assert candidate.move.after == place
        assert before[candidate.move.before - 1] == candidate.item_id  # type: ignore[operator]
    assert min(candidate.move.shifts["popularity"] for candidate in corrected.candidates if candidate.move) < 0


def test_of_somebody_unknown_the_correction_takes_out_what_popularity_adds_and_no_more() -> None:
    ids = [item.id for item in ITEMS]
    comedy = Query(intent=INTENT.model_copy(update={"wishes": Preferences(categories=("Comedy",))}), k=8)
    plain = SHORTLISTER.explain(ids, comedy)
    corrected = SHORTLISTER.explain(ids, replace(comedy, popularity_correction=1))
    half = SHORTLISTER.explain(ids, replace(comedy, popularity_correction=0.5))
    crowd = Crowd.of(statistics())
    for row, item_id in enumerate(ids):
        if plain[item_id].is_eligible:
            popular = BY_WISHES[1] * crowd.popularity[row] - UNKNOWN * crowd.known[row]
            assert corrected[item_id].parts.get("popularity", 0.0) == pytest.approx(-popular, abs=1e-6)
            assert half[item_id].score == pytest.approx((plain[item_id].score + corrected[item_id].score) / 2, abs=1e-5)


def test_of_somebody_known_the_correction_goes_by_what_their_choices_say() -> None:
    ids = [item.id for item in ITEMS]
    query = Query(intent=INTENT, history=("thief",), k=8, popularity_correction=1)
    standings = [one for one in SHORTLISTER.explain(ids, query).values() if one.is_eligible]
    rows = np.array([ITEMS.row(one.item_id) for one in standings])
    said = np.array([one.parts.get("history", 0.0) for one in standings])
    expected = CORRECTION.shifts(rows, said, [ITEMS.row("thief")], 1.0)["popularity"]
    assert [one.parts["popularity"] for one in standings] == pytest.approx(expected.tolist(), abs=1e-5)


def test_who_asks_is_told_to_the_corrections_and_a_correction_that_is_off_leaves_no_trace() -> None:
    asked: list[str | None] = []

    class Watching:
        def shifts(self, rows: object, scores: object, history: object, strength: float, user: str | None, **_: object):
            asked.append(user)
            return {}

    watching = shortlister(Watching())
    query = Query(intent=INTENT, history=("thief",), k=8, popularity_correction=1.0, user="ann")
    assert watching.shortlist(query) == SHORTLISTER.shortlist(replace(query, popularity_correction=0.0))
    assert asked == ["ann"]


@given(
    st.tuples(few, few, few, few, few),
    st.sampled_from([None, *Audience]),
    st.sampled_from(["Crime", "Comedy", "Drama"]),
    st.floats(0, 1),
)
def test_a_shortlist_keeps_every_promise(
    named: tuple[tuple[str, ...], ...], audience: Audience | None, vetoed: str, strength: float
) -> None:
    similar, liked, disliked, rejected, history = named
    intent = Intent(
        kind=TurnKind.RECOMMEND,
        similar_to=similar,
        liked=liked,
        disliked=disliked,
        rejected=rejected,
        wishes=Preferences(audience=audience),
        vetoes=Preferences(categories=(vetoed,)),
    )
    query = Query(intent=intent, history=history, k=4, popularity_correction=strength)
    candidates = SHORTLISTER.shortlist(query).candidates
    shown = [candidate.item_id for candidate in candidates]
    assert not set(shown) & {*intent.excluded, *history}
    assert not any(violates(ITEMS[item_id], intent.vetoes) for item_id in shown)
    assert len(set(shown)) == len(shown) <= 4
    assert all(np.isfinite(candidate.score) for candidate in candidates)
    assert [candidate.score for candidate in candidates] == sorted((c.score for c in candidates), reverse=True)
    assert SHORTLISTER.shortlist(query).candidates == candidates


def test_what_was_shown_does_not_come_again_while_enough_others_meet_the_wishes() -> None:
    first = _ids(INTENT, k=3)
    intent = INTENT.model_copy(update={"kind": TurnKind.REFINE, "shown": tuple(first)})
    shortlist = SHORTLISTER.shortlist(Query(intent=intent, k=3))
    assert len(shortlist.candidates) == 3
    assert not {candidate.item_id for candidate in shortlist.candidates} & set(first)
    assert shortlist.again == ()


def test_what_was_shown_comes_again_behind_the_new_before_a_wish_is_given_up() -> None:
    wishes = Preferences(categories=("Crime",))  # met by three works
    intent = INTENT.model_copy(update={"kind": TurnKind.REFINE, "wishes": wishes, "shown": ("heat", "fargo")})
    shortlist = SHORTLISTER.shortlist(Query(intent=intent, k=5, count=3))
    assert shortlist.candidates[0].item_id == "thief"
    assert {candidate.item_id for candidate in shortlist.candidates[1:]} == {"heat", "fargo"}
    assert set(shortlist.again) == {"heat", "fargo"}
    assert shortlist.relaxed == ()
    one = SHORTLISTER.shortlist(Query(intent=intent, k=5, count=1))
    assert ([candidate.item_id for candidate in one.candidates], one.again) == (["thief"], ())


def test_an_empty_catalogue_has_an_empty_list() -> None:
    nothing, no_rows = ItemTable([]), np.empty(0, np.int64)
    history, graph = HistoryModel.fit([], 0), ItemGraph.build(ItemTable([]))
    rated = RatingStatistics.build(no_rows, None, 0)
    ranker = BlendedRanker(history, Transitions.fit([], 0), np.empty(0, np.float32), None, Weights())
    writer = EvidenceWriter(nothing, rated, history, graph, WORDING)
    embeddings = np.empty((0, 3), np.float32)
    empty = Shortlister(nothing, embeddings, history, ranker, rated, graph, writer, CORRECTION)
    wishing = INTENT.model_copy(update={"wishes": Preferences(categories=("Crime",))})
    for intent in (INTENT, wishing):
        assert empty.shortlist(Query(intent=intent, history=("heat",), k=3)).candidates == ()


def test_a_long_history_is_not_compared_with_every_item_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    likeness = Likeness.to
    monkeypatch.setattr(Likeness, "to", lambda self, rows: compared.append(len(rows)) or likeness(self, rows))
    SHORTLISTER.shortlist(Query(intent=INTENT, history=("heat", "thief", "fargo", "babe", "toys"), k=2))
    assert sum(compared) == 0  # the ranker reads it; likeness is for those who show less


def test_few_choices_rank_an_item_down_but_do_not_hide_it() -> None:
    standing = SHORTLISTER.explain(["heat-again", "undated"], Query(intent=INTENT, k=3))
    assert standing["heat-again"].parts["doubt"] < 0  # nobody chose it
    assert "doubt" not in standing["undated"].parts
    asked = INTENT.model_copy(update={"query": "robbers"})
    named = Query(intent=asked, retrieval=Retrieval({7: 0.03, 0: 0.01}, 0.9), k=1)
    assert "doubt" not in SHORTLISTER.explain(["heat-again"], named)["heat-again"].parts


def test_nothing_is_left_when_vetoes_leave_nothing() -> None:
    everything = Preferences(years=(Range(last=3000),), categories=("Drama",))
    shortlist = SHORTLISTER.shortlist(
        Query(intent=INTENT.model_copy(update={"vetoes": everything}), history=("nowhere",), k=3)
    )
    assert shortlist.candidates == ()


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Batman", "Batman & Robin", "Batman Forever"], ["batman", "batman", "batman"]),
        (["The Godfather", "The Godfather: Part II", "Alien 3"], ["godfather", "godfather", "alien"]),
        (["Star Trek: Generations", "Star Trek III: The Search for Spock"], ["star trek", "star trek"]),
        (["It", "It Happened One Night", "M"], ["it", "it happened one night", "m"]),
    ],
)
def test_franchises_are_read_from_titles(titles: list[str], expected: list[str]) -> None:
    items = [Item(id=str(row), title=title) for row, title in enumerate(titles)]
    assert franchises(items) == tuple(expected)


def test_what_was_shown_comes_again_before_another_kind_of_item() -> None:
    """All crime films were shown, and none that is left is short enough: the number gives way, not the kind."""
    crime = tuple(item.id for item in ITEMS if "Crime" in item.categories)
    wishes = Preferences(categories=("Crime",), numbers={"minutes": Range(last=1)})
    intent = Intent(kind=TurnKind.REFINE, wishes=wishes, shown=crime)
    shortlist = SHORTLISTER.shortlist(Query(intent=intent, k=5))
    assert shortlist.relaxed == ("up to 1 minutes",)
    assert {one.item_id for one in shortlist.candidates} <= set(crime)
    assert shortlist.again == tuple(one.item_id for one in shortlist.candidates)


def test_what_was_shown_and_alone_meets_a_number_comes_again_alone() -> None:
    """ "Shorter", where the one that is shorter was shown: not others that are longer."""
    wishes = Preferences(categories=("Crime",), numbers={"minutes": Range(last=100)})
    intent = Intent(kind=TurnKind.REFINE, wishes=wishes, shown=("heat", "fargo"))
    shortlist = SHORTLISTER.shortlist(Query(intent=intent, k=5))
    assert ([one.item_id for one in shortlist.candidates], shortlist.again, shortlist.relaxed) == (
        ["fargo"],
        ("fargo",),
        (),
    )
