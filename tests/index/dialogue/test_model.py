"""The dialogue model over the small real catalogue."""

from pathlib import Path

import numpy as np
import pytest

from core.dialogue import Utterance
from core.errors import ArtifactError
from core.item import Item, ItemTable
from index.dialogue.content import ItemContent
from index.dialogue.context import Context, person_text
from index.dialogue.features import FEATURES
from index.dialogue.model import DialogueModel
from index.dialogue.weights import WEIGHTS
from tests.catalogue import FILMS
from training.dialogue import train_dialogue

_WEIGHTS = np.ones((2, len(FEATURES)), dtype=np.float32)


def _content(items: ItemTable = FILMS) -> ItemContent:
    vectors = np.random.default_rng(0).normal(size=(len(items), 8)).astype(np.float32)
    return ItemContent(items, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_context_names_each_item_once_and_leaves_out_the_disliked() -> None:
    said = [Utterance(True, "Heat, not Ghost!", (0, 10), disliked=(10,)), Utterance(False, "Casino?", (2, 0))]
    context = Context.of(said)
    assert context.rows.tolist() == [0, 2]
    assert context.named == {0, 2, 10}
    assert context.words == ("heat", "not", "ghost")
    assert context.weights.sum() == pytest.approx(1)
    assert context.weights[1] > context.weights[0]
    assert person_text(said) == "Heat, not Ghost!"


def test_words_name_categories_and_people() -> None:
    content = _content()
    named = content.categories_named(["scary", "horrors", "and", "comedies"])
    assert {FILMS.categories[place] for place in np.flatnonzero(named)} == {"Horror", "Comedy"}
    (column,) = content.people_named(["by", "martin", "scorsese's"])
    assert content.people[:, [column]].toarray().ravel().tolist() == [0.0] * 11 + [1.0]


def test_a_wish_without_any_training_finds_its_category_and_its_people() -> None:
    model = DialogueModel.untrained(_content(), WEIGHTS)
    scores = model.scores([Utterance(True, "a horror film please")])
    assert set(np.argsort(-scores)[:2].tolist()) == {3, 4}
    scores = model.scores([Utterance(True, "anything by martin scorsese")])
    assert int(scores.argmax()) == 11


def test_nothing_said_is_scored_too() -> None:
    scores = DialogueModel.untrained(_content(), _WEIGHTS).scores([])
    assert scores.shape == (len(FILMS),)
    assert np.isfinite(scores).all()


def test_items_without_anything_but_a_title() -> None:
    items = ItemTable([Item(id="1", title="One"), Item(id="2", title="Two")])
    scores = DialogueModel.untrained(_content(items), _WEIGHTS).scores([Utterance(True, "One", (0,))])
    assert np.isfinite(scores).all()


def test_a_saved_model_scores_the_same(tmp_path: Path) -> None:
    model = DialogueModel.untrained(_content(), _WEIGHTS)
    model.save(tmp_path / "dialogue.npz")
    said = [Utterance(True, "like that, but funny", (0,))]
    loaded = DialogueModel.load(tmp_path / "dialogue.npz", _content())
    np.testing.assert_array_equal(loaded.scores(said), model.scores(said))


def test_a_trained_model_is_saved_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.dialogue.MIN_CASES", 1)
    talks = [(Utterance(True, "make me laugh", (5,)), Utterance(False, "this?", (row,))) for row in (6, 7, 10) * 3]
    model = train_dialogue(talks, _content(), None)
    model.save(tmp_path / "dialogue.npz")
    said = [Utterance(True, "make me laugh", (5,))]
    loaded = DialogueModel.load(tmp_path / "dialogue.npz", _content())
    assert len(loaded.parameters.interactions.last)
    np.testing.assert_allclose(loaded.scores(said), model.scores(said), atol=1e-5)


def test_a_model_of_another_catalogue_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dialogue.npz"
    DialogueModel.untrained(_content(), _WEIGHTS).save(path)
    with pytest.raises(ArtifactError, match="not of this catalogue"):
        DialogueModel.load(path, _content(ItemTable([Item(id="1", title="One")])))
    path.write_bytes(b"PK")
    with pytest.raises(ArtifactError, match="can't be read"):
        DialogueModel.load(path, _content())
