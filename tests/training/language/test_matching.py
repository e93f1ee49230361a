"""The projector's item tokens learn what a person chooses, and teach it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from catalog.splits import Position
from encoders.soft_prompt import SoftPromptProjector
from tests.training.language.tiny import HIDDEN
from training.language.base_model import load_language_model
from training.language.candidates import Choice
from training.language.corpus import Corpus
from training.language.encoding import ChoiceEncoder
from training.language.matching import taught


@pytest.fixture(scope="module")
def encoder(tiny_model: Path, corpus: Corpus) -> ChoiceEncoder:
    tokenizer = load_language_model(tiny_model, device=torch.device("cpu")).tokenizer
    return ChoiceEncoder(corpus.items, corpus.embeddings, tokenizer, corpus.wording, soft=True, latest=0)


def nearest_first(embeddings: np.ndarray, count: int, seed: int) -> list[Choice]:
    """Of three or four candidates, the one most like the only item of the history is chosen."""
    rng = np.random.default_rng(seed)
    found = []
    for person in range(count):
        known, *rest = rng.permutation(len(embeddings))[: 4 + person % 2]
        rows = np.array(rest)
        label = int(np.argmax(embeddings[rows] @ embeddings[known]))
        found.append(Choice(Position(person, np.array([known]), int(rows[label])), rows, np.ones(len(rows)), label))
    return found


def test_the_readout_finds_what_people_choose_by(encoder: ChoiceEncoder, corpus: Corpus) -> None:
    training, unseen = (nearest_first(corpus.embeddings, 600, seed) for seed in (0, 1))
    projector = SoftPromptProjector(corpus.embeddings.shape[1], HIDDEN, width=32)
    before = projector.item[0].weight.detach().clone()
    found = taught(projector, encoder, training, unseen, share=1.0, seed=0)
    assert not torch.equal(projector.item[0].weight, before)
    chances = [choice.chances for choice in found]
    assert [len(each) for each in chances if each is not None] == [len(choice.rows) for choice in training]
    np.testing.assert_allclose([each.sum() for each in chances if each is not None], 1)
    right = np.mean([int(each.argmax()) == choice.label for each, choice in zip(chances, found, strict=True)])  # type: ignore[union-attr]
    assert right > 0.6  # a third or a fourth by chance


def test_what_was_chosen_has_the_rest_of_the_chances(encoder: ChoiceEncoder, corpus: Corpus) -> None:
    training = nearest_first(corpus.embeddings, 40, 0)
    projector = SoftPromptProjector(corpus.embeddings.shape[1], HIDDEN, width=8)
    for choice in taught(projector, encoder, training, training, share=0.0, seed=0):
        assert choice.chances is not None
        assert choice.chances.tolist() == [float(place == choice.label) for place in range(len(choice.rows))]
    for choice in taught(projector, encoder, training, training, share=0.5, seed=0):
        assert choice.chances is not None
        assert choice.chances[choice.label] > 0.5


def test_chances_follow_their_candidates_to_other_letters(encoder: ChoiceEncoder, corpus: Corpus) -> None:
    (choice,) = nearest_first(corpus.embeddings, 1, 0)
    order = np.array([2, 0, 1])
    encoded = encoder.encode(choice, order=order)
    assert encoded.chances.tolist() == [float(place == choice.label) for place in order]
    assert int(encoded.chances.argmax()) == encoded.label
