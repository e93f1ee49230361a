"""Which FAISS index suits a catalogue, and building it without holding two copies of the embeddings.

| items × dimensions | FAISS index | holds | searches |
|---|---|---|---|
| up to 20 million numbers | `Flat` | float32 | every vector: exact |
| more | `IVF,SQ8` | inverted lists of 8-bit numbers | the nearest lists of about 4·√n |
| more than the memory takes | `IVF,PQ` | inverted lists of product codes, a byte for four numbers | the same, coarser |

20 million numbers (52,000 items of 384 dimensions) are 80 MB, which a core reads in about 10 ms: till there exactness
is free. Beyond, inverted lists were chosen over an HNSW graph by measurement (two cores, a million × 384): they build
in a third of the time, find more in as much time (recall@100 of .94 in 2.5 ms; a graph .92 in more), take two
thirds of the memory, and let go of a deleted vector at once, where a graph only marks it. Eight bits for each number
cost 0.2 points of recall. The numbers of lists and of sampled vectors follow FAISS's "Guidelines to choose an index".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

EXACT = "Flat"
EXACT_NUMBERS = 20_000_000
BLOCK = 50_000  # vectors read, and for inverted lists assigned, at a time: 77 MB at 384 dimensions
# FAISS warns below 39 vectors of the sample for each list, and learns little from more than this.
SAMPLE_PER_LIST = 40
TRAINING_ROUNDS = 8
TARGET_RECALL = 0.95
_QUERIES = 128  # with k = 100 the recall's standard error is about 0.01
_GPU_SCRATCH = 64 << 20  # FAISS takes 1.5 GB where nobody says less
_ID_BYTES = 8  # beside every code in an inverted list


@dataclass(frozen=True)
class IndexPlan:
    """FAISS's name for an index, and about how many bytes it takes in memory."""

    factory: str
    size: int

    @property
    def is_exact(self) -> bool:
        return self.factory == EXACT


def plan_index(n: int, dimensions: int, memory: int) -> IndexPlan:
    """The index for `n` vectors in at most `memory` bytes. Raises ValueError where none fits."""
    if n * dimensions <= EXACT_NUMBERS:
        return IndexPlan(EXACT, 4 * n * dimensions)
    lists = lists_for(n)
    subspaces = max(s for s in range(1, max(1, dimensions // 4) + 1) if dimensions % s == 0)
    centroids = 4 * lists * dimensions
    # "np": without the reordering of codes for polysemous search, which takes long and is not used.
    plans = (
        IndexPlan(f"IVF{lists},SQ8", n * (dimensions + _ID_BYTES) + centroids),
        IndexPlan(f"IVF{lists},PQ{subspaces}np", n * (subspaces + _ID_BYTES) + centroids),
    )
    for plan in plans:
        if plan.size <= memory:
            return plan
    needed, there = plans[-1].size / 1e9, memory / 1e9
    raise ValueError(f"{n} vectors of {dimensions} numbers need {needed:.1f} GB, and {there:.1f} GB may be used")


def lists_for(n: int) -> int:
    """The power of two that is nearest to 4·√n, the number of inverted lists of n vectors."""
    return int(2 ** round(np.log2(4 * np.sqrt(n))))


def build_index(embeddings: FloatArray, plan: IndexPlan, *, seed: int = 0) -> Any:
    """A FAISS index by inner product of `embeddings` [n, d], whose ids are their line numbers.

    Reads blocks, so `embeddings` may be a memory map of a file that is larger than the memory. Inverted lists are
    trained on a sample, and search as many lists as reach a recall@100 of 0.95 on queries made from the data.
    """
    dimensions = embeddings.shape[1]
    index = faiss.index_factory(
        dimensions, f"IDMap,{EXACT}" if plan.is_exact else plan.factory, faiss.METRIC_INNER_PRODUCT
    )
    rng = np.random.default_rng(seed)
    if not plan.is_exact:
        _train(index, embeddings, rng)
    for start, block in blocks(embeddings, progress="" if plan.is_exact else "Indexing"):
        index.add_with_ids(block, np.arange(start, start + len(block)))
    if not plan.is_exact:
        tune(index, embeddings, rng)
    return index


def blocks(embeddings: FloatArray, progress: str = "", size: int = BLOCK) -> Iterator[tuple[int, FloatArray]]:
    """Consecutive lines of `embeddings` [n, d] in memory, with the number of the first; `progress` labels a bar."""
    with tqdm(desc=progress, total=len(embeddings), unit="vector", disable=not progress) as bar:
        for start in range(0, len(embeddings), size):
            block = np.ascontiguousarray(embeddings[start : start + size], dtype=np.float32)
            yield start, block
            bar.update(len(block))


def tune(index: Any, embeddings: FloatArray, rng: np.random.Generator, target: float = TARGET_RECALL) -> float:
    """Let inverted lists search as few lists as reach `target` recall@100, at most half of them; the recall reached.

    `index` holds the line numbers of `embeddings` [n, d] as ids. A query is an item moved a third of the way towards
    another: near the data, but no part of it.
    """
    lines = np.sort(rng.choice(len(embeddings), size=(2 * _QUERIES), replace=False))
    vectors = rng.permutation(np.asarray(embeddings[lines], dtype=np.float32))
    queries = vectors[:_QUERIES] + np.float32(0.5) * vectors[_QUERIES:]
    k = min(100, len(embeddings))
    truth = exact_neighbours(embeddings, queries, k)
    reached = 0.0
    for lists in _doubling(index.nlist):
        index.nprobe = lists
        reached = recall(index.search(queries, k)[1], truth)
        if reached >= target:
            break
    return reached


def exact_neighbours(embeddings: FloatArray, queries: FloatArray, k: int) -> IntArray:
    """The line numbers [q, k] of the largest inner products with `queries` [q, d], read in blocks."""
    heap = faiss.ResultHeap(len(queries), k, keep_max=True)
    for start, block in blocks(embeddings):
        similarities, found = faiss.knn(queries, block, min(k, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
        heap.add_result(similarities, found + start)
    heap.finalize()
    neighbours: IntArray = heap.I
    return neighbours


def recall(found: IntArray, truth: IntArray) -> float:
    """The share of the true neighbours [q, k] that were found [q, k], the mean over queries."""
    return float(np.mean([np.isin(true, ours).mean() for ours, true in zip(found, truth, strict=True)]))


def on_best_device(index: Any) -> Any:
    """A copy of an index on the first GPU; the index itself where FAISS sees none, or where it doesn't fit."""
    if not hasattr(faiss, "StandardGpuResources") or faiss.get_num_gpus() == 0:
        return index
    try:
        return faiss.index_cpu_to_gpu(_gpu_resources(), 0, index)
    except RuntimeError:  # the memory is the language model's, or the GPU doesn't have this kind of index
        return index


@cache
def _gpu_resources() -> Any:
    """FAISS's handle on a GPU; every index there needs it for as long as it lives."""
    resources = faiss.StandardGpuResources()
    resources.setTempMemory(_GPU_SCRATCH)
    return resources


def _train(index: Any, embeddings: FloatArray, rng: np.random.Generator) -> None:
    for clustering in (index.cp, index.pq.cp) if hasattr(index, "pq") else (index.cp,):
        clustering.niter, clustering.seed = TRAINING_ROUNDS, int(rng.integers(1, 1 << 30))
        clustering.max_points_per_centroid = SAMPLE_PER_LIST
    size = min(len(embeddings), SAMPLE_PER_LIST * index.nlist)
    lines = np.sort(rng.choice(len(embeddings), size=size, replace=False))  # sorted: a file is read in one direction
    index.train(np.asarray(embeddings[lines], dtype=np.float32))


def _doubling(lists: int) -> Iterator[int]:
    probed = 8
    while probed < lists // 2:
        yield probed
        probed *= 2
    yield max(1, lists // 2)
