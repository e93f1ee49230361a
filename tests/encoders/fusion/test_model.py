from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError, InputError
from core.modality import Modality
from encoders.fusion import model as fusion_model
from encoders.fusion.model import FusionModel, FusionShape
from tests.encoders.fusion.modalities import WIDTHS, modalities


@pytest.fixture(scope="module")
def model() -> FusionModel:
    shape = FusionShape(features=WIDTHS, dimensions=16, hidden=8)
    return FusionModel(shape, shape.network())


def test_items_are_embedded_with_their_weights(model: FusionModel) -> None:
    items = modalities(20)
    fused = model.fuse(items)
    known = np.any([one.present for one in items], axis=0)
    assert fused.embeddings.shape == (20, 16)
    assert fused.embeddings.dtype == fused.weights.dtype == np.float32
    assert np.linalg.norm(fused.embeddings, axis=1) == pytest.approx(known.astype(float), abs=1e-6)
    assert fused.weights.sum(axis=1) == pytest.approx(known.astype(float), abs=1e-6)
    assert fused.names == ("text", "image", "behaviour")


def test_chunks_make_no_difference(model: FusionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    items = modalities(20)
    whole, projected = model.fuse(items), model.project("text", items[0].features)
    monkeypatch.setattr(fusion_model, "CHUNK", 7)
    assert model.fuse(items).embeddings == pytest.approx(whole.embeddings, abs=1e-6)
    assert model.project("text", items[0].features) == pytest.approx(projected, abs=1e-6)


def test_the_order_of_the_modalities_makes_no_difference_and_some_may_lack(model: FusionModel) -> None:
    text, image, behaviour = modalities(20)
    whole = model.fuse([text, image, behaviour]).embeddings
    assert model.fuse([behaviour, text, image]).embeddings.tolist() == whole.tolist()
    none = Modality("behaviour", np.zeros_like(behaviour.features), np.zeros(20, dtype=np.bool_))
    assert model.fuse([text, image]).embeddings.tolist() == model.fuse([text, image, none]).embeddings.tolist()


def test_shared_is_the_projection_of_what_is_there(model: FusionModel) -> None:
    items = modalities(20)
    shared = model.shared(items, "image")
    present = items[1].present
    assert shared[present] == pytest.approx(model.project("image", items[1].features[present]), abs=1e-6)
    assert (shared[~present] == 0).all()
    with pytest.raises(InputError, match="no modality sound"):
        model.shared(items, "sound")


def test_nothing_gives_nothing(model: FusionModel) -> None:
    assert model.fuse([]).embeddings.shape == (0, 16)
    assert model.project("text", np.zeros((0, 12), dtype=np.float32)).shape == (0, 16)


def test_what_was_saved_is_loaded(model: FusionModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = FusionModel.load(tmp_path)
    items = modalities(20)
    assert again.shape == model.shape
    assert again.fuse(items).embeddings.tolist() == model.fuse(items).embeddings.tolist()


@pytest.mark.parametrize("damage", ["missing", "fusion.json", "fusion.safetensors"])
def test_a_damaged_folder_is_named(model: FusionModel, tmp_path: Path, damage: str) -> None:
    if damage != "missing":
        model.save(tmp_path)
        (tmp_path / damage).write_text("{")
    with pytest.raises(ArtifactError, match="tastemaker prepare"):
        FusionModel.load(tmp_path)


def test_other_features_are_refused(model: FusionModel) -> None:
    with pytest.raises(InputError, match=r"has 5 features, and the fusion was trained for 12.*tastemaker prepare"):
        model.project("text", np.zeros((1, 5), dtype=np.float32))
    with pytest.raises(InputError, match=r"without the modality sound.*tastemaker prepare"):
        model.fuse([Modality("sound", np.zeros((2, 3), dtype=np.float32), np.ones(2, dtype=np.bool_))])
    text, image, _ = modalities(20)
    with pytest.raises(InputError, match="different numbers of items"):
        model.fuse([text, Modality("image", image.features[:5], image.present[:5])])
