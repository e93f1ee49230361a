"""Ids keep their spelling: a number takes the place of a text only where it is written the same."""

import pytest

from evaluation.json_ids import as_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("50", 50), ("123456789012345", 123456789012345)])
def test_a_whole_number_is_one(text: str, number: int) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize("text", ["007", "", "-1", "1.0", "٣", "²", "1234567890123456", "a1"])
def test_what_would_be_written_otherwise_stays_text(text: str) -> None:
    assert as_number(text) == text
