"""What `/v1/embeddings` serves: the encoders of words and pictures, each under a model's name.

`tastemaker` is the space in which words and pictures can be compared; `tastemaker-text` and `tastemaker-image` are the
encoders by themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.errors import InputError

T = TypeVar("T")
FloatArray = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], FloatArray]
EncodeAny = Callable[[Sequence[T]], FloatArray]
EncodePictures = Callable[[Sequence[bytes]], FloatArray]
ReadPicture = Callable[[str], bytes]  # of a data URL

JOINT, TEXT, IMAGE = "tastemaker", "tastemaker-text", "tastemaker-image"
_DATA_URL = "data:"


class Embedder(Protocol):
    """Makes embeddings of words and of pictures as data URLs."""

    def embed(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors [n, d]. Blocks; raises InputError for an input that it doesn't read."""
        ...


@dataclass(frozen=True)
class ModalEmbedder:
    """Words by one encoder, pictures by another, into the same space; either may be missing."""

    name: str
    texts: Encode | None
    pictures: EncodePictures | None
    read: ReadPicture

    def embed(self, inputs: Sequence[str]) -> FloatArray:
        """Unit vectors [n, d]; see `Embedder`."""
        shown = [text.startswith(_DATA_URL) for text in inputs]
        files = [self.read(text) for text, is_picture in zip(inputs, shown, strict=True) if is_picture]
        words = [text for text, is_picture in zip(inputs, shown, strict=True) if not is_picture]
        parts: dict[bool, FloatArray] = {}
        if files:
            parts[True] = self._need(self.pictures, "pictures")(files)
        if words:
            parts[False] = self._need(self.texts, "words")(words)
        rows = {True: iter(parts.get(True, ())), False: iter(parts.get(False, ()))}
        return _unit(np.stack([next(rows[is_picture]) for is_picture in shown]))

    def _need(self, encode: EncodeAny[T] | None, what: str) -> EncodeAny[T]:
        if encode is None:
            raise InputError(f"The model '{self.name}' reads no {what}.", mend="`/v1/models` lists the others.")
        return encode


def embedders(
    *,
    text: Encode,
    image: EncodePictures | None,
    read: ReadPicture,
    image_text: Encode | None = None,
    project: Mapping[str, Callable[[FloatArray], FloatArray]] | None = None,
) -> dict[str, Embedder]:
    """All models. `image_text` is an image model's own tower of words; `project` puts "text" and "image" together."""
    made: dict[str, Embedder] = {TEXT: ModalEmbedder(TEXT, text, None, read)}
    if image:
        made[IMAGE] = ModalEmbedder(IMAGE, image_text, image, read)
    heads = project or {}
    if "text" in heads:
        texts = _after(text, heads["text"])
        pictures = _after(image, heads["image"]) if image and "image" in heads else None
        made[JOINT] = ModalEmbedder(JOINT, texts, pictures, read)
    return made


def _after(
    encode: Callable[[Sequence[T]], FloatArray], head: Callable[[FloatArray], FloatArray]
) -> Callable[[Sequence[T]], FloatArray]:
    return lambda values: head(encode(values))


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
