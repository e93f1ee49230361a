"""The vector index at every size: what is chosen, how much it finds, and that updates equal a rebuild."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.simple import SimpleVectorStore
from llama_index.core.vector_stores.types import VectorStoreQuery

from core.errors import ArtifactError, InputError
from core.item import Item, ItemTable
from index import vectors
from index.dense import POINTER, DenseIndex
from index.faiss_store import LivingFaissStore
from index.stores import open_store
from index.vectors import exact_neighbours, lists_for, plan_index, recall

GIGABYTE = 1_000_000_000
FloatArray = npt.NDArray[np.float32]


def _table(ids: Sequence[str]) -> ItemTable:
    return ItemTable([Item(id=each, title=f"Title {each}") for each in ids])


def _unit(n: int, dimensions: int = 16, seed: int = 0) -> FloatArray:
    """Unit vectors around as many centres as there are tens of them."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, n // 10), dimensions))
    points = centres[rng.integers(len(centres), size=n)] + 0.5 * rng.standard_normal((n, dimensions))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32)


@pytest.fixture
def lists_from_1000_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_NUMBERS", 1_000)


@pytest.mark.parametrize(
    ("n", "dimensions", "memory", "factory"),
    [
        (52_000, 384, GIGABYTE, "Flat"),
        (1, 384, 0, "Flat"),
        (100_000, 384, GIGABYTE, "IVF1024,SQ8"),
        (1_000_000, 384, GIGABYTE, "IVF4096,SQ8"),
        (1_000_000, 384, 300_000_000, "IVF4096,PQ96np"),
        (1_000_000, 770, 300_000_000, "IVF4096,PQ154np"),
        (10_000_000, 768, 9 * GIGABYTE, "IVF16384,SQ8"),
    ],
)
def test_the_index_follows_from_size_and_memory(n: int, dimensions: int, memory: int, factory: str) -> None:
    assert plan_index(n, dimensions, memory).factory == factory


def test_a_catalogue_that_fits_no_memory_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1000000 vectors of 384 numbers need 0\.1 GB, and 0\.0 GB may be used"):
        plan_index(1_000_000, 384, 1_000_000)


def test_more_vectors_never_have_fewer_lists() -> None:
    numbers = [lists_for(n) for n in (1, 100, 10_000, 1_000_000, 100_000_000)]
    assert numbers == [4, 32, 512, 4096, 32768]


@pytest.mark.parametrize(("memory", "least"), [(GIGABYTE, 0.93), (30_000, 0.5)], ids=["SQ8", "PQ"])
@pytest.mark.usefixtures("lists_from_1000_numbers")
def test_inverted_lists_find_nearly_all(memory: int, least: float, tmp_path: Path) -> None:
    embeddings = _unit(1_500)
    np.save(tmp_path / "embeddings.npy", embeddings)
    table = _table([str(row) for row in range(1_500)])
    index = DenseIndex.build(np.load(tmp_path / "embeddings.npy", mmap_mode="r"), table, memory=memory)
    assert index.factory.startswith("IVF128")
    queries = _unit(50, seed=1)
    truth = exact_neighbours(embeddings, queries, 100)
    found = np.array([[row for row, _ in index.search(query, 100)] for query in queries])
    assert recall(found, truth) >= least
    index.save(tmp_path / "index")
    loaded = DenseIndex.load(tmp_path / "index")
    assert [loaded.search(query, 10) for query in queries] == [index.search(query, 10) for query in queries]


def test_exact_neighbours_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, queries = _unit(50), _unit(5, seed=1)
    whole = exact_neighbours(embeddings, queries, 7)
    assert (whole == np.argsort(-(queries @ embeddings.T), axis=1)[:, :7]).all()
    monkeypatch.setattr(vectors.blocks, "__defaults__", ("", 6))
    assert (exact_neighbours(embeddings, queries, 7) == whole).all()
    assert recall(whole[:, :5], whole[:, :5][:, ::-1]) == 1.0


def _kinds() -> list[object]:
    return [pytest.param(10**9, id="exact"), pytest.param(1_000, id="lists")]


@pytest.mark.parametrize("exact_numbers", _kinds())
def test_updates_take_effect_at_once_and_rows_stay(exact_numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_NUMBERS", exact_numbers)
    embeddings = _unit(300)
    index = DenseIndex.build(embeddings, _table([f"i{row}" for row in range(300)]))
    new = _unit(2, seed=9)
    index.remove(["i5", "i7", "i5", "nowhere"])
    index.add(["new", "i9"], new)
    assert len(index) == 299
    assert index.search(new[0], 1)[0][0] == 300
    assert index.search(new[1], 1)[0][0] == 9
    found = {row for row, _ in index.search(embeddings[5], 300)}
    assert not found & {5, 7}
    index.add(["i5"], embeddings[5:6])  # comes back, in a row of its own
    assert index.search(embeddings[5], 1)[0][0] == 301


def test_removing_an_added_item_does_not_hit_another() -> None:
    """LlamaIndex's own map store numbers by count, so after a deletion two vectors share a number."""
    store = LivingFaissStore.build(np.eye(3, dtype=np.float32), ["a", "b", "c"], plan_index(3, 3, GIGABYTE))
    store.delete("a")
    store.add([TextNode(id_="d", embedding=[0.6, 0.8, 0.0])])
    store.delete("d")
    found = store.query(VectorStoreQuery(query_embedding=[0.0, 0.1, 0.2], similarity_top_k=5))
    assert found.ids == ["c", "b"]
    assert found.similarities == pytest.approx([0.2, 0.1])


ids = st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True)
operations = st.lists(st.one_of(st.tuples(st.just("add"), ids), st.tuples(st.just("remove"), ids)), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=operations, saved=st.booleans())
def test_any_updates_equal_a_rebuild(operations: list[tuple[str, list[str]]], saved: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    index = DenseIndex.build(np.eye(8, dtype=np.float32)[:2], _table(["a", "b"]))
    expected = {"a": np.eye(8)[0], "b": np.eye(8)[1]}
    order = ["a", "b"]
    for operation, item_ids in operations:
        if operation == "remove":
            index.remove(item_ids)
            expected = {item_id: vector for item_id, vector in expected.items() if item_id not in item_ids}
        else:
            embeddings = rng.standard_normal((len(item_ids), 8)).astype(np.float32)
            order += [item_id for item_id in item_ids if item_id not in expected]
            index.add(item_ids, embeddings)
            expected |= dict(zip(item_ids, embeddings, strict=True))
        if saved:
            index.save(tmp_path / "index")
            index = DenseIndex.load(tmp_path / "index")
    query = rng.standard_normal(8).astype(np.float32)
    found = [(order[row], round(similarity, 4)) for row, similarity in index.search(query, 20)]
    truth = sorted(((each, float(query @ vector)) for each, vector in expected.items()), key=lambda pair: -pair[1])
    assert [item_id for item_id, _ in found] == [item_id for item_id, _ in truth]
    assert [similarity for _, similarity in found] == pytest.approx([s for _, s in truth], abs=1e-3)


@pytest.mark.parametrize("exact_numbers", _kinds())
def test_a_new_table_is_met_by_updates(exact_numbers: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vectors, "EXACT_NUMBERS", exact_numbers)
    embeddings = _unit(400)
    DenseIndex.build(embeddings, _table([f"i{row}" for row in range(400)])).save(tmp_path / "index")
    # Ten are gone, so that rows move, one has changed, and two are new.
    table = _table([f"i{row}" for row in range(10, 400)] + ["x", "y"])
    changed = np.concatenate([embeddings[10:], _unit(2, seed=5)])
    changed[40] = _unit(1, seed=6)[0]
    added: list[int] = []
    put = LivingFaissStore.put
    monkeypatch.setattr(
        LivingFaissStore, "put", lambda self, names, new: (added.append(len(names)), put(self, names, new))
    )
    index = DenseIndex.refreshed(tmp_path / "index", changed, table)
    assert added == [3]
    assert len(index) == 392
    for row in (0, 40, 200, 390, 391):
        assert index.search(changed[row], 1)[0][0] == row
    assert not [row for row, _ in index.search(embeddings[50], 1) if row == 40]


@pytest.mark.usefixtures("lists_from_1000_numbers")
@pytest.mark.parametrize("case", ["dimensions", "size", "embeddings", "damage"])
def test_what_updates_do_not_suit_is_built_anew(case: str, tmp_path: Path) -> None:
    DenseIndex.build(_unit(400), _table([f"i{row}" for row in range(400)])).save(tmp_path / "index")
    new = {"dimensions": _unit(400, 8), "size": _unit(1600), "embeddings": _unit(400, seed=1), "damage": _unit(400)}[
        case
    ]
    if case == "damage":
        (tmp_path / "index" / "1.vectors.faiss").write_bytes(b"")
    table = _table([f"i{row}" for row in range(len(new))])
    index = DenseIndex.refreshed(tmp_path / "index", new, table)
    fresh = DenseIndex.build(new, table)
    assert index.factory == fresh.factory
    assert index.search(new[3], 5) == fresh.search(new[3], 5)


def test_a_save_that_is_cut_off_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index"
    index = DenseIndex.build(np.eye(3, dtype=np.float32), _table("abc"))
    index.save(folder)
    index.remove(["a"])

    def full(*_: object) -> None:
        raise RuntimeError("disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(faiss, "write_index", full)
        with pytest.raises(RuntimeError, match="disk is full"):
            index.save(folder)
    assert len(DenseIndex.load(folder)) == 3
    index.save(folder)
    assert len(DenseIndex.load(folder)) == 2
    assert sorted(path.name.split(".")[0] for path in folder.iterdir()) == ["2", "2", "2", "2", "index"]
    assert json.loads((folder / POINTER).read_text())["generation"] == 2


def test_a_missing_part_is_one_clear_line(tmp_path: Path) -> None:
    DenseIndex.build(np.eye(3, dtype=np.float32), _table("abc")).save(tmp_path)
    for name in ("1.vectors.json", "1.items.json", POINTER):
        (tmp_path / name).write_text("[]")
        with pytest.raises(ArtifactError, match=r"can't be read\. Run `tastemaker prepare`\."):
            DenseIndex.load(tmp_path)


def test_wrong_shapes_are_refused() -> None:
    index = DenseIndex.build(np.eye(3, dtype=np.float32), _table("abc"))
    for item_ids, width in ((["d"], 2), (["d", "d"], 3)):
        with pytest.raises(ValueError, match="different items with embeddings"):
            index.add(item_ids, np.ones((len(item_ids), width), dtype=np.float32))
    assert len(index) == 3


def test_an_empty_catalogue_has_an_empty_index() -> None:
    index = DenseIndex.build(np.empty((0, 3), np.float32), _table([]))
    assert index.search(np.ones(3, np.float32), 5) == []


def test_another_store_of_llama_index_finds_the_same(tmp_path: Path) -> None:
    embeddings, table = _unit(40), _table([f"i{row}" for row in range(40)])
    store = open_store('{"class": "llama_index.core.vector_stores.SimpleVectorStore"}')
    assert isinstance(store, SimpleVectorStore)
    ours = DenseIndex.build(embeddings, table)
    theirs = DenseIndex.build(embeddings, table, store=store)
    for index in (ours, theirs):
        index.remove(["i3"])
        index.add(["i4", "new"], _unit(2, seed=4))
    theirs.save(tmp_path)
    theirs = DenseIndex.load(tmp_path, store=store)
    for query in _unit(5, seed=2):
        ranked = theirs.search(query, 10)
        assert [row for row, _ in ranked] == [row for row, _ in ours.search(query, 10)]
        assert all(a >= b for (_, a), (_, b) in pairwise(ranked))


def test_no_other_store_is_the_default() -> None:
    assert open_store("") is None


@pytest.mark.parametrize(
    ("configuration", "cause"),
    [
        ("qdrant", "is no JSON object with a class"),
        ('{"url": "x"}', "is no JSON object with a class"),
        ('{"class": "os.system"}', "is no vector store of LlamaIndex"),
        ('{"class": "llama_index.core.schema.TextNode"}', "is no vector store of LlamaIndex"),
        ('{"class": "llama_index.vector_stores.nowhere.Store"}', "is not installed"),
        ('{"class": "llama_index.core.vector_stores.SimpleVectorStore", "data": 3}', "does not take these settings"),
    ],
)
def test_a_wrong_store_is_one_clear_line(configuration: str, cause: str) -> None:
    with pytest.raises(InputError, match=cause) as caught:
        open_store(configuration)
    assert "\n" not in str(caught.value)


@pytest.mark.gpu
def test_a_gpu_finds_what_the_cpu_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faiss.get_num_gpus() > 0
    embeddings, table = _unit(3_000, 64), _table([str(row) for row in range(3_000)])
    for exact_numbers in (10**9, 1_000):
        monkeypatch.setattr(vectors, "EXACT_NUMBERS", exact_numbers)
        index = DenseIndex.build(embeddings, table)
        query = embeddings[7]
        store = index._store
        assert isinstance(store, LivingFaissStore)
        cpu = store.client.search(query[np.newaxis], 10)[1][0].tolist()
        assert [row for row, _ in index.search(query, 10)] == cpu
        assert store._searched() is not store.client
        index.remove(["7"])
        assert 7 not in [row for row, _ in index.search(query, 10)]
