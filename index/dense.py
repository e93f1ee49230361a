"""Nearest items by embedding: FAISS behind LlamaIndex's vector store. Does not know what the embeddings mean."""

from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.faiss import FaissVectorStore

from core.errors import ArtifactError
from core.item import ItemTable

FILE_NAME = "vectors.faiss"


class DenseIndex:
    """Inner products of a query with every item's embedding, computed exactly.

    The store numbers vectors in the order in which they are added, so a vector's id is its item's row.
    """

    def __init__(self, store: FaissVectorStore) -> None:
        self._store = store

    @classmethod
    def build(cls, embeddings: npt.NDArray[np.float32], items: ItemTable) -> "DenseIndex":
        """An index of `embeddings` [n, d], one line for each item in the table's order."""
        if embeddings.ndim != 2 or len(embeddings) != len(items):
            raise ValueError(f"{len(items)} items need embeddings [{len(items)}, d], not {list(embeddings.shape)}")
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(embeddings.shape[1]))
        store.add(list(_nodes(embeddings, items)))
        return cls(store)

    def save(self, directory: Path) -> None:
        """Write the index into a folder, which is made if it is missing."""
        directory.mkdir(parents=True, exist_ok=True)
        self._store.persist(str(directory / FILE_NAME))

    @classmethod
    def load(cls, directory: Path) -> "DenseIndex":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        path = directory / FILE_NAME
        try:
            return cls(FaissVectorStore.from_persist_path(str(path)))
        except (ValueError, RuntimeError) as error:
            raise ArtifactError(f"The dense index {path} can't be read.", mend="Run `tastemaker prepare`.") from error

    def __len__(self) -> int:
        return int(self._store.client.ntotal)

    @property
    def dimensions(self) -> int:
        """How many numbers an embedding has."""
        return int(self._store.client.d)

    def search(self, query: npt.NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The `k` nearest rows to a query [d] with their inner products, best first; fewer where fewer items are."""
        if query.shape != (self.dimensions,):
            raise ValueError(f"the index holds {self.dimensions} dimensions, the query has {list(query.shape)}")
        found = self._store.query(VectorStoreQuery(query_embedding=query.tolist(), similarity_top_k=k))
        return [
            (int(row), float(similarity))
            for row, similarity in zip(found.ids or [], found.similarities or [], strict=True)
        ]


def _nodes(embeddings: npt.NDArray[np.float32], items: ItemTable) -> Iterator[TextNode]:
    for item, embedding in zip(items, embeddings, strict=True):
        yield TextNode(id_=item.id, embedding=embedding.tolist())
