"""The two indexes and what joins them."""

from pathlib import Path

import numpy as np
import pytest

from catalog.source import find_source
from core.errors import ArtifactError
from encoders.item_text import item_text, item_words
from encoders.text import TextEncoder
from index.dense import DenseIndex
from index.fusion import fuse
from index.lexical import LexicalIndex
from index.retriever import Retriever
from tests.index.films import EMBEDDINGS, ITEMS
from tests.index.queries import ANSWERABLE, FOREIGN, HELD_OUT_ANSWERABLE, HELD_OUT_FOREIGN

TEXTS = ["A heist goes wrong", "Dinosaurs in a park", "The dinosaur that robbed a bank", ""]


def test_dense_index_finds_the_nearest_rows_also_after_loading(tmp_path: Path) -> None:
    query = np.array([0, 0.6, 0.8], dtype=np.float32)
    index = DenseIndex.build(EMBEDDINGS, ITEMS)
    index.save(tmp_path / "dense")
    loaded = DenseIndex.load(tmp_path / "dense")
    assert (len(loaded), loaded.dimensions) == (8, 3)
    found = loaded.search(query, 2)
    assert found == index.search(query, 2)
    assert [row for row, _ in found] == [4, 5]
    assert [similarity for _, similarity in found] == pytest.approx([0.96, 0.8])
    assert len(loaded.search(query, 100)) == 8


def test_dense_index_refuses_wrong_shapes() -> None:
    with pytest.raises(ValueError, match=r"8 items need embeddings \[8, d\]"):
        DenseIndex.build(EMBEDDINGS[:3], ITEMS)
    with pytest.raises(ValueError, match="3 dimensions"):
        DenseIndex.build(EMBEDDINGS, ITEMS).search(np.ones(2, dtype=np.float32), 1)


def test_lexical_index_stems_words_also_after_loading(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path / "lexical")
    index = LexicalIndex.load(tmp_path / "lexical")
    assert [row for row, _ in index.search("dinosaurs", 10)] == [1, 2]
    assert [row for row, _ in index.search("robbing banks and the dinosaur", 1)] == [2]
    assert index.search("the of 7 romance", 10) == []
    assert not list((tmp_path / "lexical").glob("*.pkl"))


@pytest.mark.parametrize("index", [DenseIndex, LexicalIndex])
def test_a_missing_or_damaged_index_is_one_clear_line(index: type[DenseIndex | LexicalIndex], tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"can't be read\. Run `tastemaker prepare`\."):
        index.load(tmp_path)
    for name in ("index.json", "params.index.json"):
        (tmp_path / name).write_text("{")
    with pytest.raises(ArtifactError, match="can't be read"):
        index.load(tmp_path)


def test_fusion_prefers_agreement_and_keeps_the_best_similarity() -> None:
    retrieval = fuse([(7, 0.5), (3, 0.4)], [(3, 9.0), (1, 8.0)])
    assert list(retrieval.scores) == [3, 7, 1]
    assert retrieval.scores[3] == pytest.approx(1 / 62 + 1 / 61)
    assert (retrieval.best_similarity, retrieval.is_weak, retrieval.confidence) == (0.5, False, 1.0)
    assert list(fuse([(7, 0.5)], [(1, 8.0)], lexical_weight=2.0).scores) == [1, 7]


def test_far_embeddings_are_weak() -> None:
    assert fuse([(7, 0.29)], [(1, 8.0)]).is_weak
    assert not fuse([], [(1, 8.0)]).is_weak
    assert fuse([(7, 0.1)], []).confidence == 0.0


def test_ten_far_embeddings_are_weak_where_one_is_near_by_accident() -> None:
    accident = [(0, 0.39), *((row, 0.2) for row in range(1, 20))]
    assert fuse(accident, []).is_weak
    assert fuse(accident, []).confidence == 0.5
    assert not fuse([(0, 0.6), *accident[1:]], []).is_weak  # one item that is surely meant
    ordinary = [(row, 0.32) for row in range(20)]
    assert fuse(ordinary, []).mean_similarity == pytest.approx(0.32)
    assert not fuse(ordinary, []).is_weak
    assert 0.5 < fuse(ordinary, []).confidence < 1


@pytest.mark.slow
def test_weak_retrieval_is_noticed_on_real_films() -> None:
    """All 1,681 films of MovieLens-100K, encoded as `prepare` does; half of the queries chose the thresholds."""
    films = find_source("ml-100k", None).read().items
    encoder = TextEncoder(device="cpu")
    retriever = Retriever(
        DenseIndex.build(encoder.encode([item_text(film) for film in films]), films),
        LexicalIndex.build([item_words(film) for film in films]),
    )

    def weak(texts: list[str]) -> int:
        vectors = encoder.encode(texts)
        return sum(retriever.retrieve(text, vector).is_weak for text, vector in zip(texts, vectors, strict=True))

    assert weak(ANSWERABLE) == 0
    assert weak(FOREIGN) == 30
    assert weak(HELD_OUT_ANSWERABLE) <= 2
    assert weak(HELD_OUT_FOREIGN) >= 24


def test_retriever_searches_with_what_it_is_given() -> None:
    retriever = Retriever(DenseIndex.build(EMBEDDINGS[:4], type(ITEMS)(ITEMS.items[:4])), LexicalIndex.build(TEXTS))
    assert list(retriever.retrieve("dinosaurs", EMBEDDINGS[1]).scores) == [1, 2, 0, 3]
    assert list(retriever.retrieve("heist", None).scores) == [0]
    assert retriever.retrieve("", None).scores == {}


def test_titles_without_a_word_worth_indexing() -> None:
    assert LexicalIndex.build(["A", "It"]).search("a heist", 5) == []
