"""What every encoder keeps to. A new one is tested by writing its case and adding it to CASES."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from encoders.audio import AudioEncoder
from encoders.behaviour import BehaviourEncoder
from encoders.categorical import CategoricalEncoder
from encoders.cooccurrence import History
from encoders.encoder import Encoded, Encoder
from encoders.graph import GraphEncoder
from encoders.image import ImageEncoder
from encoders.numeric import NumericEncoder
from encoders.place import PlaceEncoder
from encoders.text import EMBEDDED_NAME, TextEncoder
from encoders.time import TimeEncoder


@dataclass(frozen=True)
class Case:
    """An encoder with values of its kind."""

    make: Callable[[Sequence[Any]], Encoder[Any]]  # for values; one that isn't fitted ignores them
    load: Callable[[Path], Encoder[Any]] | None  # reads what a fitted one saved
    present: Sequence[Any]  # at least three that differ
    absent: Sequence[Any]  # values that say nothing
    adversarial: Sequence[Any]  # values that must do no harm, present or not

    def encoder(self) -> Encoder[Any]:
        return self.make(self.present)


def categories(folder: Path) -> Case:
    return Case(
        CategoricalEncoder.fit,
        CategoricalEncoder.load,
        present=[
            {"genre": ["Crime", "Drama"], "actor": ["Al Pacino"]},
            {"genre": ["Crime"]},
            {"genre": ["Comedy", "Drama"], "actor": ["Al Pacino", "Nobody Else"]},
            {"genre": ["Comedy"], "country": ["Peru"]},
        ],
        absent=[{}, {"genre": []}, {"genre": ["", "  "]}],
        adversarial=[
            {"genre": ["\ud800", "x" * 100_000]},
            {"": [""]},
            {"genre": ["Drama"] * 1_000},
            {"unseen": ["Drama"]},
        ],
    )


def numbers(folder: Path) -> Case:
    return Case(
        NumericEncoder.fit,
        NumericEncoder.load,
        present=[{"minutes": 90.0}, {"minutes": 120.0, "price": 3.0}, {"price": 5_000_000.0}, {"minutes": 91}],
        absent=[{}, {"minutes": np.nan}, {"minutes": np.inf, "price": -np.inf}, {"unknown": 1.0}, {"price": 10**400}],
        adversarial=[{"minutes": 1e299}, {"minutes": -1e200}, {"price": 5e-324}, {"minutes": 10**30}],
    )


def time(folder: Path) -> Case:
    return Case(
        TimeEncoder.fit,
        TimeEncoder.load,
        present=[{"released": 0.0}, {"released": 86_400.0 * 3.5, "added": 1.7e9}, {"added": -1e9}],
        absent=[{}, {"released": np.nan}, {"added": np.inf}, {"unknown": 1.0}, {"added": 10**400}],
        adversarial=[{"released": 1e300}, {"released": -1e12}, {"added": 1e12}, {"added": 5e-324}],
    )


def place(folder: Path) -> Case:
    return Case(
        lambda values: PlaceEncoder(),
        None,
        present=[(0.0, 0.0), (51.5, -0.1), (-90.0, 180.0)],
        absent=[(91.0, 0.0), (0.0, 180.1), (np.nan, 0.0), (0.0, np.inf), (), (0, 10**400)],
        adversarial=[(90.0, -180.0), (1e-300, -1e-300), (90, 0)],
    )


def behaviour(folder: Path) -> Case:
    return Case(
        lambda values: BehaviourEncoder.fit(values, 6),
        BehaviourEncoder.load,
        present=[History([0, 1, 2]), History([2, 0]), History([3, 1], [10.0, 20.0]), History([4, 3, 1])],
        absent=[History([]), History([5]), History([99, -1])],  # nobody chose item 5
        adversarial=[
            History([0, 0, 0]),
            History([0, 1], [np.nan, np.inf]),
            History([1, 99, 2], [1e300, 0.0, -1e300]),
        ],
    )


def graph(folder: Path) -> Case:
    return Case(
        GraphEncoder.fit,
        GraphEncoder.load,
        present=[
            [("director", "m.1"), ("actor", "m.2"), ("actor", "m.3")],
            [("director", "m.1"), ("award", "m.4")],
            [("actor", "m.3"), ("actor", "m.2")],
            [("award", "m.4"), ("actor", "m.3")],
        ],
        absent=[[], [("director", "unseen")], [("unseen", "m.1")]],
        adversarial=[[("actor", "m.3")] * 1_000, [("\ud800", "\ud800")], [("", "")]],
    )


def audio(folder: Path) -> Case:
    seconds = np.arange(16_000) / 16_000
    sounds = {
        "low.wav": 0.5 * np.sin(2 * np.pi * 200 * seconds),
        "high.flac": 0.5 * np.sin(2 * np.pi * 3_000 * seconds[:9_000]),
        "noise.ogg": np.random.default_rng(0).uniform(-0.5, 0.5, 20_000),
        "empty.wav": np.zeros(0),
        "silent.wav": np.zeros(8_000),
        "click.wav": np.ones(1),
        "square.wav": np.sign(np.sin(seconds * 500)),
    }
    for name, samples in sounds.items():
        soundfile.write(folder / name, samples, 16_000)
    (folder / "broken.mp3").write_bytes(b"not audio" * 100)
    return Case(
        lambda values: AudioEncoder.fit(values, hidden=8, steps=3),
        AudioEncoder.load,
        present=[folder / name for name in ("low.wav", "high.flac", "noise.ogg")],
        absent=[folder / name for name in ("missing.wav", "broken.mp3", "empty.wav", "silent.wav")] + [folder],
        adversarial=[folder / name for name in ("click.wav", "square.wav", "\ud800.wav", "\0.wav")],
    )


def images(folder: Path) -> Case:
    rng = np.random.default_rng(0)
    sizes = {"small.png": (20, 30), "poster.jpg": (336, 224), "wide.webp": (50, 200), "dot.png": (1, 1)}
    for name, size in {**sizes, "strip.png": (60_000, 1), "line.png": (1, 60_000)}.items():
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture" * 100)
    (folder / "empty.png").write_bytes(b"")
    encoder = ImageEncoder(device="cpu")
    return Case(
        lambda values: encoder,
        None,
        present=[folder / "small.png", (folder / "poster.jpg").read_bytes(), folder / "wide.webp"],
        absent=[folder / name for name in ("missing.png", "broken.png", "empty.png")] + [folder, b"", b"no picture"],
        adversarial=[folder / name for name in ("dot.png", "strip.png", "line.png", "\ud800.png", "\0.png")],
    )


class Texts:
    """The encoder of texts in the shape of all others: a text that says nothing is absent."""

    identity = EMBEDDED_NAME

    def __init__(self) -> None:
        self._encoder = TextEncoder(device="cpu")
        self.dimensions = self._encoder.dimensions

    def encode(self, values: Sequence[str | None], *, progress: str = "") -> Encoded:
        vectors = self._encoder.encode([value or "" for value in values], progress=progress)
        return vectors, vectors.any(axis=1)


def texts(_: Path) -> Case:
    encoder = Texts()
    return Case(
        lambda _: encoder,
        None,
        present=["A heist in Los Angeles.", "Toys come to life.", "A shark attacks swimmers."],
        absent=["", "  \n"],
        adversarial=["a\ud800b", "\0", "<|im_end|>", "word " * 5_000, "日本語", "🦈"],
    )


CASES = [texts, categories, numbers, time, place, behaviour, graph, audio, images]


@pytest.fixture(scope="class", params=CASES, ids=lambda make: make.__name__)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    for name in ("audio", "image"):
        logging.getLogger(f"encoders.{name}").setLevel(logging.ERROR)
    return request.param(tmp_path_factory.mktemp("values"))


class TestConformance:
    def test_shapes_types_and_finite_numbers(self, case: Case) -> None:
        encoder = case.encoder()
        features, present = encoder.encode(case.present)
        assert features.shape == (len(case.present), encoder.dimensions)
        assert (features.dtype, present.dtype) == (np.float32, np.bool_)
        assert present.tolist() == [True] * len(case.present)
        assert np.isfinite(features).all()
        assert len(np.unique(features.round(5), axis=0)) >= 3

    def test_what_says_nothing_is_absent(self, case: Case) -> None:
        features, present = case.encoder().encode([*case.absent, None])
        assert present.tolist() == [False] * (len(case.absent) + 1)
        assert not features.any()

    def test_odd_values_do_no_harm(self, case: Case) -> None:
        values = [*case.adversarial, *case.present]
        features, present = case.encoder().encode(values)
        assert np.isfinite(features).all()
        assert not features[~present].any()
        expected, _ = case.encoder().encode(case.present)
        np.testing.assert_allclose(features[len(case.adversarial) :], expected, atol=1e-5)

    def test_it_can_be_fitted_to_odd_values(self, case: Case) -> None:
        values = [*case.adversarial, *case.absent, None]
        features, present = case.make(values).encode(values)
        assert np.isfinite(features).all()
        assert not features[~present].any()

    def test_what_stands_beside_a_value_never_changes_its_features(self, case: Case) -> None:
        encoder = case.encoder()
        values = [*case.present, None, *case.absent, *case.adversarial] * 3
        features, present = encoder.encode(values)
        order = np.random.default_rng(0).permutation(len(values))
        shuffled, shuffled_present = encoder.encode([values[place] for place in order])
        np.testing.assert_allclose(shuffled, features[order], atol=1e-5)
        assert np.array_equal(shuffled_present, present[order])
        alone = [encoder.encode([value]) for value in values]
        np.testing.assert_allclose(np.concatenate([each for each, _ in alone]), features, atol=1e-5)
        assert np.array_equal(np.concatenate([each for _, each in alone]), present)

    def test_nothing_gives_nothing(self, case: Case) -> None:
        encoder = case.encoder()
        features, present = encoder.encode([])
        assert features.shape == (0, encoder.dimensions)
        assert (features.dtype, present.shape, present.dtype) == (np.float32, (0,), np.bool_)
        unfitted = case.make([])
        features, present = unfitted.encode([*case.present[:0], None])
        assert features.shape == (1, unfitted.dimensions)
        assert not present.any()

    def test_the_same_values_give_the_same_encoder_and_features(self, case: Case) -> None:
        first, second = case.encoder(), case.encoder()
        assert first.identity == second.identity
        assert np.array_equal(first.encode(case.present)[0], second.encode(case.present)[0])
        assert np.array_equal(first.encode(case.present)[0], first.encode(case.present)[0])

    def test_the_identity_changes_with_what_was_learned(self, case: Case) -> None:
        if case.load is None:
            assert case.make(case.present[:2]).identity == case.encoder().identity
        else:
            assert case.make(case.present[:2]).identity != case.encoder().identity

    def test_a_saved_one_is_the_same(self, case: Case, tmp_path: Path) -> None:
        encoder: Any = case.encoder()
        if case.load is None:
            assert not hasattr(encoder, "save")
            return
        encoder.save(tmp_path / "encoder.npz")
        loaded = case.load(tmp_path / "encoder.npz")
        values = [*case.present, *case.adversarial, None]
        assert (loaded.identity, loaded.dimensions) == (encoder.identity, encoder.dimensions)
        for ours, theirs in zip(encoder.encode(values), loaded.encode(values), strict=True):
            assert np.array_equal(ours, theirs)

    def test_progress_is_shown_when_it_has_a_label(self, case: Case, capsys: pytest.CaptureFixture[str]) -> None:
        encoder = case.encoder()
        encoder.encode(case.present)
        assert capsys.readouterr().err == ""
        encoder.encode(case.present, progress="Reading")
        assert "Reading" in capsys.readouterr().err
