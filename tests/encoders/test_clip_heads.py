"""A fusion's heads as the projections of the embedded open_clip model, saved and read again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import InputError
from encoders.clip_heads import fusion_heads, save_clip, with_heads
from encoders.fusion.model import FusionModel, FusionShape
from encoders.image import ImageEncoder
from encoders.text import TextEncoder
from tests.encoders.test_image import PICTURES

TEXTS = ["A shark attacks swimmers.", "Two people fall in love."]


def random_fusion(**shape: object) -> FusionModel:
    """All weights are random, also those that training starts from zero."""
    settings = FusionShape.model_validate({"features": {"numbers": 3, "text": 384, "image": 1280}} | shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = settings.network()
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        network.centre.normal_(std=0.1)
        network.scale.uniform_(0.5, 2)
    return FusionModel(settings, network)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[FusionModel, Path]:
    fusion = random_fusion()
    folder = tmp_path_factory.mktemp("clip") / "first"
    save_clip(with_heads(*fusion_heads(fusion)), folder)
    moved = folder.with_name("moved")
    shutil.move(folder, moved)
    return fusion, moved


def test_the_saved_model_projects_as_the_fusion_does(saved: tuple[FusionModel, Path]) -> None:
    fusion, folder = saved
    encoder = ImageEncoder(f"local-dir:{folder}", device="cpu")
    assert encoder.is_aligned
    assert encoder.dimensions == fusion.dimensions
    features, _ = ImageEncoder(device="cpu").encode(PICTURES)
    np.testing.assert_allclose(encoder.encode(PICTURES)[0], fusion.project("image", features), atol=1e-4)
    texts = TextEncoder(device="cpu").encode(TEXTS)
    np.testing.assert_allclose(encoder.encode_text(TEXTS), fusion.project("text", texts), atol=1e-4)


def test_open_clip_itself_reads_the_towers(saved: tuple[FusionModel, Path]) -> None:
    import open_clip

    _, folder = saved
    model = open_clip.create_model(
        f"local-dir:{folder}", text_cfg=_text_config(folder), require_pretrained=True, pretrained_text=False
    ).eval()
    features, _ = ImageEncoder(device="cpu").encode(PICTURES[:1])
    pixels = ImageEncoder(device="cpu")._pixels(PICTURES[0]).copy()  # torch wants it writable
    with torch.inference_mode():
        ours = model.encode_image(torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1).numpy()
    np.testing.assert_allclose(ours, features, atol=1e-3)


def _text_config(folder: Path) -> dict[str, object]:
    """open_clip looks for the text tower's configuration where the folder was written; this one has moved."""
    import json

    text = json.loads((folder / "open_clip_config.json").read_text("utf-8"))["model_cfg"]["text_cfg"]
    return text | {"hf_model_name": str(folder)}


def test_a_fusion_without_such_heads() -> None:
    for fusion in (random_fusion(features={"text": 384}), random_fusion(fusion="early")):
        with pytest.raises(InputError, match="no heads for pictures and for texts"):
            fusion_heads(fusion)


def test_heads_that_do_not_fit(saved: tuple[FusionModel, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(saved[1], tmp_path / "copy")
    (folder / "heads.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match="can't be loaded"):
        ImageEncoder(f"local-dir:{folder}", device="cpu").encode(PICTURES)
