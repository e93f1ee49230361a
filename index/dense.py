"""Nearest items by embedding, behind any vector store of LlamaIndex. Does not know what the embeddings mean.

FAISS is the store unless another one is given. A folder holds one generation of files, which `index.json` names; that
file is replaced in one step, so whoever reads the folder finds the old generation or the new one, never a mixture.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import numpy.typing as npt
import psutil
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery

from core.errors import ArtifactError
from core.item import ItemTable
from index.faiss_store import LivingFaissStore
from index.vectors import EXACT, blocks, plan_index

FloatArray = npt.NDArray[np.float32]
Fingerprints = npt.NDArray[np.uint64]

POINTER = "index.json"
# Of the memory that is free when an index is built.
MEMORY_SHARE = 0.5
# With a larger share of new and changed embeddings, inverted lists that were trained on the old ones no longer suit.
MOST_CHANGED = 0.3
_BATCH = 1_000  # nodes that are sent to another store at a time
_PENDING = ".unfinished"
_HASH_SEED = 20_260_101  # of the fingerprints in saved folders: never to be changed


class DenseIndex:
    """Inner products of a query with every item's embedding; exact for small catalogues (see `index.vectors`).

    Hits are rows: those of the table that the index was built or brought up to date with. An item that is added to a
    live index gets the next row, and the row of a removed one is not given again, so other rows never move.
    Searches may run in several threads; updates need the caller's lock.
    """

    def __init__(
        self,
        store: BasePydanticVectorStore,
        item_ids: Sequence[str | None],
        fingerprints: Fingerprints,
        dimensions: int,
        factory: str = "",
    ) -> None:
        """`item_ids` and `fingerprints` go by row, None for a removed item; `factory` is FAISS's name for `store`."""
        self._store = store
        self._dimensions = dimensions
        self.factory = factory
        self._item_ids: list[str | None]
        self._fingerprints: Fingerprints
        self._rows: dict[str, int]
        self._row_of_node: dict[str, int]
        self._number(item_ids, fingerprints)

    @classmethod
    def build(
        cls,
        embeddings: FloatArray,
        items: ItemTable,
        *,
        memory: int | None = None,
        store: BasePydanticVectorStore | None = None,
    ) -> "DenseIndex":
        """An index of `embeddings` [n, d], unit vectors or a memory map of them, one line for each item in the table.

        FAISS may use `memory` bytes (None: half of what is free); `store` takes its place. Shows a bar on stderr where
        it takes long. Raises ValueError for other shapes, and where no index fits into the memory.
        """
        if embeddings.ndim != 2 or len(embeddings) != len(items):
            raise ValueError(f"{len(items)} items need embeddings [{len(items)}, d], not {list(embeddings.shape)}")
        item_ids = [item.id for item in items]
        fingerprints, dimensions = _fingerprints(embeddings), embeddings.shape[1]
        if store is None:
            plan = plan_index(len(items), dimensions, _memory() if memory is None else memory)
            faiss_store = LivingFaissStore.build(embeddings, item_ids, plan)
            return cls(faiss_store, item_ids, fingerprints, dimensions, plan.factory)
        index = cls(store, (), np.empty(0, np.uint64), dimensions)
        index.add(item_ids, embeddings)
        return index

    @classmethod
    def refreshed(
        cls,
        directory: Path,
        embeddings: FloatArray,
        items: ItemTable,
        *,
        memory: int | None = None,
        store: BasePydanticVectorStore | None = None,
    ) -> "DenseIndex":
        """The index that `save` wrote to a folder, brought up to date; built anew where that is no use.

        It is built anew where the folder holds none, and where the dimensions, the kind of index that suits the new
        number of items, or more than 30 % of the embeddings have changed. `save` it to keep it.
        """
        memory = _memory() if memory is None else memory
        try:
            index = cls.load(directory, store=store)
        except ArtifactError:
            return cls.build(embeddings, items, memory=memory, store=store)
        if index.dimensions != embeddings.shape[1] or not index._suits(len(items), memory):
            return cls.build(embeddings, items, memory=memory, store=store)
        return (
            index if index.synchronise(embeddings, items) else cls.build(embeddings, items, memory=memory, store=store)
        )

    @classmethod
    def load(cls, directory: Path, *, store: BasePydanticVectorStore | None = None) -> "DenseIndex":
        """Read what `save` wrote; `store` holds the vectors if one was given to `build`.

        Raises ArtifactError when it is missing or damaged.
        """
        try:
            pointer = json.loads((directory / POINTER).read_text(encoding="utf-8"))
            files = _Generation(directory, int(pointer["generation"]))
            item_ids = json.loads(files.items.read_text(encoding="utf-8"))
            vectors = LivingFaissStore.from_persist_path(str(files.vectors)) if store is None else store
            fingerprints = np.load(files.fingerprints, allow_pickle=False)
            return cls(vectors, item_ids, fingerprints, int(pointer["dimensions"]), str(pointer["factory"]))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            cause = f"The dense index {directory} can't be read."
            raise ArtifactError(cause, mend="Run `tastemaker prepare`.") from error

    def save(self, directory: Path) -> None:
        """Write the index into a folder, which is made if it is missing; an index there is replaced as a whole."""
        directory.mkdir(parents=True, exist_ok=True)
        pointer = directory / POINTER
        files = _Generation(directory, _last_generation(directory) + 1)
        files.items.write_text(json.dumps(self._item_ids, ensure_ascii=False), encoding="utf-8")
        with files.fingerprints.open("wb") as file:
            np.save(file, self._fingerprints)
        if isinstance(self._store, LivingFaissStore):
            self._store.persist(str(files.vectors))
        content = {"generation": files.number, "dimensions": self._dimensions, "factory": self.factory}
        unfinished = directory / f"{POINTER}{_PENDING}"
        unfinished.write_text(json.dumps(content), encoding="utf-8")
        unfinished.replace(pointer)
        for path in directory.iterdir():
            if path != pointer and not path.name.startswith(f"{files.number}."):
                path.unlink()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dimensions(self) -> int:
        """How many numbers an embedding has."""
        return self._dimensions

    def search(self, query: FloatArray, k: int) -> list[tuple[int, float]]:
        """The `k` nearest rows to a query [d] with their inner products, best first; fewer where fewer items are."""
        if query.shape != (self._dimensions,):
            raise ValueError(f"the index holds {self._dimensions} dimensions, the query has {list(query.shape)}")
        found = self._store.query(VectorStoreQuery(query_embedding=query.tolist(), similarity_top_k=k))
        rows = map(self._row_of_node.__getitem__, found.ids or ())
        return list(zip(rows, found.similarities or (), strict=True))

    def add(self, item_ids: Sequence[str], embeddings: FloatArray) -> None:
        """Add items with `embeddings` [m, d] behind all others; one that is there is replaced and keeps its row."""
        if embeddings.shape != (len(item_ids), self._dimensions) or len(set(item_ids)) != len(item_ids):
            wanted = f"{len(item_ids)} different items with embeddings [{len(item_ids)}, {self._dimensions}]"
            raise ValueError(f"{wanted} are needed, not {list(embeddings.shape)}")
        nodes = [self._node_id(item_id) for item_id in item_ids]
        if isinstance(self._store, LivingFaissStore):
            self._store.put(nodes, embeddings)
        else:
            self._send(nodes, embeddings, replaced=[self._node_id(each) for each in item_ids if each in self._rows])
        new = [item_id for item_id in item_ids if item_id not in self._rows]
        first = len(self._item_ids)
        self._item_ids += new
        self._rows |= {item_id: first + place for place, item_id in enumerate(new)}
        rows = [self._rows[item_id] for item_id in item_ids]
        self._row_of_node |= dict(zip(nodes, rows, strict=True))
        self._fingerprints = np.concatenate([self._fingerprints, np.zeros(len(new), np.uint64)])
        self._fingerprints[rows] = _fingerprints(embeddings)

    def remove(self, item_ids: Sequence[str]) -> None:
        """Remove items; those that aren't there are no error."""
        gone = [item_id for item_id in dict.fromkeys(item_ids) if item_id in self._rows]
        if not gone:
            return
        nodes = [self._node_id(item_id) for item_id in gone]
        self._store.delete_nodes(nodes)
        for item_id, node in zip(gone, nodes, strict=True):
            self._item_ids[self._rows.pop(item_id)] = None
            del self._row_of_node[node]

    def synchronise(self, embeddings: FloatArray, items: ItemTable) -> bool:
        """Bring the index to `embeddings` [n, d] of a new table, whose rows it has from then on.

        Only what is new or changed is read. Returns False, and does nothing, when that is too much for inverted lists
        that were trained on what was there.
        """
        item_ids = [item.id for item in items]
        fingerprints = _fingerprints(embeddings)
        changed = np.array([self._is_new(item_id, p) for item_id, p in zip(item_ids, fingerprints, strict=True)])
        if self.factory not in ("", EXACT) and changed.mean() > MOST_CHANGED:
            return False
        rows = np.flatnonzero(changed)
        self.remove([item_id for item_id in self._rows if item_id not in items])
        if len(rows):
            self.add([item_ids[row] for row in rows], np.asarray(embeddings[rows], dtype=np.float32))
        self._number(item_ids, fingerprints)
        return True

    def _number(self, item_ids: Sequence[str | None], fingerprints: Fingerprints) -> None:
        """Give every item its row."""
        self._item_ids = list(item_ids)
        self._fingerprints = fingerprints
        self._rows = {item_id: row for row, item_id in enumerate(item_ids) if item_id is not None}
        self._row_of_node = {self._node_id(item_id): row for item_id, row in self._rows.items()}

    def _is_new(self, item_id: str, fingerprint: np.uint64) -> bool:
        row = self._rows.get(item_id)
        return row is None or self._fingerprints[row] != fingerprint

    def _suits(self, n: int, memory: int) -> bool:
        """Whether an index for `n` items would be of the same kind; another store knows best by itself."""
        return not self.factory or plan_index(n, self._dimensions, memory).factory == self.factory

    def _node_id(self, item_id: str) -> str:
        """What the store calls an item. Some, such as Qdrant, take nothing but UUIDs."""
        return item_id if isinstance(self._store, LivingFaissStore) else str(uuid5(NAMESPACE_OID, item_id))

    def _send(self, nodes: Sequence[str], embeddings: FloatArray, replaced: Sequence[str]) -> None:
        if replaced:
            self._store.delete_nodes(list(replaced))
        for start, block in blocks(embeddings, progress="Storing" if len(nodes) > _BATCH else "", size=_BATCH):
            names = nodes[start : start + len(block)]
            self._store.add(
                [TextNode(id_=name, embedding=line.tolist()) for name, line in zip(names, block, strict=True)]
            )


@dataclass(frozen=True)
class _Generation:
    """The files of one state of an index in its folder."""

    directory: Path
    number: int

    @property
    def items(self) -> Path:
        """Item ids by row, null for removed ones."""
        return self.directory / f"{self.number}.items.json"

    @property
    def fingerprints(self) -> Path:
        return self.directory / f"{self.number}.fingerprints.npy"

    @property
    def vectors(self) -> Path:
        return self.directory / f"{self.number}.vectors.faiss"


def _last_generation(directory: Path) -> int:
    """The number of the generation that a folder holds; 0 where it holds none that can be read."""
    try:
        return int(json.loads((directory / POINTER).read_text(encoding="utf-8"))["generation"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _memory() -> int:
    return int(MEMORY_SHARE * psutil.virtual_memory().available)


def _fingerprints(embeddings: FloatArray) -> Fingerprints:
    """A hash [n] of each embedding [n, d]: its bits as whole numbers times random odd ones, summed modulo 2⁶⁴.

    Two different embeddings share a hash with a chance of about 2⁻⁶³ (multilinear hashing; Lemire and Kaser, 2014,
    "Strongly universal string hashing is fast").
    """
    factors = np.random.default_rng(_HASH_SEED).integers(0, 1 << 63, size=embeddings.shape[1], dtype=np.uint64) * 2 + 1
    parts = [block.view(np.uint32).astype(np.uint64) @ factors for _, block in blocks(embeddings)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)
