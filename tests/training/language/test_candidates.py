import numpy as np
import numpy.typing as npt
import pytest

from training.language.candidates import choices, missed_share, with_insertions
from training.language.positions import Position


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


def test_what_the_ranker_misses_is_put_into_the_last_place() -> None:
    found = choices(RANKER, [Position(0, np.array([0]), 4), Position(1, np.array([0]), 1)], 3)
    assert missed_share(found) == 0.5
    hit, put_in = with_insertions(found, RANKER, 1.0, np.random.default_rng(0))
    assert (hit.label, hit.inserted) == (0, False)
    assert put_in.rows.tolist() == [1, 2, 4]
    assert (put_in.label, put_in.inserted) == (2, True)
    assert put_in.scores[-1] == pytest.approx(np.exp(-1.5))
    assert len(with_insertions(found, RANKER, 0.0, np.random.default_rng(0))) == 1
