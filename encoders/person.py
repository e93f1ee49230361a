"""A person as one vector in the space of the items, from what they chose, what they think, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PersonWeights:
    """How much each source of knowledge counts. What is said now counts more than what was chosen once.

    Set by hand: nothing is learned yet.
    """

    words: float = 1.0
    picture: float = 1.0
    similar: float = 1.0
    liked: float = 0.7
    history: float = 0.4
    disliked: float = 0.4  # taken away
    decay: float = 0.85  # of the weight from each choice of the history to the one before it


def person_embedding(
    embeddings: FloatArray,
    *,
    history: Sequence[int] = (),
    liked: Sequence[int] = (),
    disliked: Sequence[int] = (),
    similar_to: Sequence[int] = (),
    words: FloatArray | None = None,
    picture: FloatArray | None = None,
    weights: PersonWeights | None = None,
) -> FloatArray:
    """A unit vector [d] float32; zeros when nothing is known, so that it is near nothing.

    `embeddings` [n, d] are the items'; the sequences are rows of it, `history` oldest first; `words` [d] is the
    embedding of the person's wish, `picture` [d] that of a picture they showed. p = Σ wₛ · unit(mean of source s) -
    w · unit(mean of the disliked), scaled to unit length. Each source counts the same however many items it has.

    The person is in the space of `embeddings`, and everything else has to be: in the space of texts `words` is as the
    text encoder made it; in the fused space `words` and `picture` are what `FusionModel.project("text" | "image", …)`
    makes of the encoders' features. Nothing here depends on who the person is, so anyone has an embedding.
    """
    weights = weights or PersonWeights()
    recency = np.power(weights.decay, np.arange(len(history) - 1, -1, -1), dtype=np.float32)
    person = (
        weights.history * _direction(embeddings, history, recency)
        + weights.liked * _direction(embeddings, liked)
        + weights.similar * _direction(embeddings, similar_to)
        - weights.disliked * _direction(embeddings, disliked)
    )
    if words is not None:
        person = person + weights.words * _unit(words)
    if picture is not None:
        person = person + weights.picture * _unit(picture)
    return _unit(person)


def _direction(embeddings: FloatArray, rows: Sequence[int], weights: FloatArray | None = None) -> FloatArray:
    if not len(rows):
        return np.zeros(embeddings.shape[1], dtype=np.float32)
    chosen = embeddings[np.asarray(rows, dtype=np.int64)]
    return _unit(chosen.sum(axis=0) if weights is None else weights @ chosen)


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    unit: FloatArray = np.asarray(vector / length if length > 1e-6 else np.zeros_like(vector), dtype=np.float32)
    return unit
