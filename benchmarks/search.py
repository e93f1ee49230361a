"""Vector search at size: `python benchmarks/search.py [--items 1000000] [--embeddings FILE.npy] [--compare]`.

From one run: building, saving and loading; the time of a search and its recall@100 against exact search; the same index
searched by bare FAISS and through LlamaIndex's own store, query by query in turn; adding and deleting; memory. The data
are made to resemble text embeddings, or come from a file, of which a share is kept back as queries. `--compare` builds
other FAISS indexes of the same data instead, from which `index/vectors.py` was chosen.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.faiss import FaissVectorStore

from core.item import Item, ItemTable
from index.dense import DenseIndex
from index.vectors import BLOCK, SAMPLE_PER_LIST, TRAINING_ROUNDS, blocks, exact_neighbours, lists_for, recall

FloatArray = npt.NDArray[np.float32]
K = 100
COMPARED = ("IVF{lists},Flat", "IVF{lists},SQ8", "HNSW32,SQ8", "HNSW32,Flat")


def made_up(path: Path, n: int, dimensions: int, held_out: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Vectors [n, d] in a file and queries [held_out, d], as alike as MiniLM's embeddings of MovieLens-100K.

    Topics of very different sizes around a common direction, with variances that fall slowly from axis to axis. At
    1,681 items the medians of the similarity to the nearest, the tenth, the hundredth and a random other are .73, .64,
    .55 and .39; the films' are .71, .64, .55 and .41.
    """
    rng = np.random.default_rng(seed)
    topics = max(8, 5 * int(n**0.5))
    axes = (1 + np.arange(dimensions)) ** -0.4
    axes /= np.linalg.norm(axes)
    turn, _ = np.linalg.qr(rng.standard_normal((dimensions, dimensions)))
    common = 0.78 * np.eye(dimensions)[0]
    centres = common + 0.66 * rng.standard_normal((topics, dimensions)) * axes
    sizes = np.arange(1, topics + 1) ** -0.7
    sizes /= sizes.sum()

    def draw(count: int) -> FloatArray:
        points = centres[rng.choice(topics, size=count, p=sizes)]
        points = (points + 0.75 * rng.standard_normal((count, dimensions)) * axes) @ turn
        return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)

    queries = draw(held_out)
    vectors = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, dimensions))
    for start in range(0, n, BLOCK):
        vectors[start : start + BLOCK] = draw(min(BLOCK, n - start))
    vectors.flush()
    return np.load(path, mmap_mode="r"), queries


def from_file(path: Path, held_out: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Embeddings of a file, with some kept back as queries."""
    vectors = np.load(path)
    order = np.random.default_rng(seed).permutation(len(vectors))
    return vectors[order[held_out:]], vectors[order[:held_out]]


@contextmanager
def measured(label: str) -> Iterator[None]:
    """Print how long a block took, and the most memory of its own that the process had meanwhile."""
    peak, done = [_own_memory()], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak.append(_own_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    before, start = peak[0], time.perf_counter()
    try:
        yield
    finally:  # else the watcher would keep an interrupted process alive
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    print(f"{label:<28} {seconds:>8.1f} s   at most {max(peak) / 1e6:,.0f} MB ({before / 1e6:,.0f} before)", flush=True)


def _own_memory() -> int:
    """Bytes that belong to this process alone: pages of mapped files can be given back at any time."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return 1024 * int(line.split()[1])
    return 0


def in_turn(ways: dict[str, Callable[[FloatArray], object]], queries: FloatArray) -> dict[str, FloatArray]:
    """Milliseconds [q] of each way for each query. Every query is asked of all ways, who starts changes."""
    names = list(ways)
    times = {name: np.zeros(len(queries), dtype=np.float32) for name in names}
    for place, query in enumerate(queries):
        for name in names[place % len(names) :] + names[: place % len(names)]:
            start = time.perf_counter()
            ways[name](query)
            times[name][place] = 1000 * (time.perf_counter() - start)
    return times


def report(times: dict[str, FloatArray], bare: str) -> None:
    print(
        f"\n{'search, k = 100':<34} {'p50 ms':>8} {'p99 ms':>8} {'to bare p50':>12} {'p99':>6} {'median of pairs':>16}"
    )
    for name, each in times.items():
        p50, p99 = np.percentile(each, (50, 99))
        bare50, bare99 = np.percentile(times[bare], (50, 99))
        pairs = np.median(each / times[bare])
        print(f"{name:<34} {p50:>8.2f} {p99:>8.2f} {p50 / bare50:>12.3f} {p99 / bare99:>6.2f} {pairs:>16.3f}")


def rows_found(index: DenseIndex, queries: FloatArray) -> npt.NDArray[np.int64]:
    return np.array([[row for row, _ in index.search(query, K)] for query in queries])


def updates(index: DenseIndex, vectors: FloatArray, queries: FloatArray, share: float = 0.1) -> None:
    """Delete a share of the items and add as many, then compare with exact search again."""
    count, n = int(share * len(vectors)), len(vectors)
    rng = np.random.default_rng(2)
    gone = np.sort(rng.choice(n, size=count, replace=False))
    new = np.asarray(vectors[gone], dtype=np.float32)[:, ::-1].copy()  # as spread out, and elsewhere
    new_ids = [f"new-{place}" for place in range(count)]
    batch = 1_000
    for name, act in (
        ("delete", lambda s: index.remove([str(row) for row in gone[s : s + batch]])),
        ("add", lambda s: index.add(new_ids[s : s + batch], new[s : s + batch])),
    ):
        start = time.perf_counter()
        for place in range(0, count, batch):
            act(place)
        print(f"{name} {count:,} in batches of {batch:,}: {count / (time.perf_counter() - start):,.0f} a second")
    start = time.perf_counter()
    for place in range(20):
        index.remove([new_ids[place]])
        index.add([new_ids[place]], new[place : place + 1])
    print(f"one item replaced: {1000 * (time.perf_counter() - start) / 20:.1f} ms")
    kept = np.setdiff1d(np.arange(n), gone)
    live = np.concatenate([np.asarray(vectors[kept]), new])
    rows = np.concatenate([kept, np.arange(n, n + count)])
    # The replaced ones were added behind the others.
    rows[len(kept) : len(kept) + 20] = np.arange(n + count, n + count + 20)
    truth = rows[exact_neighbours(live, queries, K)]
    print(f"recall@100 after replacing {share:.0%}: {recall(rows_found(index, queries), truth):.4f}")


def measure(vectors: FloatArray, queries: FloatArray, folder: Path, memory: int | None) -> None:
    items = ItemTable(Item(id=str(row), title="") for row in range(len(vectors)))
    with measured("build"):
        index = DenseIndex.build(vectors, items, memory=memory)
    store = index._store
    lists = getattr(store.client, "nprobe", None)
    print(f"{index.factory}, {lists} lists searched" if lists else index.factory)
    with measured("save"):
        index.save(folder / "index")
    size = sum(path.stat().st_size for path in (folder / "index").iterdir())
    with measured(f"load, {size / 1e6:,.0f} MB on disk"):
        index = DenseIndex.load(folder / "index")
    store = index._store
    with measured("exact search of all queries"):
        truth = exact_neighbours(vectors, queries, K)
    print(f"recall@100 {recall(rows_found(index, queries), truth):.4f}")
    bare, plain = store.client, FaissVectorStore(faiss_index=store.client)

    def through(a_store: FaissVectorStore, query: FloatArray) -> object:
        return a_store.query(VectorStoreQuery(query_embedding=query.tolist(), similarity_top_k=K))

    ways: dict[str, Callable[[FloatArray], object]] = {
        "bare FAISS, the same index": lambda query: bare.search(query[np.newaxis], K),
        "LlamaIndex's FaissVectorStore": lambda query: through(plain, query),
        "our store": lambda query: through(store, query),
        "DenseIndex.search": lambda query: index.search(query, K),
    }
    in_turn(ways, queries[:20])
    report(in_turn(ways, queries), "bare FAISS, the same index")
    exact = in_turn({"exact": lambda query: exact_neighbours(vectors, query[np.newaxis], K)}, queries[:10])["exact"]
    print(f"one exact search: {np.median(exact):.0f} ms\n")
    updates(index, vectors, queries)


def compare(vectors: FloatArray, queries: FloatArray) -> None:
    truth = exact_neighbours(vectors, queries, K)
    n, dimensions = vectors.shape
    lists = lists_for(n)
    sample = np.sort(np.random.default_rng(0).choice(n, size=min(n, SAMPLE_PER_LIST * lists), replace=False))
    for name in COMPARED:
        index = faiss.index_factory(dimensions, name.format(lists=lists), faiss.METRIC_INNER_PRODUCT)
        is_graph = name.startswith("HNSW")
        if is_graph:
            index.hnsw.efConstruction = 80
        else:
            index.cp.niter, index.cp.max_points_per_centroid = TRAINING_ROUNDS, SAMPLE_PER_LIST
        start = time.perf_counter()
        index.train(np.asarray(vectors[sample]))
        for _, block in blocks(vectors):
            index.add(block)
        size = len(faiss.serialize_index(index)) / 1e6
        print(f"{name.format(lists=lists)}: built in {time.perf_counter() - start:.1f} s, {size:,.0f} MB", flush=True)
        for effort in (100, 200, 400, 800) if is_graph else (32, 64, 128, 256):
            if is_graph:
                index.hnsw.efSearch = effort
            else:
                index.nprobe = effort
            p50, p99, found = alone(index, queries)
            print(f"  {effort:>4}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, recall@100 {recall(found, truth):.4f}")


def alone(index: faiss.Index, queries: FloatArray) -> tuple[float, float, npt.NDArray[np.int64]]:
    """The 50th and the 99th percentile of a search's milliseconds, and what was found [q, k]."""
    found: list[npt.NDArray[np.int64]] = []
    times = in_turn({"": lambda query: found.append(index.search(query[np.newaxis], K)[1][0])}, queries)[""]
    p50, p99 = np.percentile(times, (50, 99))
    return float(p50), float(p99), np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--embeddings", type=Path, help="an .npy file of unit vectors instead of made-up ones")
    parser.add_argument("--memory", type=int, help="bytes that the index may take; half of what is free")
    parser.add_argument("--compare", action="store_true", help="compare FAISS's indexes on the data")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if options.embeddings:
            vectors, queries = from_file(options.embeddings, options.queries, options.seed)
        else:
            file = path / "vectors.npy"
            vectors, queries = made_up(file, options.items, options.dimensions, options.queries, options.seed)
        print(f"{len(vectors):,} × {vectors.shape[1]}, {len(queries):,} queries, seed {options.seed}", flush=True)
        if options.compare:
            compare(vectors, queries)
        else:
            measure(vectors, queries, path, options.memory)


if __name__ == "__main__":
    main()
