"""Amounts as people write them: "$1,299.00", "12,50 €", "CHF 1'250.–", "9.95 USD". Nothing here raises."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.fields import as_number

_CURRENCIES = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN", "fr.": "CHF"}
_CODES = frozenset("AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY MXN NOK NZD PLN RON SEK SGD TRY USD ZAR".split())
_MARK = r"[$€£¥₹]|US\$|zł|Fr\.|[A-Z]{3}"
# Groups of three with one mark between them and perhaps another before decimals, or digits with one mark at most.
_NUMBER = (
    r"[+-]?(?:[1-9]\d{0,2}(?P<group>[.,'’\s])\d{3}(?:(?P=group)\d{3})*(?:(?!(?P=group))[.,](?P<rest>\d+))?"
    r"|\d+(?:[.,]\d+)?)"
)
_AMOUNT = re.compile(
    rf"(?:ab |from )?(?P<before>{_MARK})?\s*(?P<number>{_NUMBER})(?:[.,](?:-+|–|—))?\s*(?P<after>{_MARK})?\*?",
    re.IGNORECASE,
)


class Amount(NamedTuple):
    """A number and its currency as an ISO 4217 code, empty where none is written."""

    number: float
    currency: str = ""


def as_amount(value: Any, *, decimal_comma: bool = False) -> Amount | None:
    """A number with a currency or without. `decimal_comma` tells what "1,299" and "1.299" are, if nothing else does."""
    number = as_number(value)
    if number is not None and not (isinstance(value, str) and decimal_comma):
        return Amount(number)
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    currency = _currency(found["before"] or found["after"] or "")
    number = as_number(_with_point(found, decimal_comma))
    return None if currency is None or number is None else Amount(number, currency)


def has_decimal_commas(values: Iterable[Any]) -> bool:
    """Whether a column writes 12,50 for twelve and a half: more of its entries say so than the contrary."""
    amounts = (value for value in values if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()))
    votes = Counter(map(_decimal_mark, amounts))
    return votes[","] > votes["."]


def _decimal_mark(text: str) -> str:
    """The decimal mark that an amount can only have been written with, or nothing."""
    marks: list[str] = re.findall(r"[.,](?=\d)", text)
    digits = len(re.split(r"[.,]", re.sub(r"\D+$", "", text))[-1])
    if len(set(marks)) == 2:
        return marks[-1]
    return marks[0] if len(marks) == 1 and digits != 3 else ""


def _with_point(found: re.Match[str], decimal_comma: bool) -> str:
    """The number as programs write it."""
    number, group = found["number"], found["group"]
    decides_nothing = group in (".", ",") and number.count(group) == 1 and not found["rest"]
    if group and not (decides_nothing and (group == ",") == decimal_comma):
        number = number.replace(group, "")
    return number.replace(",", ".")


def _currency(mark: str) -> str | None:
    """An ISO code; None for three letters that are no currency."""
    if not mark or mark.upper() in _CODES:
        return mark.upper()
    return _CURRENCIES.get(mark.lower())
