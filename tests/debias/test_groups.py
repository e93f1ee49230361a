"""Groups from a column, whatever it holds."""

import numpy as np
import pytest

from debias.groups import LEAST_PEOPLE, Groups

GROUPS = Groups.of("gender", ["f", "m", None, "m", ""])


def test_missing_values_are_a_group() -> None:
    assert GROUPS.names == ("f", "m", "unknown")
    assert GROUPS.codes.tolist() == [0, 1, 2, 1, 2]
    assert GROUPS.sizes.tolist() == [1, 2, 2]
    assert GROUPS.name_of(3) == "m"


def test_means_are_by_group() -> None:
    assert GROUPS.means([1.0, 2.0, 3.0, 4.0, 5.0]).tolist() == [1, 3, 4]
    assert GROUPS.means(np.arange(10.0).reshape(5, 2)).tolist() == [[0, 1], [4, 5], [6, 7]]
    assert np.isnan(Groups.of("x", ["a", "b"]).take(np.array([0])).means([1.0])[1])


def test_a_gap_is_the_largest_difference_of_groups_that_can_be_measured() -> None:
    values = ["a"] * LEAST_PEOPLE + ["b"] * LEAST_PEOPLE + ["few"]
    groups = Groups.of("x", values)
    shown = np.array([[0.5, 0.1]] * LEAST_PEOPLE + [[0.4, 0.4]] * LEAST_PEOPLE + [[99, 99]])
    assert groups.gap(shown) == pytest.approx(0.3)
    assert groups.gap(shown[:, 0]) == pytest.approx(0.1)
    assert Groups.of("x", ["a"] * 100).gap(np.arange(100.0)) == 0


def test_many_numbers_become_bands_and_few_stay() -> None:
    ages = Groups.of("age", [str(age) for age in range(20, 60)] + [None])
    assert ages.names == ("30 to under 40", "40 to under 50", "50 and over", "under 30", "unknown")
    assert ages.sizes.tolist() == [10, 10, 10, 10, 1]
    assert ages.name_of(0) == "under 30"
    assert Groups.of("code", ["1", "2", "1"]).names == ("1", "2")
    assert Groups.of("age", [*map(str, range(20, 60)), "nan"]).name_of(40) == "unknown"
    assert Groups.of("code", ["1", "NaN"]).names == ("1", "unknown")
    assert Groups.of("name", ["Ann", "nan"]).names == ("Ann", "nan")
    assert len(Groups.of("zip", [f"V{number}" for number in range(40)]).names) == 40
