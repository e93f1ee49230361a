"""What the corrections for popularity promise, whatever the scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.interventional import (
    PopularityCorrection,
    backdoor,
    counterfactual,
    popularity_correction,
)
from debias.parity import standardised
from debias.popularity import Popularity

COUNTS = np.array([0, 1, 10, 100, 1000])
ROWS = np.arange(5)
CORRECTIONS = [popularity_correction("backdoor", COUNTS), popularity_correction("counterfactual", COUNTS)]
corrections = st.sampled_from(CORRECTIONS)
strengths = st.floats(0, 1)
histories = st.lists(st.integers(0, 4), max_size=20)
score_lists = st.lists(st.floats(-100, 100), min_size=5, max_size=5).map(np.array)


@given(corrections, score_lists, histories)
def test_strength_zero_is_the_identity_to_the_bit(
    correction: PopularityCorrection, scores: np.ndarray, history: list[int]
) -> None:
    assert (scores + correction.shifts(ROWS, scores, history, 0.0)).tobytes() == (scores + 0.0).tobytes()
    table = scores[None]
    assert correction.apply(table, [history], 0.0) is table


@given(corrections, score_lists, histories, strengths)
def test_the_more_popular_never_loses_less(
    correction: PopularityCorrection, scores: np.ndarray, history: list[int], strength: float
) -> None:
    shifts = correction.shifts(ROWS, scores, history, strength)
    assert (np.diff(shifts) <= 0).all()
    assert np.isfinite(shifts).all()


@given(corrections, score_lists, histories, strengths, strengths)
def test_more_strength_never_shifts_less(
    correction: PopularityCorrection, scores: np.ndarray, history: list[int], one: float, other: float
) -> None:
    weak, strong = (np.abs(correction.shifts(ROWS, scores, history, strength)) for strength in sorted((one, other)))
    assert (weak <= strong).all()


@given(corrections, histories, strengths, st.permutations(range(5)), st.floats(0.1, 10))
def test_neither_order_nor_scale_matters(
    correction: PopularityCorrection, history: list[int], strength: float, order: list[int], scale: float
) -> None:
    scores = np.array([1.0, 2.0, 3.0, 5.0, 8.0])
    shifts = correction.shifts(ROWS, scores, history, strength)
    again = correction.shifts(ROWS[order], scale * scores[order], history, strength)
    assert again.tolist() == pytest.approx((scale * shifts[order]).tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_who_chooses_blockbusters_keeps_them(correction: PopularityCorrection) -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    fan = scores + correction.shifts(ROWS, scores, [4] * 50, 1.0)
    explorer = scores + correction.shifts(ROWS, scores, [1] * 50, 1.0)
    assert np.argmax(fan) == 4
    assert np.argmax(explorer) < 4


@pytest.mark.parametrize("method", ["backdoor", "counterfactual"])
def test_a_catalogue_that_nobody_used_needs_no_correction(method: str) -> None:
    correction = popularity_correction(method, np.zeros(5))  # type: ignore[arg-type]
    assert correction.shifts(ROWS, np.arange(5.0), [1], 1.0).tolist() == [0] * 5


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_strength_outside_its_range_is_refused(correction: PopularityCorrection) -> None:
    with pytest.raises(ValueError, match="strength"):
        correction.shifts(ROWS, np.arange(5.0), [], 1.5)


@given(corrections, histories, strengths)
def test_people_together_get_what_each_gets_alone(
    correction: PopularityCorrection, history: list[int], strength: float
) -> None:
    scores = standardised([[1.0, 2.0, 3.0, 5.0, 8.0], [8.0, 1.0, 1.0, 1.0, 0.0]], [[], []])
    together = correction.apply(scores, [history, []], strength)
    alone = [
        row + correction.shifts(ROWS, row, past, strength) for row, past in zip(scores, (history, []), strict=True)
    ]
    assert together.ravel().tolist() == pytest.approx(np.ravel(alone).tolist())


def test_the_backdoor_takes_gamma_for_each_unit_of_log_popularity() -> None:
    correction = backdoor(Popularity([95, 995], prior=5), slope=2.0)
    shifts = correction.shifts(np.arange(2), np.array([-1.0, 1.0]), [], 0.5)
    assert shifts[0] - shifts[1] == pytest.approx(0.5 * 2.0 * np.log(10))


def test_popularity_that_is_expected_to_stay_is_no_reason_to_correct() -> None:
    popularity = Popularity(COUNTS)
    correction = backdoor(popularity, expected=popularity)
    assert correction.shifts(ROWS, np.arange(5.0), [], 1.0).tolist() == [0] * 5


def test_the_direct_effect_of_an_item_grows_with_its_share_of_choices() -> None:
    correction = counterfactual(Popularity([0, 3, 9]), reference=1.0)
    shifts = correction.shifts(np.arange(3), np.array([-1.0, 0.0, 1.0]), [], 1.0) / np.std([-1.0, 0.0, 1.0])
    assert (shifts[0] - shifts).tolist() == pytest.approx([0, 3 / 7, 9 / 13])
