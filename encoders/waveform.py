"""Audio files as log-mel frames. A file that can't be read, or in which nothing is heard, has none."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from encoders.encoder import FloatArray

RATE = 16_000  # samples a second
MELS = 40
WINDOW = 400  # 25 ms
HOP = 320  # 20 ms
MAX_SECONDS = 30.0
_FFT = 512
_FLOOR = 1e-10  # of a mel band's power: what is less is heard as nothing

_RATES = (1_000, 768_000)
_MAX_SAMPLES = 60_000_000  # of all channels: what is held of one file, however many channels it claims
_SILENCE = 1e-4  # of full scale: -80 dB


def log_mel(path: Path) -> FloatArray | None:
    """Frames [t, MELS] float32 of an audio file (wav, flac, ogg, mp3), one every 20 ms, in powers of ten.

    Channels are averaged. Of a file longer than 30 seconds the middle counts: a beginning is often silent or the same
    for many. None for a file that is missing or broken, and for silence.
    """
    samples = _read(path)
    if samples is None or np.max(np.abs(samples), initial=0.0) < _SILENCE:
        return None
    return frames_of(samples)


def frames_of(samples: npt.NDArray[np.floating]) -> FloatArray:
    """Log-mel frames [t, MELS] float32 of one channel at RATE; less than a window is filled up with silence.

    The same as `transformers.audio_utils.spectrogram`, which goes through the frames one by one and takes ten times
    as long.
    """
    from scipy.fft import rfft

    whole = np.pad(samples.astype(np.float32), (0, max(0, WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(whole, WINDOW)[::HOP]
    frames = np.zeros((len(windows), _FFT), dtype=np.float32)
    np.multiply(windows, _window(), out=frames[:, :WINDOW])
    spectrum = rfft(frames)
    power = spectrum.real**2 + spectrum.imag**2
    logs: FloatArray = np.log10(np.maximum(power @ _filters(), _FLOOR)).astype(np.float32)
    return logs


def _read(path: Path) -> FloatArray | None:
    """One channel [samples] at RATE, at most MAX_SECONDS; None where there is nothing to read."""
    import soundfile  # type: ignore[import-untyped]

    try:
        with soundfile.SoundFile(path) as file:
            rate = int(file.samplerate)
            if not _RATES[0] <= rate <= _RATES[1]:
                return None
            samples = _middle(file, min(int(MAX_SECONDS * rate), _MAX_SAMPLES // file.channels))
    except (OSError, RuntimeError, ValueError):  # soundfile's errors are RuntimeErrors
        return None
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    if not np.isfinite(mono).all():
        mono = np.nan_to_num(mono, posinf=0.0, neginf=0.0)
    peak = max(mono.max(initial=0.0), -mono.min(initial=0.0))
    return _resampled(mono / peak if peak > 1 else mono, rate)


def _middle(file: Any, count: int) -> FloatArray:
    """The `count` frames in the middle of an open file [frames, channels]."""
    if file.seekable() and file.frames > count:
        file.seek((file.frames - count) // 2)
    samples: FloatArray = file.read(count, dtype="float32", always_2d=True)
    return samples


def _resampled(samples: FloatArray, rate: int) -> FloatArray:
    from scipy.signal import resample_poly

    if rate == RATE or not len(samples):
        return samples
    common = math.gcd(rate, RATE)
    return np.asarray(resample_poly(samples, RATE // common, rate // common), dtype=np.float32)


@cache
def _window() -> FloatArray:
    from scipy.signal.windows import hann

    return np.asarray(hann(WINDOW, sym=False), dtype=np.float32)


@cache
def _filters() -> FloatArray:
    from transformers.audio_utils import mel_filter_bank

    filters = mel_filter_bank(_FFT // 2 + 1, MELS, 20.0, RATE / 2, RATE, norm="slaney", mel_scale="slaney")
    return np.asarray(filters, dtype=np.float32)
