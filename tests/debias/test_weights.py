import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.weights import clip_to_effective_share, clip_weights, effective_sample_size, weight_health

weights = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40).map(np.array)


@given(weights)
def test_the_effective_sample_size_is_at_most_the_count(given_weights: np.ndarray) -> None:
    assert 1 - 1e-9 <= effective_sample_size(given_weights) <= len(given_weights)


def test_the_effective_sample_size_by_hand() -> None:
    assert effective_sample_size([2.0, 2.0, 2.0]) == pytest.approx(3)
    assert effective_sample_size([3.0, 1.0]) == pytest.approx(16 / 10)
    assert effective_sample_size([]) == 0


@given(weights, st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_clipping_is_monotone(given_weights: np.ndarray, one: float, other: float) -> None:
    low, high = (clip_weights(given_weights, at) for at in sorted((one, other)))
    assert (low > 0).all()
    assert (low <= high).all()
    assert (high <= given_weights).all()
    assert effective_sample_size(low) >= effective_sample_size(high) - 1e-9


@given(weights, st.floats(0, 1))
def test_clipping_to_a_share_reaches_it(given_weights: np.ndarray, share: float) -> None:
    clipped = clip_to_effective_share(given_weights, share)
    assert effective_sample_size(clipped) >= share * len(given_weights) - 1e-6
    assert (clipped <= given_weights).all()
    assert np.array_equal(clip_to_effective_share(given_weights, 0), given_weights)


def test_clipping_to_a_share_cuts_no_more_than_needed() -> None:
    clipped = clip_to_effective_share([1.0] * 9 + [100.0], 0.5)
    assert effective_sample_size(clipped) == pytest.approx(5, abs=1e-3)
    assert clipped[:9].tolist() == [1.0] * 9


def test_equal_weights_are_well() -> None:
    health = weight_health(np.full(50, 7.0))
    assert (health.effective_share, health.variance, health.alarm) == (pytest.approx(1), 0, "")


def test_exploding_weights_raise_the_alarm() -> None:
    health = weight_health(np.r_[np.ones(100), 1000.0])
    assert "clip" in health.alarm
    assert health.effective_sample_size == pytest.approx(1100**2 / 1_000_100)
    assert health.variance == pytest.approx(np.var(np.r_[np.ones(100), 1000.0]))


def test_one_heavy_weight_raises_the_alarm_even_where_the_rest_is_even() -> None:
    health = weight_health(np.r_[np.ones(30), 5.0])
    assert health.effective_share > 0.2
    assert "One of 31" in health.alarm


def test_weights_that_are_none_are_refused() -> None:
    for bad in ([-1.0], [np.nan], [np.inf], [[1.0]]):
        with pytest.raises(ValueError, match="weights"):
            weight_health(bad)
    with pytest.raises(ValueError, match="all zero"):
        weight_health([0.0, 0.0])
    assert weight_health([]).alarm == ""
