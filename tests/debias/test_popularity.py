import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.popularity import PopularityCorrection

COUNTS = np.array([0, 1, 10, 100, 1000])
ROWS = np.arange(5)
strengths = st.floats(0, 1)
histories = st.lists(st.integers(0, 4), max_size=20)
score_lists = st.lists(st.floats(-100, 100), min_size=5, max_size=5).map(np.array)
correction = PopularityCorrection(COUNTS)


@given(score_lists, histories)
def test_strength_zero_changes_nothing(scores: np.ndarray, history: list[int]) -> None:
    assert correction.shifts(ROWS, scores, history, 0.0).tolist() == [0.0] * 5


@given(score_lists, histories, strengths, strengths)
def test_more_strength_and_more_popularity_never_take_less(
    scores: np.ndarray, history: list[int], one: float, other: float
) -> None:
    weak, strong = (correction.shifts(ROWS, scores, history, strength) for strength in sorted((one, other)))
    assert (strong <= weak).all()
    assert (weak <= 0).all()
    assert (np.diff(strong) <= 0).all()


@given(score_lists, histories, strengths, st.permutations(range(5)))
def test_the_order_of_candidates_does_not_matter(
    scores: np.ndarray, history: list[int], strength: float, order: list[int]
) -> None:
    shifts = correction.shifts(ROWS, scores, history, strength)
    again = correction.shifts(ROWS[order], scores[order], history, strength)
    assert again.tolist() == pytest.approx(shifts[order].tolist(), rel=1e-9, abs=1e-9)


@given(histories, st.floats(0.1, 10))
def test_strength_means_the_same_on_any_scale(history: list[int], scale: float) -> None:
    scores = np.array([1.0, 2.0, 3.0, 5.0, 8.0])
    shifts = correction.shifts(ROWS, scores, history, 0.5)
    assert correction.shifts(ROWS, scores * scale, history, 0.5).tolist() == pytest.approx((shifts * scale).tolist())


def test_who_chooses_blockbusters_keeps_them() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    fan = correction.shifts(ROWS, scores, [4] * 50, 1.0)
    explorer = correction.shifts(ROWS, scores, [1] * 50, 1.0)
    assert fan.tolist() == pytest.approx([0] * 5, abs=0.1)
    assert np.argmax(scores + fan) == 4
    assert np.argmax(scores + explorer) == 1


def test_a_catalogue_that_nobody_used_needs_no_correction() -> None:
    assert PopularityCorrection(np.zeros(5, dtype=int)).shifts(ROWS, np.arange(5.0), [1], 1.0).tolist() == [0] * 5


def test_a_strength_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="strength"):
        correction.shifts(ROWS, np.arange(5.0), [], 1.5)
