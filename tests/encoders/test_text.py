"""The embedded MiniLM, for real."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from encoders.cache import EmbeddingCache
from encoders.text import EMBEDDED_NAME, TextEncoder, text_encoder_identity


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder(device="cpu")


def test_embeddings_are_unit_vectors_that_know_what_texts_mean(encoder: TextEncoder) -> None:
    texts = ["A shark attacks swimmers.", "A great white terrorises a beach.", "Two people fall in love in Paris."]
    embeddings = encoder.encode(texts)
    assert embeddings.shape == (3, 384)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert embeddings[0] @ embeddings[1] > embeddings[0] @ embeddings[2] + 0.2


def test_the_order_of_texts_and_the_size_of_batches_do_not_matter(encoder: TextEncoder) -> None:
    texts = ["short", "a somewhat longer text about nothing", "short", "third"]
    together = encoder.encode(texts, batch_size=2)
    alone = np.stack([encoder.encode_one(text) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_many_texts_at_once_are_nearly_the_same_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"The {one} swims from {other} to {one}." for one in ("shark", "boy", "ship") for other in ("home", "sea")]
    alone = TextEncoder(device="cpu").encode(texts)
    monkeypatch.setattr("encoders.text.BULK", len(texts))
    together = TextEncoder(device="cpu").encode(texts, batch_size=4)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert (together * alone).sum(axis=1).min() > 0.999
    few = TextEncoder(device="cpu").encode(texts[:-1])
    np.testing.assert_allclose(few, alone[:-1], atol=1e-5)


def test_empty_and_endless_texts(encoder: TextEncoder) -> None:
    empty, blank, endless, odd = encoder.encode(["", " \n", "whale " * 1_000_000, "\ud800\x00"])
    assert not empty.any()
    assert not blank.any()
    assert np.linalg.norm(endless) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(odd).all()
    assert encoder.encode([]).shape == (0, 384)


def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache.sqlite"
    first = TextEncoder(cache=cache, device="cpu")
    done = first.encode(["one", "two"])
    asked: list[str] = []
    second = TextEncoder(cache=cache, device="cpu")
    encode_batch = second._encode_batch

    def note(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return encode_batch(texts)

    monkeypatch.setattr(second, "_encode_batch", note)
    embeddings = second.encode(["two", "three", "one"], progress="Encoding")
    assert asked == ["three"]
    assert "2/3 [" in capsys.readouterr().err  # the bar goes on there too
    assert np.array_equal(embeddings[[2, 0]], done)


def test_a_damaged_cache_is_begun_anew_and_models_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"not a database" * 100)
    cache = EmbeddingCache(path, "model")
    assert cache.read([b"a"]) == {}
    cache.write({b"a": np.array([0.6, 0.8], dtype=np.float32)})
    assert cache.read([b"a", b"b"])[b"a"].tolist() == pytest.approx([0.6, 0.8])
    assert EmbeddingCache(path, "another").read([b"a"]) == {}


def test_identities(tmp_path: Path) -> None:
    assert text_encoder_identity() == EMBEDDED_NAME
    assert text_encoder_identity("some/model") == "some/model"
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = text_encoder_identity(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"12")
    assert text_encoder_identity(str(tmp_path)) != before


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be loaded"):
        TextEncoder(str(tmp_path)).encode_one("text")


def test_importing_the_encoder_does_not_import_torch() -> None:
    code = "import encoders.text, sys; assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
