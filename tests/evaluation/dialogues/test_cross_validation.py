"""Recall on conversations that training never saw."""

import numpy as np

from core.dialogue import Dialogue, Utterance
from evaluation.dialogues.cross_validation import cross_validate
from index.dialogue.content import ItemContent
from tests.catalogue import FILMS

_GROUPS = ((0, 1, 2), (5, 6, 7))


def _talk(number: int) -> Dialogue:
    told, answer = np.random.default_rng(number).permutation(_GROUPS[number % 2])[:2]
    return (Utterance(True, "like this", (int(told),)), Utterance(False, "then this", (int(answer),)))


def test_what_is_learned_beats_popularity_on_unseen_conversations() -> None:
    vectors = np.eye(len(FILMS), dtype=np.float32)  # texts say nothing
    measured = cross_validate([_talk(number) for number in range(60)], ItemContent(FILMS, vectors), None, seeds=(0,))
    recall = {one.name: one.recall for one in measured}
    assert recall["dialogue model"][5].value == 1.0  # only two items ever follow
    assert recall["popularity"][1].value < recall["dialogue model"][1].value
    assert all(one[50].value == 1.0 for one in recall.values())
    interval = recall["dialogue model"][1]
    assert interval.low <= interval.value <= interval.high
