"""What the dialogue model learns from conversations."""

import numpy as np
import pytest

from core.dialogue import Dialogue, Utterance
from core.errors import InputError
from index.dialogue.content import ItemContent
from index.dialogue.features import FEATURES
from tests.catalogue import FILMS
from training.dialogue import train_dialogue
from training.dialogue_cases import cases, simulated

CRIME, FUNNY, SPACE = (0, 1, 2, 11), (5, 6, 7, 10), (3, 9)


def _content() -> ItemContent:
    vectors = np.random.default_rng(0).normal(size=(len(FILMS), 8)).astype(np.float32)
    return ItemContent(FILMS, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _talk(words: str, group: tuple[int, ...], rng: np.random.Generator) -> Dialogue:
    told, first, second = rng.permutation(group)[:3]
    return (
        Utterance(True, words),
        Utterance(False, "Have you seen it?", (int(first),)),
        Utterance(True, "Yes, and this, more please", (int(told),)),
        Utterance(False, "Then this", (int(second),)),
    )


def _talks(count: int) -> list[Dialogue]:
    rng = np.random.default_rng(1)
    groups = (("something gritty", CRIME), ("make me laugh", FUNNY))
    return [_talk(*groups[number % 2], rng) for number in range(count)]


def test_cases_are_new_items_of_the_recommender() -> None:
    said = (
        Utterance(True, "", (1,)),
        Utterance(False, "", (1, 2, 2, 3)),
        Utterance(True, "", (4,)),
        Utterance(False, "", (4,)),
    )
    (case,) = cases([said])
    assert case.before == said[:1]
    assert case.answers == (2, 3)


def test_words_and_mentions_lead_to_what_was_recommended_after_them() -> None:
    model = train_dialogue(_talks(200), _content(), None)
    by_words = model.scores([Utterance(True, "make me laugh")])
    assert by_words[list(FUNNY)].mean() > by_words[list(CRIME)].mean() + 0.3
    by_mention = model.scores([Utterance(True, "", (0,))])
    assert by_mention[[1, 2, 11]].mean() > by_mention[list(FUNNY)].mean() + 0.3


def test_a_case_never_sees_its_own_answer() -> None:
    """Each item is mentioned in one conversation only: to anybody else, who was with whom says nothing."""
    pairs = [(Utterance(True, "hello", (row,)), Utterance(False, "hi", (row + 1,))) for row in range(0, 12, 2)]
    model = train_dialogue(pairs, _content(), None)
    lift = model.parameters.weights[:, FEATURES.index("lift")]
    assert np.abs(lift).max() < 1e-6


def test_the_same_seed_gives_the_same_model() -> None:
    first, second = (train_dialogue(_talks(20), _content(), None, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.parameters.weights, second.parameters.weights)


def test_what_conversations_say_nothing_of_keeps_the_prior() -> None:
    prior = np.full((2, len(FEATURES)), 0.5, dtype=np.float32)
    talks = simulated([[0, 1, 2, 11, 0, 1], [5, 6, 7, 10, 5, 6]])
    model = train_dialogue(talks, _content(), None, prior=prior)
    words = FEATURES.index("words")
    assert model.parameters.weights[:, words] == pytest.approx([0.5, 0.5])


def test_simulated_conversations_are_windows_of_choices() -> None:
    (talk,) = simulated([[3, 1, 4, 1, 5, 9, 2], [6]])
    assert [utterance.rows for utterance in talk] == [(3, 1), (4,), (1,), (5,), (9,)]
    assert [utterance.by_person for utterance in talk] == [True, False, False, False, False]
    assert len(simulated([list(range(12))] * 5, limit=3)) == 3


def test_what_features_say_together_is_learned_from_enough_words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    talks = _talks(20)
    assert not len(train_dialogue(talks, _content(), None).parameters.interactions.last)
    monkeypatch.setattr("training.dialogue.MIN_CASES", len(cases(talks)))
    assert len(train_dialogue(talks, _content(), None).parameters.interactions.last)
    assert not len(train_dialogue(talks, _content(), None, wordless=True).parameters.interactions.last)


def test_conversations_without_recommendations_are_an_error() -> None:
    with pytest.raises(InputError, match="recommends"):
        train_dialogue([(Utterance(True, "hello", (1,)),)], _content(), None)
