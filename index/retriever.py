"""Metadata that answers words: dense and lexical search of the catalogue, fused. Knows nothing about the person."""

import numpy as np
import numpy.typing as npt

from index.dense import DenseIndex
from index.fusion import Retrieval, fuse
from index.lexical import LexicalIndex

HITS = 200


class Retriever:
    """Searches both indexes of a catalogue."""

    def __init__(self, dense: DenseIndex, lexical: LexicalIndex) -> None:
        self._dense = dense
        self._lexical = lexical

    def retrieve(self, query: str, embedding: npt.NDArray[np.float32] | None, k: int = HITS) -> Retrieval:
        """Rows for the words and their embedding [d]; no words and no embedding find nothing."""
        dense = self._dense.search(embedding, k) if embedding is not None else []
        return fuse(dense, self._lexical.search(query, k) if query else [])
