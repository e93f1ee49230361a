"""Audio files as the states of a recurrent network that has learned the catalogue's own sound."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoders.ahead import ahead
from encoders.cache import EmbeddingCache
from encoders.encoder import Encoded, FloatArray, chunks, nothing
from encoders.state import State
from encoders.waveform import MELS, log_mel

if TYPE_CHECKING:
    from encoders.predictive import PredictiveCoder

KIND = "audio"
_CLIPS = 500  # that are trained on; each holds at most 240 kB
_BATCH = 64
_READERS = 2

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """A batch of files: keys by place, features that are known by key, and what is heard in the others."""

    keys: Mapping[int, bytes]
    known: dict[bytes, FloatArray]
    clips: Mapping[bytes, FloatArray]


class AudioEncoder:
    """Log-mel frames through a GRU that is trained by autoregressive predictive coding; see `encoders.predictive`.

    The features are the mean of its states and the last one. Reading a file costs most, so features are kept by the
    content of the file where a cache is given.
    """

    def __init__(self, state: State, *, cache: Path | None = None) -> None:
        self._state = state
        self._hidden = int(state.settings["hidden"])
        self._cache = EmbeddingCache(cache, state.identity) if cache else None

    @classmethod
    def fit(
        cls,
        values: Sequence[Path | None],
        *,
        cache: Path | None = None,
        hidden: int = 64,
        steps: int = 300,
        seed: int = 0,
        progress: str = "",
    ) -> "AudioEncoder":
        """Train on at most 500 of the files, drawn by the seed. Takes about ten seconds beside reading them."""
        from encoders.predictive import new_coder, train_coder

        drawn = np.random.default_rng(seed).permutation(len(values))
        paths = [path for place in drawn if (path := values[place]) is not None][:_CLIPS]
        clips = [
            clip for part in chunks(len(paths), 1, progress=progress) if (clip := log_mel(paths[part][0])) is not None
        ]
        frames = np.concatenate([np.zeros((0, MELS), dtype=np.float32), *clips])
        mean = frames.mean(axis=0) if len(frames) else np.zeros(MELS, dtype=np.float32)
        spread = np.maximum(frames.std(axis=0), 1e-3) if len(frames) else np.ones(MELS, dtype=np.float32)
        coder = new_coder(MELS, hidden, seed)
        train_coder(coder, [(clip - mean) / spread for clip in clips], steps=steps, seed=seed, progress=progress)
        arrays = {f"coder.{name}": tensor.numpy() for name, tensor in coder.state_dict().items()}
        arrays |= {"mean": mean.astype(np.float32), "spread": spread.astype(np.float32)}
        return cls(State(KIND, {"hidden": hidden}, arrays), cache=cache)

    @cached_property
    def coder(self) -> "PredictiveCoder":
        """The trained network."""
        import torch

        from encoders.predictive import PredictiveCoder

        coder = PredictiveCoder(MELS, self._hidden)
        prefix = "coder."
        weights = {
            name.removeprefix(prefix): torch.from_numpy(array.copy())
            for name, array in self._state.arrays.items()
            if name.startswith(prefix)
        }
        coder.load_state_dict(weights)
        return coder.eval()

    def normalised(self, clip: FloatArray) -> FloatArray:
        """Log-mel frames [t, MELS] with mean 0 and variance 1 over the files that were fitted, as the network reads."""
        normalised: FloatArray = (clip - self._state.arrays["mean"]) / self._state.arrays["spread"]
        return normalised

    @property
    def identity(self) -> str:
        """Changes with the network's weights."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """The mean state and the last."""
        return 2 * self._hidden

    def encode(self, values: Sequence[Path | None], *, progress: str = "") -> Encoded:
        """Features of audio files. One that is missing, broken or silent is absent, and a warning counts those."""
        features, present = nothing(len(values), self.dimensions)
        parts = chunks(len(values), _BATCH, progress=progress)
        # The next files are read while the network listens to these.
        with ThreadPoolExecutor(_READERS) as pool:
            for part, read in ahead(pool, lambda part: self._read(values[part]), parts, _READERS):
                for place, vector in self._embedded(read).items():
                    features[part.start + place] = vector
                    present[part.start + place] = True
        unread = [path for path, read in zip(values, present, strict=True) if path is not None and not read]
        if unread:
            _LOGGER.warning("%d audio files are silent or can't be read, such as %s", len(unread), unread[0].name)
        return features, present

    def _read(self, paths: Sequence[Path | None]) -> "_Read":
        """What is heard in the files of a batch; what is in the cache isn't read again."""
        keys = {place: key for place, path in enumerate(paths) if path is not None and (key := _content(path))}
        known = self._cache.read(list(set(keys.values()))) if self._cache else {}
        first = {key: place for place, key in reversed(keys.items()) if key not in known}
        clips = {key: clip for key, place in first.items() if (clip := log_mel(_path(paths, place))) is not None}
        return _Read(keys, known, {key: self.normalised(clip) for key, clip in clips.items()})

    def _embedded(self, read: "_Read") -> dict[int, FloatArray]:
        """Features by place in the batch."""
        known = read.known
        if read.clips:
            from encoders.predictive import summaries

            fresh = summaries(self.coder, list(read.clips.values()))
            new = dict(zip(read.clips, fresh, strict=True))
            if self._cache:
                self._cache.write(new)
            known = known | new
        return {place: known[key] for place, key in read.keys.items() if key in known}

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path, *, cache: Path | None = None) -> "AudioEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND), cache=cache)


def _content(path: Path) -> bytes | None:
    """A hash of a file's bytes; None where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError):
        return None


def _path(paths: Sequence[Path | None], place: int) -> Path:
    path = paths[place]
    assert path is not None  # noqa: S101  # places come from paths that were read
    return path
