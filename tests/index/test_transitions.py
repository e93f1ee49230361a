"""Transitions, against counts made by hand."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError
from index.transitions import DECAY, PRIOR, STEPS, UNSEEN, Transitions

SEQUENCES = [np.array([0, 1, 2]), np.array([0, 1]), np.array([2])]


def by_hand(history: list[int]) -> list[float]:
    counts = np.zeros((4, 4))
    counts[0, 1], counts[1, 2], counts[0, 2] = 2 * STEPS[0], STEPS[0], STEPS[1]
    share = (counts.sum(axis=0) + UNSEEN) / (counts.sum(axis=0) + UNSEEN).sum()
    logs = np.log((counts + PRIOR * share) / (counts.sum(axis=1, keepdims=True) + PRIOR))
    return sum(DECAY**age * logs[row] for age, row in enumerate(reversed(history))).tolist()


@pytest.mark.parametrize("history", [[0], [0, 1], [3], [2, 0, 1]])
def test_scores_are_decayed_sums_of_smoothed_log_probabilities(history: list[int]) -> None:
    scores = Transitions.fit(SEQUENCES, 4).scores([history])
    np.testing.assert_allclose(scores[0], by_hand(history), rtol=1e-4)


def test_nothing_is_said_of_an_empty_history() -> None:
    assert not Transitions.fit(SEQUENCES, 4).scores([[]]).any()


def test_nobody_chose_anything() -> None:
    assert Transitions.fit([], 4).scores([[1], []]).shape == (2, 4)


def test_it_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    model = Transitions.fit(SEQUENCES, 4)
    model.save(tmp_path / "transitions.npz")
    again = Transitions.load(tmp_path / "transitions.npz")
    np.testing.assert_array_equal(model.scores([[0, 1]]), again.scores([[0, 1]]))


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "transitions.npz").write_bytes(b"no archive")
    with pytest.raises(ArtifactError, match="Run `tastemaker prepare`"):
        Transitions.load(tmp_path / "transitions.npz")
