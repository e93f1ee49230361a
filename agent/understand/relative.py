"""Puts numbers to wishes such as "older" and "cheaper": they are measured against items that were shown or named."""

import math
import statistics
from collections.abc import Iterable, Sequence

from agent.understand.scales import Move
from core.intent import Preferences, Range
from core.item import Item
from index.facts import PRICES
from index.order import YEAR

NO_PREFERENCES = Preferences()


def with_moves(
    wishes: Preferences, moves: Iterable[Move], items: Sequence[Item], before: Preferences = NO_PREFERENCES
) -> Preferences:
    """The wishes with a bound for each move, where the items have the number; a bound that was named stays.

    Less is below the median of the items, the lower middle one of an even number, and more above the upper one.
    "Even older" never means newer than the years wished for `before`, though some items shown may not have met that;
    "even cheaper" is measured by the items that met the price wished for before, where any did.
    """
    for move in moves:
        values = sorted(_values(move.by, items))
        if not values:
            continue
        if move.by == YEAR:
            years = wishes.years or (_beyond(values, move.direction, 1, before.years),)
            wishes = wishes.model_copy(update={"years": years})
        elif move.by not in wishes.numbers:
            step = 0.01 if move.by.casefold() in PRICES or any(not value.is_integer() for value in values) else 1
            bound = before.numbers.get(move.by)
            met = [value for value in values if bound and value in bound]
            bounds = _beyond(met or values, move.direction, step)
            wishes = wishes.model_copy(update={"numbers": {**wishes.numbers, move.by: bounds}})
    return wishes


def _values(by: str, items: Sequence[Item]) -> list[float]:
    if by == YEAR:
        return [float(item.year) for item in items if item.year]
    return [float(item.numbers[by]) for item in items if by in item.numbers]


def _beyond(values: Sequence[float], direction: int, step: float, before: Sequence[Range] = ()) -> Range:
    if direction < 0:
        last = min((each.last for each in before if each.last is not None), default=math.inf)
        return Range(last=round(min(statistics.median_low(values), last) - step, 2))
    first = max((each.first for each in before if each.first is not None), default=-math.inf)
    return Range(first=round(max(statistics.median_high(values), first) + step, 2))
