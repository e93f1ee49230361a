import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.numeric import NumericEncoder

PRICES = [1.0, 2.0, 3.0, 4.0, 1_000_000.0]


def test_the_rank_counts_and_not_the_size() -> None:
    encoder = NumericEncoder.fit([{"price": price} for price in PRICES])
    features, present = encoder.encode([{"price": 2.0}, {"price": 3.0}, {"price": 3.5}, {"weight": 3.0}])
    # Quantiles 1/4, 1/2 and 5/8 of the normal distribution; the second column says that the price is given.
    assert features.tolist() == [
        pytest.approx([-0.67449, 1], abs=1e-4),
        pytest.approx([0, 1], abs=1e-4),
        pytest.approx([0.31864, 1], abs=1e-4),
        [0, 0],
    ]
    assert present.tolist() == [True, True, True, False]


def test_what_lies_outside_counts_as_the_outermost() -> None:
    encoder = NumericEncoder.fit([{"price": price} for price in PRICES])
    features, _ = encoder.encode([{"price": -5.0}, {"price": 1.0}, {"price": 1e12}, {"price": 1_000_000.0}])
    assert features[0, 0] == features[1, 0] < -5
    assert features[2, 0] == features[3, 0] > 5


def test_several_numbers_stand_side_by_side_and_missing_ones_are_marked() -> None:
    encoder = NumericEncoder.fit([{"a": 1.0, "b": 5.0}, {"a": 2.0}, {"a": 3.0, "b": 7.0}, {"a": 3.0, "b": 6.0}])
    features, _ = encoder.encode([{"a": 2.0}, {"b": 6.0}])
    assert features.tolist() == [pytest.approx([-0.43073, 1, 0, 0], abs=1e-4), pytest.approx([0, 0, 0, 1], abs=1e-6)]


def test_a_constant_says_only_that_it_is_given() -> None:
    features, _ = NumericEncoder.fit([{"a": 7.0}, {"a": 7.0}]).encode([{"a": 7.0}, {"a": 8.0}])
    assert features.tolist() == [[0, 1], [0, 1]]


def test_of_very_many_columns_the_fullest_count() -> None:
    values = [{"often": float(row), **{f"column {row} {number}": 1.0 for number in range(200)}} for row in range(3)]
    encoder = NumericEncoder.fit(values)
    assert encoder.dimensions == 512
    assert encoder.encode([{"often": 1.0}])[1].tolist() == [True]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=30))
def test_the_order_of_numbers_is_kept(numbers: list[float]) -> None:
    encoder = NumericEncoder.fit([{"a": number} for number in numbers])
    features, _ = encoder.encode([{"a": number} for number in sorted(numbers)])
    assert np.all(np.diff(features[:, 0]) >= -1e-5)
