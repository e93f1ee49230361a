"""The embedded towers, for real, and a small open_clip model with random weights as a checkpoint."""

import logging
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.errors import InputError
from encoders.clip import clip_identity, embedded_classifier, embedded_clip, load_clip
from encoders.image import ImageEncoder, Picture
from tests.encoders.conftest import TINY

POSTERS = Path(__file__).parents[3] / "shared" / "data" / "ml-1m" / "posters"


def picture(seed: int, size: tuple[int, int] = (96, 128)) -> Image.Image:
    """A few coloured shapes."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(rng.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, top = rng.integers(0, 64, 2)
        box = (left, top, left + rng.integers(8, 64), top + rng.integers(8, 64))
        draw.ellipse(tuple(map(int, box)), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image


def png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


PICTURES = [png(picture(seed)) for seed in range(5)]


@pytest.fixture(scope="module")
def encoder() -> ImageEncoder:
    return ImageEncoder(device="cpu")


class TestEmbedded:
    def test_features_of_pictures_and_of_what_is_none(
        self, encoder: ImageEncoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "a.png").write_bytes(PICTURES[0])
        (tmp_path / "empty.png").write_bytes(b"")
        values = [tmp_path / "a.png", None, tmp_path / "empty.png", PICTURES[1], b"no picture", tmp_path / "none.png"]
        with caplog.at_level(logging.WARNING, logger="encoders.image"):
            features, present = encoder.encode(values)
        assert features.shape == (6, encoder.dimensions) == (6, 1280)
        assert (features.dtype, present.dtype) == (np.float32, np.bool_)
        assert present.tolist() == [True, False, False, True, False, False]
        assert not features[~present].any()
        assert np.isfinite(features).all()
        assert encoder.broken == {"is empty": 1, "is not a picture that can be read here": 1, "does not exist": 1}
        assert caplog.messages == [encoder.notice]

    def test_neither_order_nor_neighbours_nor_batches_matter(self, encoder: ImageEncoder) -> None:
        features, _ = encoder.encode([*PICTURES, b"broken", *PICTURES[::-1]], batch_size=2)
        alone = np.stack([encoder.encode_one(content) for content in PICTURES])
        np.testing.assert_allclose(features[:5], alone, atol=2e-5)
        np.testing.assert_allclose(features[6:], alone[::-1], atol=2e-5)
        again, _ = encoder.encode([*PICTURES, b"broken", *PICTURES[::-1]], batch_size=2)
        assert np.array_equal(features, again)

    def test_nothing(self, encoder: ImageEncoder) -> None:
        features, present = encoder.encode([])
        assert (features.shape, present.shape) == ((0, 1280), (0,))

    def test_a_copy_at_another_size_is_nearer_than_another_picture(self, encoder: ImageEncoder) -> None:
        copies = [png(picture(seed).resize((240, 320), Image.Resampling.BICUBIC)) for seed in range(5)]
        features, _ = encoder.encode([*PICTURES, *copies])
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        assert (unit[:5] @ unit[5:].T).argmax(axis=1).tolist() == list(range(5))

    def test_a_broken_picture_that_someone_shows_is_refused(self, encoder: ImageEncoder) -> None:
        with pytest.raises(InputError, match="not a picture"):
            encoder.encode_one(b"no picture")

    def test_the_weights_stand_where_they_belong(self) -> None:
        """The pooled features and the classifier give what timm's whole network gives with the package's weights."""
        import timm
        import torch

        from encoders.clip import _lite0_weights

        whole = timm.create_model("tf_efficientnet_lite0")
        theirs = _lite0_weights()
        ours = whole.state_dict()
        assert [value.shape for value in theirs.values()] == [value.shape for value in ours.values()]
        for (name, _), (other, _) in zip(theirs.items(), ours.items(), strict=True):
            assert name.rsplit(".", 1)[1] == other.rsplit(".", 1)[1]
        whole.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
        pixels = torch.rand(2, 3, 224, 224) * 2 - 1
        weight, bias = embedded_classifier()
        with torch.inference_mode():
            features = embedded_clip().encode_image(pixels).numpy()
            np.testing.assert_allclose(features @ weight.T + bias, whole.eval()(pixels).numpy(), atol=1e-3)

    def test_texts_are_those_of_the_text_encoder(self) -> None:
        import torch

        from encoders.text import TextEncoder

        texts = ["A shark attacks swimmers.", "love"]
        clip = load_clip()
        with torch.inference_mode():
            ours = clip.model.encode_text(clip.tokenizer(texts), normalize=True).numpy()
        np.testing.assert_allclose(ours, TextEncoder(device="cpu").encode(texts), atol=1e-4)

    def test_texts_have_no_place_among_pictures_before_alignment(self, encoder: ImageEncoder) -> None:
        assert not encoder.is_aligned
        with pytest.raises(InputError, match="no texts in the space"):
            encoder.encode_text(["a shark"])

    def test_pixels_are_prepared_as_open_clip_does(self, encoder: ImageEncoder) -> None:
        import torch
        from open_clip.transform import PreprocessCfg, image_transform_v2

        clip = encoder.clip
        assert (clip.mean, clip.std, clip.size) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), (224, 224))
        transform: Any = image_transform_v2(PreprocessCfg(**clip.model.visual.preprocess_cfg), is_train=False)
        with torch.inference_mode():
            expected = clip.model.encode_image(transform(picture(0))[None])[0].numpy()
        np.testing.assert_allclose(encoder.encode_one(PICTURES[0]), expected, atol=1e-4)


class TestCache:
    def counted(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ImageEncoder, list[int]]:
        encoder, sizes = ImageEncoder(cache=cache, device="cpu"), []
        forward = encoder._forward
        _ = encoder.dimensions

        def count(pixels: list[Any]) -> Any:
            sizes.append(len(pixels))
            return forward(pixels)

        monkeypatch.setattr(encoder, "_forward", count)
        return encoder, sizes

    def test_an_interrupted_run_goes_on_where_it_stopped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first, _ = self.counted(tmp_path / "cache.sqlite", monkeypatch)
        forward, calls = first._forward, []

        def interrupted(pixels: list[Any]) -> Any:
            if calls:
                raise KeyboardInterrupt
            calls.append(1)
            return forward(pixels)

        monkeypatch.setattr(first, "_forward", interrupted)
        with pytest.raises(KeyboardInterrupt):
            first.encode(PICTURES, batch_size=2)
        second, sizes = self.counted(tmp_path / "cache.sqlite", monkeypatch)
        features, present = second.encode(PICTURES, batch_size=2)
        assert sizes == [2, 1]
        assert present.all()
        third, sizes = self.counted(tmp_path / "cache.sqlite", monkeypatch)
        assert np.array_equal(third.encode(PICTURES)[0], features)
        assert sizes == []

    def test_the_key_is_the_content(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        encoder, sizes = self.counted(tmp_path / "cache.sqlite", monkeypatch)
        for name in ("one", "two"):
            (tmp_path / name).write_bytes(PICTURES[0])
        features, _ = encoder.encode([tmp_path / "one", tmp_path / "two", PICTURES[0]])
        assert sizes == [1]
        assert np.array_equal(features[0], features[2])
        assert np.array_equal(encoder.encode_one(PICTURES[0]), features[0])
        (tmp_path / "one").write_bytes(PICTURES[1])
        changed, _ = encoder.encode([tmp_path / "one"])
        assert sizes == [1, 1]
        assert not np.array_equal(changed[0], features[0])

    def test_features_in_a_mapped_file(self, encoder: ImageEncoder, tmp_path: Path) -> None:
        values: list[Picture] = [*PICTURES, None]
        mapped, present = encoder.encode_to(tmp_path / "image.npy", values)
        assert isinstance(mapped, np.memmap)
        np.testing.assert_array_equal(mapped, encoder.encode(values)[0])
        assert present.tolist() == [True] * 5 + [False]
        assert [path.name for path in tmp_path.iterdir()] == ["image.npy"]


class TestOpenClip:
    def test_a_model_with_a_checkpoint_file(self, checkpoint: Path) -> None:
        encoder = ImageEncoder(TINY, str(checkpoint), device="cpu")
        assert encoder.is_aligned
        features, present = encoder.encode(PICTURES)
        texts = encoder.encode_text(["a red circle", "a blue sea", ""])
        assert features.shape[1] == texts.shape[1] == encoder.dimensions == 256
        np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(texts, axis=1), 1, atol=1e-5)
        assert encoder.encode_text([]).shape == (0, 256)
        assert present.all()

    def test_a_folder(self, checkpoint: Path, tmp_path: Path) -> None:
        import json

        import open_clip
        import torch
        from safetensors.torch import save_file

        config = {"model_cfg": open_clip.get_model_config(TINY), "preprocess_cfg": {"mean": [0.1, 0.2, 0.3]}}
        (tmp_path / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
        save_file(torch.load(checkpoint, weights_only=True), tmp_path / "open_clip_model.safetensors")
        encoder = ImageEncoder(f"local-dir:{tmp_path}", device="cpu")
        assert tuple(encoder.clip.mean) == (0.1, 0.2, 0.3)
        other = ImageEncoder(TINY, str(checkpoint), device="cpu")
        np.testing.assert_allclose(encoder.encode_text(["sea"]), other.encode_text(["sea"]), atol=1e-6)

    @pytest.mark.parametrize(
        ("model", "pretrained", "cause"),
        [
            ("ViT-B-23", "openai", r"knows no model 'ViT-B-23'. Near: ViT-B-32"),
            ("ViT-B-32", "", "needs weights"),
            ("ViT-B-32", "no-such-tag", "neither a file nor pretrained weights"),
            ("ViT-B-32", "/no/such/file.pt", "neither a file nor pretrained weights"),
            ("local-dir:/no/such/folder", "", "holds no open_clip model"),
            ("", "weights.pt", "need the name of their model"),
        ],
    )
    def test_what_cannot_be_loaded(self, model: str, pretrained: str, cause: str) -> None:
        with pytest.raises(InputError, match=re.escape(cause) if "Near" not in cause else cause) as raised:
            ImageEncoder(model, pretrained, device="cpu").encode(PICTURES)
        assert "\n" not in str(raised.value)
        assert raised.value.mend

    def test_a_checkpoint_of_another_model_or_none(self, checkpoint: Path, tmp_path: Path) -> None:
        (tmp_path / "garbage.pt").write_bytes(b"no weights")
        for model, path in (("ViT-B-32", checkpoint), (TINY, tmp_path / "garbage.pt")):
            with pytest.raises(InputError, match="can't be loaded") as raised:
                ImageEncoder(model, str(path), device="cpu").encode(PICTURES)
            assert "\n" not in str(raised.value)

    def test_a_hub_that_cannot_be_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import huggingface_hub.constants

        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(InputError, match=r"The image encoder hf-hub:nobody/nothing can't be loaded"):
            ImageEncoder("hf-hub:nobody/nothing", device="cpu").encode(PICTURES)

    def test_identities(self, checkpoint: Path) -> None:
        names = {
            clip_identity(),
            clip_identity("ViT-B-32", "openai"),
            clip_identity("ViT-B-32", "laion2b_s34b_b79k"),
            clip_identity(TINY, str(checkpoint)),
        }
        assert len(names) == 4
        before = clip_identity(TINY, str(checkpoint))
        checkpoint.touch()
        assert clip_identity(TINY, str(checkpoint)) != before


def test_importing_the_encoder_does_not_import_torch() -> None:
    code = "import encoders.image, sys; assert not {'torch', 'open_clip', 'timm', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.data
def test_a_poster_finds_its_own_copy(encoder: ImageEncoder) -> None:
    """Cut at the border, smaller and compressed again: nearer than any of a hundred others."""
    paths = sorted(POSTERS.glob("*.jpg"))[:100]
    copies = []
    for path in paths:
        with Image.open(path) as image:
            width, height = image.size
            copy = image.convert("RGB").crop((4, 4, width - 4, height - 4)).resize((width // 2, height // 2))
        buffer = BytesIO()
        copy.save(buffer, format="JPEG", quality=70)
        copies.append(buffer.getvalue())
    features, present = encoder.encode([*paths, *copies])
    assert present.all()
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    nearest = (unit[100:] @ unit[:100].T).argmax(axis=1)
    assert (nearest == np.arange(100)).mean() >= 0.95
