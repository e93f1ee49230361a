"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.prices import Amount, as_amount, has_decimal_commas


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("$1,299.00", Amount(1299.0, "USD")),
        ("12,50 €", Amount(12.5, "EUR")),
        ("1.049,00 €", Amount(1049.0, "EUR")),
        ("9.95 USD", Amount(9.95, "USD")),
        ("CHF 1'250.–", Amount(1250.0, "CHF")),
        ("€ 12,-", Amount(12.0, "EUR")),
        ("1 299,00 €", Amount(1299.0, "EUR")),
        ("5,95 €*", Amount(5.95, "EUR")),
        ("1,299", Amount(1299.0)),
        ("1,234,567", Amount(1234567.0)),
        (" 12.5 ", Amount(12.5)),
        (7, Amount(7.0)),
    ],
)
def test_amounts(written: object, amount: Amount) -> None:
    assert as_amount(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        "25 kg",
        "9,5 %",
        "16,67 €/l",
        "007",
        "ABC 12",
        "",
        "on request",
        None,
        True,
        "21.12.2024",
        "1.2.3",
        "30 12 34",
        "2-4",
    ],
)
def test_what_is_no_amount(written: object) -> None:
    assert as_amount(written) is None


def test_the_column_tells_what_one_mark_means() -> None:
    assert as_amount("1.299 €", decimal_comma=True) == Amount(1299.0, "EUR")
    assert as_amount("0,375", decimal_comma=True) == Amount(0.375)
    assert as_amount("1,299", decimal_comma=True) == Amount(1.299)
    assert as_amount("12.50", decimal_comma=True) == Amount(12.5)
    assert has_decimal_commas(["12,50 €", "1.299 €", "8 €", None])
    assert not has_decimal_commas(["$1,299.00", "12.50", "1,299"])
    assert not has_decimal_commas(["Rioja, 2,5 stars", "a, b"])


@given(st.decimals(min_value=0, max_value=10**7, places=2))
def test_every_way_to_write_a_price_is_read_as_this_price(value: object) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for written in (f"${english}", f"{german} €", f"{english.replace(',', ' ')} EUR"):
        amount = as_amount(written)
        assert amount is not None
        assert amount.number == float(str(value))


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    as_amount(text, decimal_comma=True)
    has_decimal_commas([text])
