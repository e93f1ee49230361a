"""How numbers and names stand in sentences."""

import pytest

from evaluation.report.words import bracketed, change, listed, number, percent, percents, signed
from evaluation.statistics import Interval, PairedTest


@pytest.mark.parametrize(
    ("value", "plain", "difference"),
    [(0.0125, "0.013", "+0.013"), (-0.5, "−0.500", "−0.500"), (-0.0001, "0.000", "0.000"), (0.0, "0.000", "0.000")],
)
def test_a_minus_is_a_minus_and_nothing_has_no_sign(value: float, plain: str, difference: str) -> None:
    assert (number(value), signed(value)) == (plain, difference)


def test_intervals_and_shares() -> None:
    assert bracketed(Interval(0.1158, 0.101, 0.132)) == "0.116 [0.101, 0.132]"
    assert percents(Interval(0.63, 0.531, 0.72)) == "63 % [53, 72]"
    assert percent(0.0257, 1) == "2.6 %"
    assert change(PairedTest(-0.0005, -0.007, 0.006, 0.9)) == "−0.001 [−0.007, +0.006]"


def test_names_in_a_row() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], "abc")] == ["none", "a", "a and b", "a, b and c"]
