"""Bounds on the numbers that a catalogue's items have, such as a price or pages; lengths in time are read elsewhere."""

import re
from collections.abc import Collection, Iterator

from agent.understand.ranges import Bound
from agent.understand.text import fold, phrases
from core.intent import Range

_NUMBER = r"(\d{1,7}(?:[.,]\d{1,2})?)(?!\d)"
_MONEY = phrases("money")
# What a price may be called; money is a bound on the first of these that a catalogue has.
_PRICES = ("price", "cost", "prices", "preis")
_UNDER = phrases("at_most")
_OVER = phrases("at_least")
# Behind these a bare number is no bound on what an item has: "under 18 years", "over 20 films".
_NO_UNIT = r"(?= ?(?:$|[.,!?;)]|(?:and|or|but|if|for|please|pls|would|is) ))"


class NumberFinder:
    """Reads bounds by the names of a catalogue's numbers, by money, and bare where only one number can be meant."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` are those of the numbers that items have."""
        self._price = next((name for name in names if fold(name) in _PRICES), None)
        self._units = [(name, self._unit(name)) for name in names if name != "minutes"]
        others = [name for name, _ in self._units]
        self._bare = self._price or (others[0] if len(others) == 1 and "minutes" not in names else None)

    def find(self, text: str) -> Iterator[Bound]:
        """Every bound in folded text; each stretch of it is read once, the named ones first."""
        units = [*self._units, *([(self._bare, "")] if self._bare else [])]
        claimed: list[tuple[int, int]] = []
        for name, unit in units:
            for match, bounds in _bounds(text, unit):
                if not any(start < match.end() and match.start() < end for start, end in claimed):
                    claimed.append(match.span())
                    yield Bound(match.start(), match.end(), name, bounds)

    def _unit(self, name: str) -> str:
        """What may stand beside a number and says that this one is meant."""
        word = re.escape(" ".join(re.findall(r"\w+", fold(name))))
        return f"(?:{word}|{_MONEY})" if name == self._price else word


def _bounds(text: str, unit: str) -> Iterator[tuple[re.Match[str], Range]]:
    """Ranges, then upper and lower bounds: "20 to 40 euros", "under $50", "price under 50", "at least 300 pages"."""
    before, after = (rf"(?:{unit} ?(?:is )?)?", rf"(?: ?{unit}(?!\w))?") if unit else ("", _NO_UNIT)
    # The hyphen of "20-40" parts words as a space does; beside a unit both numbers still belong together.
    joint = "(?: ?(?:and|to|-))? " if unit else " ?(?:and|to|-) ?"
    between = rf"(?:between |from )?{before}{_NUMBER}{after}{joint}{before}{_NUMBER}{after}"
    patterns = (
        (rf"(?<![\w@~.]){between}", "between"),
        (rf"(?<![\w@~.]){before}{_UNDER} {before}{_NUMBER}{after}", "under"),
        (rf"(?<![\w@~.]){before}{_OVER} {before}{_NUMBER}{after}", "over"),
    )
    for pattern, side in patterns:
        for match in re.finditer(pattern, text):
            numbers = sorted(float(number.replace(",", ".")) for number in match.groups() if number)
            named = bool(unit) and bool(re.search(rf"(?<!\w){unit}(?!\w)", match.group()))
            cued = side != "between" or match.group().startswith(("between", "from"))
            if not (named or (not unit and cued)) or _is_year(numbers):
                continue
            yield match, _range(side, numbers)


def _is_year(numbers: list[float]) -> bool:
    return all(1800 <= number < 2100 for number in numbers)


def _range(side: str, numbers: list[float]) -> Range:
    if side == "between":
        return Range(first=numbers[0], last=numbers[-1])
    return Range(last=numbers[0]) if side == "under" else Range(first=numbers[0])
