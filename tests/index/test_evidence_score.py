"""Each part of a score by hand, and what it does to the order of evidence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.evidence import EvidenceKind, EvidenceScore
from core.intent import Asked, Intent, TurnKind
from index.evidence import EvidenceWriter
from index.evidence_score import (
    ChoiceTimes,
    credibility_of_mean,
    credibility_of_share,
    temporal_decay,
    wilson_lower,
)
from index.graph import ItemGraph
from index.people import PeopleIndex
from tests.index.films import HISTORIES, ITEMS, WORDING, history_model, statistics

INTENT = Intent(kind=TurnKind.RECOMMEND)


def _writer(times: ChoiceTimes | None = None) -> EvidenceWriter:
    return EvidenceWriter(ITEMS, statistics(), history_model(), ItemGraph.build(ITEMS), WORDING, times)


def test_a_score_is_the_product_of_its_parts() -> None:
    assert EvidenceScore(relevance=0.8, decay=0.5, credibility=0.25).value == pytest.approx(0.1)
    assert EvidenceScore(relevance=0.8).value == 0.8
    with pytest.raises(ValidationError):
        EvidenceScore(relevance=1.1)


def test_a_half_life_halves() -> None:
    assert temporal_decay(np.array([0.0, 10.0, 20.0, -5.0]), half_life=10).tolist() == [1, 0.5, 0.25, 1]
    assert temporal_decay(1e12, half_life=math.inf) == 1


def test_wilson_bounds_as_published() -> None:
    """Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I."""
    for positive, of, lower in ((81, 263, 0.2553), (15, 148, 0.0624), (0, 20, 0.0), (1, 29, 0.0061)):
        assert wilson_lower(positive, of) == pytest.approx(lower, abs=2e-4)
    assert wilson_lower(0, 0) == credibility_of_share(0, 10) == 0


@given(st.integers(1, 500), st.integers(0, 500))
def test_more_people_are_more_credible(positive: int, others: int) -> None:
    of = positive + others
    assert 0 < credibility_of_share(positive, of) <= credibility_of_share(2 * positive, 2 * of) < 1
    assert credibility_of_mean(positive) < credibility_of_mean(of + 1) < 1


def test_times_of_choices() -> None:
    # Three people; the first chose item 0 twice, and both items at 30.
    people = np.array([0, 1, 2, 0, 0])
    times = ChoiceTimes(people, np.array([0, 0, 1, 0, 1]), np.array([10.0, 40, 20, 30, 30]), n_items=3)
    assert times.now == 40
    assert [each.tolist() for each in times.of(0)] == [[0, 1], [30, 40]]
    assert times.decay(0, half_life=10) == pytest.approx((0.5 + 1) / 2)
    assert times.decay_together(0, 1, half_life=10) == pytest.approx(0.5)
    assert times.decay(2) == times.decay_together(0, 2) == 1


def test_every_piece_shows_the_parts_of_its_score() -> None:
    for item in ITEMS:
        for piece in _writer().write(item.id, INTENT.model_copy(update={"liked": ("heat",)}), ("thief", "babe")):
            assert piece.parts is not None
            assert piece.score == pytest.approx(piece.parts.value, abs=1e-4)
            if piece.kind is EvidenceKind.METADATA:
                assert (piece.parts.decay, piece.parts.credibility) == (1, 1)


def test_older_choices_of_a_history_count_less() -> None:
    pieces = {piece.text: piece for piece in _writer().write("fargo", INTENT, ("thief", "heat"))}
    recent, older = pieces["Like Heat (1995), it is a crime film."], pieces["Like Thief (1981), it is a crime film."]
    assert recent.parts is not None
    assert older.parts is not None
    assert (recent.parts.decay, older.parts.decay) == (1, 0.85)
    turned = {piece.text: piece.score for piece in _writer().write("fargo", INTENT, ("heat", "thief"))}
    assert turned["Like Heat (1995), it is a crime film."] < recent.score


def test_a_crowd_of_long_ago_counts_less() -> None:
    people = np.repeat(np.arange(len(HISTORIES)), [len(rows) for rows in HISTORIES])
    rows = np.concatenate(HISTORIES)
    year = 365 * 86_400.0
    # Everybody chose ten years ago, but for the one who chose "Scream" today.
    old = ChoiceTimes(people, rows, np.where((rows == 5) & (people == 3), 10 * year, 0.0), len(ITEMS))
    intent = INTENT.model_copy(update={"liked": ("heat",)})
    now = {piece.id: piece for piece in _writer().write("fargo", intent)}
    then = {piece.id: piece for piece in _writer(old).write("fargo", intent)}
    assert now.keys() == then.keys()
    for name, piece in then.items():
        if piece.kind is EvidenceKind.CROWD:
            assert piece.parts is not None
            assert piece.parts.decay == pytest.approx(2**-5, rel=0.01)
            assert piece.score < now[name].score
        else:
            assert piece.score == now[name].score


def test_what_answers_the_question_comes_before_the_rest() -> None:
    for asked, first in ((Asked.LENGTH, "heat.m5"), (Asked.AUDIENCE, "heat.m1"), (Asked.CAST, "heat.m4")):
        intent = Intent(kind=TurnKind.ASK, asked=asked, similar_to=("thief",))
        assert _writer().write("heat", intent)[0].id == first


def test_people_who_share_a_history() -> None:
    sequences = [np.array(rows) for rows in ([0, 1, 2], [0, 1, 3], [4, 5], [0, 1, 2])]
    index = PeopleIndex(sequences, np.zeros(4), n_items=6)
    entries = index.retrieve([0, 1], k=5, leave_out=3)
    assert sorted(entry.person for entry in entries) == [0, 1]
    assert {entry.place for entry in entries} == {1}
    assert all(entry.score.credibility == pytest.approx(2 / 5) for entry in entries)
    scores = index.scores(entries)
    assert scores[[4, 5]].tolist() == [0, 0]
    assert scores[2] > 0
    assert scores[3] > 0
    assert index.retrieve([], 5) == index.retrieve([5], 5, leave_out=2) == []


def test_recent_people_and_recent_choices_come_first() -> None:
    sequences = [np.array([0, 2]), np.array([0, 3]), np.array([1, 4])]
    times = np.array([0.0, 100.0, 100.0])
    index = PeopleIndex(sequences, times, n_items=5, half_life=100)
    assert [entry.person for entry in index.retrieve([0], 3)] == [1, 0]
    assert [entry.score.decay for entry in index.retrieve([0], 3)] == [1, 0.5]
    assert index.retrieve([0, 1], 1)[0].person == 2  # the rarer and the later of the two choices
