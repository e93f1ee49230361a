"""The hard JSON prompt as a ranking: what stands before the letters, and which tokens they are."""

from pathlib import Path

import numpy as np
import torch

from catalog.splits import Position
from evaluation.experiments.hard_json import encode_hard_json
from tests.training.language.tiny import corpus as make_corpus
from tests.training.language.tiny import write_tiny_model
from training.language.base_model import load_language_model
from training.language.candidates import Choice
from training.language.scoring import log_probabilities


def test_the_answer_is_begun_and_the_letters_of_its_first_place_rank(tmp_path: Path) -> None:
    model, corpus = load_language_model(write_tiny_model(tmp_path / "tiny"), device=torch.device("cpu")), make_corpus()
    choice = Choice(Position(0, np.array([0, 1]), 3), np.array([2, 3, 4]), np.ones(3), 1)
    encoded = encode_hard_json(choice, corpus, model.tokenizer, latest=1)
    (tokens,) = encoded.pieces
    text = model.tokenizer.decode(tokens)
    assert text.endswith('{"ranking": ["')
    assert corpus.items.items[1].title in text
    assert corpus.items.items[0].title not in text.replace(corpus.items.items[1].title, "")
    (bare,) = encode_hard_json(choice, corpus, model.tokenizer, latest=0).pieces
    assert corpus.items.items[1].title not in model.tokenizer.decode(bare)
    assert [model.tokenizer.decode([token]) for token in encoded.letters] == ["A", "B", "C"]
    assert encoded.label == 1
    (found,) = log_probabilities(model, None, [encoded])
    np.testing.assert_allclose(np.exp(found).sum(), 1, rtol=1e-5)
