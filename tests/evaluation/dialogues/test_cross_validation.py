"""Recall on conversations that training never saw."""

import numpy as np
import pytest

from core.dialogue import Dialogue, Utterance
from evaluation.dialogues import cross_validation
from evaluation.dialogues.cross_validation import cross_validate
from evaluation.statistics import bootstrap_pooled
from index.dialogue.content import ItemContent
from tests.catalogue import FILMS

_GROUPS = ((0, 1, 2), (5, 6, 7))


def _talk(number: int) -> Dialogue:
    told, answer = np.random.default_rng(number).permutation(_GROUPS[number % 2])[:2]
    return (Utterance(True, "like this", (int(told),)), Utterance(False, "then this", (int(answer),)))


def test_what_is_learned_beats_popularity_on_unseen_conversations() -> None:
    vectors = np.eye(len(FILMS), dtype=np.float32)  # texts say nothing
    talks, people = [_talk(number) for number in range(60)], [f"u{number}" for number in range(60)]
    measured = cross_validate(talks, people, ItemContent(FILMS, vectors), None, seeds=(0,))
    recall = {one.name: one.recall for one in measured}
    assert recall["dialogue model"][5].value == 1.0  # only two items ever follow
    assert recall["popularity"][1].value < recall["dialogue model"][1].value
    assert all(one[50].value == 1.0 for one in recall.values())
    interval = recall["dialogue model"][1]
    assert interval.low <= interval.value <= interval.high


def test_nobody_is_learned_from_and_measured_on(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [f"u{number // 6}" for number in range(60)]
    left: list[tuple[set[str], set[str]]] = []

    def rankers(train: list[Dialogue], *_: object) -> dict[str, cross_validation.CaseScores]:
        known = {id(one) for one in train}
        sides = (
            {who for who, one in zip(people, talks, strict=True) if (id(one) in known) is is_in}
            for is_in in (True, False)
        )
        left.append(tuple(sides))
        return {"nobody": lambda _: np.zeros(len(FILMS), dtype=np.float32)}

    talks = [_talk(number) for number in range(60)]
    monkeypatch.setattr(cross_validation, "_rankers", rankers)
    cross_validate(talks, people, ItemContent(FILMS, np.eye(len(FILMS), dtype=np.float32)), None, seeds=(0,))
    assert len(left) == cross_validation.FOLDS
    assert all(len(measured) == 2 and not learned & measured for learned, measured in left)


def test_people_are_what_intervals_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [f"u{number // 6}" for number in range(60)]
    content = ItemContent(FILMS, np.eye(len(FILMS), dtype=np.float32))
    answers = [number // 6 % 2 for number in range(60)]  # whoever is right once is right each time
    talks = [(Utterance(True, "like this", (5,)), Utterance(False, "then this", (answer,))) for answer in answers]
    monkeypatch.setattr(cross_validation, "_rankers", lambda *_: {"first": lambda _: -np.arange(len(FILMS))})
    ((first,), (alone,)) = (
        cross_validate(talks, who, content, None, seeds=(0,)) for who in (people, list(map(str, range(60))))
    )
    assert first.recall[1] == bootstrap_pooled([6.0, 0.0] * 5, [6] * 10, 0)
    assert first.recall[1].value == alone.recall[1].value
    assert first.recall[1].high - first.recall[1].low > 2 * (alone.recall[1].high - alone.recall[1].low)
