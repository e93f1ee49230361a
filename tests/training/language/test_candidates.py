import numpy as np
import numpy.typing as npt
import pytest

from catalog.splits import Position
from training.language.candidates import choices, missed_share


class Fixed:
    """Scores that are the same for everybody."""

    def __init__(self, scores: list[float]) -> None:
        self._scores = np.array(scores, dtype=np.float32)

    def scores(self, histories: object) -> npt.NDArray[np.float32]:
        assert isinstance(histories, list)
        return np.tile(self._scores, (len(histories), 1))


RANKER = Fixed([0.0, -1.0, -2.0, -3.0, -4.0])


def test_the_best_that_are_not_in_the_history_best_first() -> None:
    [found] = choices(RANKER, [Position(0, np.array([0]), 2)], 3)
    assert found.rows.tolist() == [1, 2, 3]
    assert found.label == 1
    assert found.scores == pytest.approx([1, np.exp(-0.5), np.exp(-1)])  # as `index.scores` scores them


def test_a_list_may_miss_what_was_chosen() -> None:
    found = choices(RANKER, [Position(0, np.array([0]), 4), Position(1, np.array([0]), 1)], 3)
    assert [choice.label for choice in found] == [None, 0]
    assert missed_share(found) == 0.5
