"""Mentions, counted with and without a conversation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.dialogue import Utterance
from index.dialogue.counts import MentionCounts, Mentions

_DIALOGUES = st.lists(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=6), min_size=1, max_size=6)


def _mentions(said: list[tuple[bool, int]]) -> Mentions:
    return Mentions.of([Utterance(by_person, "", (row,)) for by_person, row in said])


def test_an_item_counts_once_a_conversation_and_belongs_to_who_named_it_first() -> None:
    mentions = _mentions([(True, 0), (False, 1), (False, 0), (True, 1)])
    assert mentions.named.tolist() == [0, 1]
    assert mentions.recommended.tolist() == [1]


def test_counts_by_hand() -> None:
    counts = MentionCounts.count([_mentions([(True, 0), (False, 1)]), _mentions([(True, 0), (False, 2)])], 4)
    assert counts.named.tolist() == [2, 1, 1, 0]
    assert counts.recommended.tolist() == [0, 1, 1, 0]
    assert counts.together.toarray().tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_what_was_named_with_a_mention_is_likelier() -> None:
    counts = MentionCounts.count([_mentions([(True, 0), (False, 1)]), _mentions([(True, 2), (False, 3)])], 4)
    lift = counts.lift(np.array([0]), np.array([1.0], dtype=np.float32))
    assert lift[1] > 0
    assert lift[2] == lift[3] == 0


@given(_DIALOGUES, st.data())
def test_without_a_conversation_is_as_if_it_was_never_held(
    said: list[list[tuple[bool, int]]], data: st.DataObject
) -> None:
    mentions = [_mentions(one) for one in said]
    left_out = data.draw(st.integers(0, len(said) - 1))
    counts = MentionCounts.count(mentions, 6).without(mentions[left_out])
    expected = MentionCounts.count([one for place, one in enumerate(mentions) if place != left_out], 6)
    assert counts.conversations == expected.conversations
    np.testing.assert_array_equal(counts.named, expected.named)
    np.testing.assert_array_equal(counts.recommended, expected.recommended)
    rows, weights = np.arange(6), np.full(6, 1 / 6, dtype=np.float32)
    np.testing.assert_allclose(counts.lift(rows, weights), expected.lift(rows, weights), atol=1e-6)
