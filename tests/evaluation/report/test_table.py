"""Cells, numbers and frames of tables."""

import math

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from evaluation.report.table import Table
from evaluation.statistics import Interval


def test_numbers_of_a_column_are_written_alike() -> None:
    table = Table("t", ["a", "b", "c"], [[0.5, 1234.5678, 1_000_000], [12.0, 3.0, -5]])

    assert table.texts() == [["0.50", "1,235", "1,000,000"], ["12.00", "3", "−5"]]


def test_an_interval_follows_its_value() -> None:
    table = Table("t", ["a"], [[Interval(0.25, -0.2, 0.3)], [Interval(-0.0001, -0.1, 0.1)]])

    assert table.texts() == [["0.250 [−0.200, 0.300]"], ["0.000 [−0.100, 0.100]"]]


def test_a_small_p_value_is_not_zero() -> None:
    assert Table("t", ["p"], [[0.00001], [0.0], [0.04]]).texts() == [["< 0.001"], ["0.000"], ["0.040"]]


def test_what_is_not_known_is_a_dash_and_truth_is_a_word() -> None:
    table = Table("t", ["a", "b", "c"], [[None, math.nan, True], ["x", np.float32(0.5), np.bool_(False)]])

    assert table.texts() == [["–", "–", "yes"], ["x", "0.500", "no"]]


def test_an_interval_is_three_columns_of_the_frame() -> None:
    table = Table("t", ["model", "HR"], [["a", Interval(0.5, 0.4, 0.6)], ["b", None]])

    expected = {"model": ["a", "b"], "HR": [0.5, None], "HR low": [0.4, None], "HR high": [0.6, None]}
    assert table.frame().equals(pl.DataFrame(expected))


def test_a_column_of_text_and_numbers_is_text_in_the_frame() -> None:
    assert Table("t", ["a"], [["x"], [2], [None]]).frame()["a"].to_list() == ["x", "2", None]


def test_a_spreadsheet_runs_no_title_as_a_formula() -> None:
    assert Table("t", ["a", "b"], [["=cmd|' /C calc'!A0", -1]]).csv() == "a,b\n'=cmd|' /C calc'!A0,-1\n"


@pytest.mark.parametrize("rows", [[["one"]], [["one", "two", "three"]], [["one", object()]]])
def test_a_row_that_does_not_fit_is_refused(rows: list[list[object]]) -> None:
    with pytest.raises(ValidationError):
        Table("t", ["a", "b"], rows)
