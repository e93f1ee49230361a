"""What is counted from interactions: statistics, the history model, and the graph of shared people."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError
from index.graph import ItemGraph, Link
from index.history import HistoryModel
from index.statistics import RatingStatistics
from tests.index.films import HISTORIES, ITEMS, history_model, statistics


def test_statistics_count_choices_and_ratings_apart() -> None:
    rows = np.array([0, 0, 1, 1])
    stats = RatingStatistics.build(rows, np.array([5.0, 4.0, np.nan, 2.0]), 3)
    assert stats.chosen.tolist() == [2, 2, 0]
    assert stats.rated.tolist() == [2, 1, 0]
    assert stats.means.tolist() == [4.5, 2.0, 0.0]
    assert stats.top_rating == 5.0


def test_few_ratings_count_little() -> None:
    rows = np.array([0] * 100 + [1] + [2] * 100)
    stats = RatingStatistics.build(rows, np.array([4.5] * 100 + [5.0] + [2.0] * 100), 3)
    assert stats.quality[0] > stats.quality[1] > stats.quality[2]
    assert RatingStatistics.build(rows, None, 3).quality.tolist() == [0, 0, 0]


def test_history_model_follows_what_was_chosen_together() -> None:
    scores = history_model().scores([0])
    assert scores[2] > scores[1] > 0.1 > scores[3]
    assert scores[0] == scores[7] == 0  # itself, and what nobody chose


def test_recent_choices_weigh_more() -> None:
    model = history_model()
    assert model.scores([3, 0])[2] > model.scores([0, 3])[2]
    assert model.scores([3, 0], decay=1.0).tolist() == pytest.approx(model.scores([0, 3], decay=1.0).tolist())


def test_counts_of_who_chose_both() -> None:
    model = history_model()
    assert [model.together(0, other) for other in (2, 1, 7)] == [5, 4, 0]
    assert [model.chosen(row) for row in (0, 7)] == [5, 0]


def test_nearness_one_is_ease() -> None:
    chosen = np.zeros((len(HISTORIES), len(ITEMS)))
    for person, rows in enumerate(HISTORIES):
        chosen[person, rows] = 1
    inverse = np.linalg.inv(chosen.T @ chosen + 2.0 * np.eye(len(ITEMS)))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    model = HistoryModel.fit(HISTORIES, len(ITEMS), regularisation=2.0, nearness=1.0)
    for row in range(len(ITEMS)):
        assert model.scores([row]).tolist() == pytest.approx(expected[row].tolist(), abs=1e-6)


def test_an_item_chosen_twice_counts_once() -> None:
    once = HistoryModel.fit([np.array([1, 0])], 2)
    twice = HistoryModel.fit([np.array([0, 1, 0])], 2)
    assert twice.chosen(0) == 1
    assert twice.scores([0]).tolist() == once.scores([0]).tolist()


def test_a_catalogue_without_interactions_scores_zero() -> None:
    model = HistoryModel.fit([], 3)
    assert model.scores([0, 2]).tolist() == [0, 0, 0]
    assert model.together(0, 2) == 0


def test_the_least_chosen_items_are_left_out_of_a_large_catalogue() -> None:
    model = HistoryModel.fit(HISTORIES, len(ITEMS), max_items=3)
    assert [model.chosen(row) for row in range(8)] == [5, 4, 5, 0, 0, 0, 0, 0]


def test_models_are_the_same_after_loading(tmp_path: Path) -> None:
    history_model().save(tmp_path / "history.npz")
    statistics().save(tmp_path / "statistics.npz")
    model, stats = HistoryModel.load(tmp_path / "history.npz"), RatingStatistics.load(tmp_path / "statistics.npz")
    assert model.scores([0, 3]).tolist() == history_model().scores([0, 3]).tolist()
    assert (model.people, model.together(0, 2)) == (7, 5)
    assert stats.means.tolist() == statistics().means.tolist()


def test_a_history_model_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """It had a number for every pair of items, also where nobody chose both."""
    path, model = tmp_path / "history.npz", history_model()
    model.save(path)
    arrays = dict(np.load(path))
    pairs = [[model.together(a, b) for b in arrays["rows"]] for a in arrays["rows"]]
    for name in ("columns", "starts"):
        del arrays[name]
    with path.open("wb") as file:
        np.savez(file, **{**arrays, "together": np.array(pairs, dtype=np.uint32)})
    earlier = HistoryModel.load(path)
    found = [[earlier.together(a, b) for b in range(len(ITEMS))] for a in range(len(ITEMS))]
    assert found == [[model.together(a, b) for b in range(len(ITEMS))] for a in range(len(ITEMS))]
    assert earlier.scores([0, 3]).tolist() == model.scores([0, 3]).tolist()


@pytest.mark.parametrize("model", [HistoryModel, RatingStatistics, ItemGraph])
def test_a_damaged_file_is_one_clear_line(
    model: type[HistoryModel | RatingStatistics | ItemGraph], tmp_path: Path
) -> None:
    path = tmp_path / "damaged"
    for content in (None, b"", b"PK\x03\x04broken", b"[]"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ArtifactError, match=r"can't be read\. Run `tastemaker prepare`\."):
            model.load(path)


def test_graph_joins_named_people_and_nameless_relations(tmp_path: Path) -> None:
    triples = [("heat", "producer", "m.1"), ("thief", "producer", "m.1"), ("heat", "director", "m.2")]
    graph = ItemGraph.build(ITEMS, [*triples, ("elsewhere", "producer", "m.1")])
    graph.save(tmp_path / "graph.json")
    for each in (graph, ItemGraph.load(tmp_path / "graph.json")):
        assert each.shared("thief", "heat") == (
            Link(relation="director", names=("Michael Mann",), count=1, only=True, reach=2),
            Link(relation="producer", names=(), count=1, only=True, reach=2),
        )
        assert each.shared("heat", "fargo") == ()
        assert each.related("heat") == {"thief": 2}
