"""Real files in every format, and whether the network learns."""

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import torch
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

from encoders.audio import AudioEncoder
from encoders.waveform import HOP, MELS, RATE, WINDOW, frames_of, log_mel

FloatArray = npt.NDArray[np.float64]


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> FloatArray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def write(path: Path, samples: FloatArray, rate: int = RATE) -> Path:
    subtype = "FLOAT" if path.suffix == ".wav" else None
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def frames(path: Path) -> npt.NDArray[np.float32]:
    found = log_mel(path)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_formats_and_rates_sound_the_same(tmp_path: Path, name: str, rate: int) -> None:
    reference = frames(write(tmp_path / "reference.wav", tone(1_000)))
    assert reference.shape == ((RATE - WINDOW) // HOP + 1, MELS)
    found = frames(write(tmp_path / name, tone(1_000, rate=rate), rate))
    assert found[5:40].mean(axis=0).argmax() == reference.mean(axis=0).argmax()
    peak = reference.mean(axis=0).argmax()
    np.testing.assert_allclose(found[5:40, peak], reference[5:40, peak], atol=0.1)


def test_a_higher_tone_is_in_a_higher_band(tmp_path: Path) -> None:
    bands = [frames(write(tmp_path / "a.wav", tone(hertz))).mean(axis=0).argmax() for hertz in (200, 800, 3_000, 7_000)]
    assert bands == sorted(set(bands))


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = tone(500)
    stereo = frames(write(tmp_path / "stereo.wav", np.stack([left, np.zeros_like(left)], axis=1)))
    mono = frames(write(tmp_path / "mono.wav", left / 2))
    np.testing.assert_allclose(stereo, mono, atol=1e-3)


def test_of_a_long_file_the_middle_counts(tmp_path: Path) -> None:
    long = np.concatenate([tone(200, 20), tone(3_000, 30), tone(200, 20)])
    middle = frames(write(tmp_path / "middle.wav", tone(3_000, 30)))
    found = frames(write(tmp_path / "long.wav", long))
    assert found.shape == middle.shape
    np.testing.assert_allclose(found[10:-10].mean(axis=0), middle[10:-10].mean(axis=0), atol=0.05)


def test_odd_samples(tmp_path: Path) -> None:
    wild = tone(500)
    wild[100], wild[200], wild[300] = np.nan, np.inf, 1e20
    soundfile.write(tmp_path / "wild.wav", wild, RATE, subtype="FLOAT")
    assert np.isfinite(frames(tmp_path / "wild.wav")).all()
    assert frames(write(tmp_path / "short.wav", np.ones(3))).shape == (1, MELS)
    assert log_mel(write(tmp_path / "slow.wav", np.ones(50), 100)) is None
    assert log_mel(write(tmp_path / "silent.wav", np.zeros(RATE))) is None
    truncated = write(tmp_path / "cut.flac", tone(500)).read_bytes()[:2_000]
    (tmp_path / "cut.flac").write_bytes(truncated)
    found = log_mel(tmp_path / "cut.flac")
    assert found is None or np.isfinite(found).all()


def sounds(folder: Path, count: int, seed: int) -> tuple[list[Path], list[int]]:
    """Slow beats, quick beats and rising tones, each at a pitch and a loudness of its own."""
    generator = np.random.default_rng(seed)
    seconds = np.arange(RATE) / RATE
    paths, kinds = [], []
    for number in range(count):
        kind = number % 3
        pitch, loudness = generator.uniform(300, 1_200), generator.uniform(0.1, 0.9)
        beat = (2.0, 8.0, 0.0)[kind]
        envelope = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * beat * seconds)) if beat else 1.0
        phase = pitch * seconds * (1 + (seconds if kind == 2 else 0))
        samples = loudness * envelope * np.sin(2 * np.pi * phase) + 0.005 * generator.normal(size=len(seconds))
        paths.append(write(folder / f"{seed}-{number}.wav", np.clip(samples, -1, 1)))
        kinds.append(kind)
    return paths, kinds


def test_it_learns_to_foretell_and_tells_kinds_of_sound_apart(tmp_path: Path) -> None:
    from encoders.predictive import SHIFT

    paths, kinds = sounds(tmp_path, 24, seed=0)
    encoder = AudioEncoder.fit(paths, hidden=32, steps=200)
    new_paths, new_kinds = sounds(tmp_path, 12, seed=1)
    clips = [encoder.normalised(frames(path)) for path in new_paths]
    foretold = np.mean([encoder.coder.loss(torch.from_numpy(clip[None])).item() for clip in clips])
    standing_still = np.mean([np.abs(clip[SHIFT:] - clip[:-SHIFT]).mean() for clip in clips])
    assert foretold < 0.9 * standing_still

    heard, new = encoder.encode(paths)[0], encoder.encode(new_paths)[0]
    scale = heard.std(axis=0) + 1e-6
    nearest = np.linalg.norm((new[:, None] - heard[None]) / scale, axis=2).argmin(axis=1)
    assert np.mean(np.array(kinds)[nearest] == np.array(new_kinds)) >= 0.75


def test_what_was_read_once_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, _ = sounds(tmp_path, 3, seed=0)
    fitted = AudioEncoder.fit(paths, hidden=8, steps=2)
    fitted.save(tmp_path / "audio.npz")
    expected, _ = AudioEncoder.load(tmp_path / "audio.npz", cache=tmp_path / "cache.sqlite").encode(paths)
    copy = tmp_path / "another name.wav"
    copy.write_bytes(paths[0].read_bytes())
    monkeypatch.setattr("encoders.audio.log_mel", lambda path: pytest.fail(f"{path} was read again"))
    again, present = AudioEncoder.load(tmp_path / "audio.npz", cache=tmp_path / "cache.sqlite").encode([copy, *paths])
    assert present.all()
    np.testing.assert_allclose(again, expected[[0, 0, 1, 2]])


def test_what_cannot_be_read_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paths, _ = sounds(tmp_path, 1, seed=0)
    encoder = AudioEncoder.fit(paths, hidden=8, steps=2)
    with caplog.at_level(logging.WARNING):
        encoder.encode([None, tmp_path / "gone.wav", *paths, tmp_path / "gone too.wav"])
    assert [record.getMessage() for record in caplog.records] == [
        "2 audio files are silent or can't be read, such as gone.wav"
    ]


@pytest.mark.parametrize("count", [10, WINDOW, 5 * RATE + 7])
def test_frames_are_those_of_the_library(count: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, count)
    expected = spectrogram(
        np.pad(samples, (0, max(0, WINDOW - count))),
        window_function(WINDOW, "hann"),
        frame_length=WINDOW,
        hop_length=HOP,
        fft_length=512,
        power=2.0,
        center=False,
        mel_filters=mel_filter_bank(257, MELS, 20.0, RATE / 2, RATE, norm="slaney", mel_scale="slaney"),
        log_mel="log10",
    )
    np.testing.assert_allclose(frames_of(samples), expected.T, atol=2e-3)
