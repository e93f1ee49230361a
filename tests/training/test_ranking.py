"""The blend of rankers learns which of them to trust."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError
from index.history import HistoryModel
from index.ranking import BlendedRanker, Weights
from index.transitions import Transitions
from tests.training.test_sequence import ITEMS, SETTINGS, circle
from training.ranking import train_ranking

CONTENT = np.eye(ITEMS, dtype=np.float32)


@pytest.fixture(scope="module")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> BlendedRanker:
    return train_ranking(circle(), ITEMS, CONTENT, SETTINGS, tmp_path_factory.mktemp("work"), progress=False)


def test_the_blend_is_no_worse_than_its_best_part(ranker: BlendedRanker) -> None:
    _, blend = ranker.weights.validation["blend"]
    assert blend >= max(ndcg for _, ndcg in ranker.weights.validation.values()) - 0.02
    assert blend > 0.9


def test_scores_are_the_weighed_parts(ranker: BlendedRanker) -> None:
    parts = ranker.parts([[1, 2, 3], [5]])
    weighed = np.tensordot(ranker.weights.vector(), parts, axes=1)
    np.testing.assert_allclose(ranker.scores([[1, 2, 3], [5]]), weighed, rtol=1e-4, atol=1e-5)


def test_someone_without_a_history_is_ranked_for(ranker: BlendedRanker) -> None:
    [scores] = ranker.scores([[]])
    assert np.isfinite(scores).all()
    assert scores[39] < np.median(scores)  # nobody chose it


def test_too_few_people_leave_counts_alone(tmp_path: Path) -> None:
    ranker = train_ranking(circle(10), ITEMS, CONTENT, SETTINGS, tmp_path, progress=False)
    assert ranker.sequence is None
    assert ranker.scores([[3, 4, 5]]).argmax() in {2, 6}


@pytest.mark.parametrize("sequences", [[], [np.array([1])]])
def test_hardly_anything_was_chosen(sequences: list[np.ndarray], tmp_path: Path) -> None:
    ranker = train_ranking(sequences, ITEMS, CONTENT, SETTINGS, tmp_path, progress=False)
    assert np.isfinite(ranker.scores([[1], []])).all()


def test_where_everybody_chooses_the_same_again_weights_stay_as_they_begin(tmp_path: Path) -> None:
    sequences = [np.append(one, one[0]) for one in circle(60)]
    ranker = train_ranking(sequences, ITEMS, CONTENT, SETTINGS.model_copy(update={"epochs": 1}), tmp_path)
    assert ranker.sequence is not None
    assert ranker.weights == Weights()  # nobody could be held out


def test_of_a_large_catalogue_fewer_people_are_held_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.ranking.VALIDATION_SCORES", 2 * ITEMS)
    quick = SETTINGS.model_copy(update={"epochs": 1})
    assert train_ranking(circle(), ITEMS, CONTENT, quick, tmp_path, progress=False).weights.people == 2


def test_nobody_to_rank_for(ranker: BlendedRanker) -> None:
    assert ranker.scores([]).shape == (0, ITEMS)


def test_it_comes_back_as_it_was_saved(ranker: BlendedRanker, tmp_path: Path) -> None:
    ranker.save(tmp_path)
    again = BlendedRanker.load(tmp_path, ranker.history)
    np.testing.assert_array_equal(ranker.scores([[1, 2]]), again.scores([[1, 2]]))


def test_a_damaged_folder_is_one_clear_error(tmp_path: Path) -> None:
    history = HistoryModel.fit([], 3)
    BlendedRanker(history, Transitions.fit([], 3), np.zeros(3, np.float32), None, Weights()).save(tmp_path)
    (tmp_path / "weights.json").write_text("{", encoding="utf-8")
    with pytest.raises(ArtifactError, match="Run `tastemaker prepare`"):
        BlendedRanker.load(tmp_path, history)
