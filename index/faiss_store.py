"""LlamaIndex's FAISS store with what a living catalogue needs: ids that stay, deletion, blocks, a GPU.

`FaissVectorStore` can't delete, and `FaissMapVectorStore` numbers a new vector by how many there are, so that after a
deletion two vectors share a number. Here a number is never given twice. Anything of LlamaIndex that takes a vector
store takes this one. Knows nothing about items.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import MetadataFilters, VectorStoreQuery, VectorStoreQueryResult
from llama_index.vector_stores.faiss import FaissVectorStore
from llama_index.vector_stores.faiss.base import DEFAULT_PERSIST_PATH

from index.vectors import IndexPlan, blocks, build_index, on_best_device

FloatArray = npt.NDArray[np.float32]


class LivingFaissStore(FaissVectorStore):
    """Unit vectors by node id, searched by inner product.

    Deleted vectors leave the index at once. Searches may run in several threads; updates need the caller's lock.
    """

    _node_ids: list[str | None] = PrivateAttr()  # by FAISS's number; None: deleted
    _numbers: dict[str, int] = PrivateAttr()
    _fast: Any | None = PrivateAttr(default=None)

    def __init__(self, faiss_index: Any, node_ids: Sequence[str | None]) -> None:
        """`faiss_index` takes ids and holds each place of `node_ids` that isn't None as one."""
        super().__init__(faiss_index=faiss_index)
        self._node_ids = list(node_ids)
        self._numbers = {node_id: number for number, node_id in enumerate(node_ids) if node_id is not None}
        if len(self._numbers) != faiss_index.ntotal:
            raise ValueError(f"{faiss_index.ntotal} vectors and {len(self._numbers)} different node ids")

    @classmethod
    def build(cls, embeddings: FloatArray, node_ids: Sequence[str], plan: IndexPlan) -> Self:
        """A store of `embeddings` [n, d], which may be a memory map, in the planned index."""
        return cls(build_index(embeddings, plan), node_ids)

    @classmethod
    def from_persist_path(cls, persist_path: str, fs: Any = None) -> Self:  # noqa: ARG003 - LlamaIndex's signature
        """Read what `persist` wrote. Raises ValueError, OSError or RuntimeError when it is missing or damaged."""
        node_ids = json.loads(_names_path(persist_path).read_text(encoding="utf-8"))
        return cls(faiss.read_index(persist_path), node_ids)

    def persist(self, persist_path: str = DEFAULT_PERSIST_PATH, fs: Any = None) -> None:  # noqa: ARG002
        """Write the index to a file, and the node ids beside it."""
        _names_path(persist_path).write_text(json.dumps(self._node_ids, ensure_ascii=False), encoding="utf-8")
        faiss.write_index(self.client, persist_path)

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, nodes: Sequence[BaseNode], **add_kwargs: Any) -> list[str]:  # noqa: ARG002
        """Add nodes with their embeddings; a node whose id is there already is replaced."""
        node_ids = [node.node_id for node in nodes]
        if nodes:
            self.put(node_ids, np.array([node.get_embedding() for node in nodes], dtype=np.float32))
        return node_ids

    def put(self, node_ids: Sequence[str], embeddings: FloatArray) -> None:
        """Add `embeddings` [m, d] under different ids, or replace those that are there."""
        self.delete_nodes(node_ids)
        first = len(self._node_ids)
        for start, block in blocks(embeddings):
            self.client.add_with_ids(block, np.arange(first + start, first + start + len(block)))
        self._node_ids += node_ids
        self._numbers |= {node_id: first + place for place, node_id in enumerate(node_ids)}
        self._fast = None

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:  # noqa: ARG002
        """Delete a node; an id that isn't there is no error."""
        self.delete_nodes([ref_doc_id])

    def delete_nodes(
        self,
        node_ids: Sequence[str] | None = None,
        filters: MetadataFilters | None = None,
        **delete_kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Delete nodes. One pass over the ids of the index, however many they are."""
        if filters is not None or node_ids is None:
            raise NotImplementedError("nodes are deleted by their ids")
        numbers = [self._numbers.pop(node_id) for node_id in dict.fromkeys(node_ids) if node_id in self._numbers]
        if not numbers:
            return
        self.client.remove_ids(np.array(numbers, dtype=np.int64))
        for number in numbers:
            self._node_ids[number] = None
        self._fast = None

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:  # noqa: ARG002
        """The nearest nodes to `query.query_embedding`, best first; fewer where fewer are there."""
        if query.filters is not None:
            raise ValueError("FAISS can't filter by metadata")
        vector = np.asarray(query.query_embedding, dtype=np.float32)[np.newaxis]
        similarities, numbers = self._searched().search(vector, query.similarity_top_k)
        node_ids = self._node_ids  # pydantic looks up a private attribute slowly, and this is asked for every hit
        found = [node_ids[number] for number in numbers[0].tolist() if number >= 0]
        return VectorStoreQueryResult(ids=found, similarities=similarities[0, : len(found)].tolist())

    def _searched(self) -> Any:
        """The index on the device that searches fastest, copied there anew after a change."""
        if self._fast is None:
            self._fast = on_best_device(self.client)
        return self._fast


def _names_path(path: str) -> Path:
    return Path(path).with_suffix(".json")
