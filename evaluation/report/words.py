"""Numbers and names in sentences, written as the tables write them."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from evaluation.report.table import HasInterval


class HasDifference(Protocol):
    """A paired test, whoever computed it."""

    @property
    def difference(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def number(value: float, decimals: int = 3) -> str:
    """With a true minus, and none before a zero."""
    text = f"{abs(value):.{decimals}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def signed(value: float) -> str:
    """A difference: +0.012, −0.003, 0.000."""
    text = number(value)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def percent(share: float, decimals: int = 0) -> str:
    """A share, such as 63 %."""
    return f"{number(100 * share, decimals)} %"


def change(test: HasDifference) -> str:
    """A difference with its interval: +0.011 [+0.008, +0.014]."""
    return f"{signed(test.difference)} [{signed(test.low)}, {signed(test.high)}]"


def bracketed(one: HasInterval) -> str:
    """An estimate with its interval: 0.116 [0.101, 0.132]."""
    return f"{number(one.value)} [{number(one.low)}, {number(one.high)}]"


def percents(one: HasInterval) -> str:
    """An estimated share with its interval: 63 % [53, 72]."""
    return f"{percent(one.value)} [{number(100 * one.low, 0)}, {number(100 * one.high, 0)}]"


def listed(names: Iterable[str]) -> str:
    """Names with an "and" before the last; "none" where there are none."""
    *rest, last = tuple(names) or ("none",)
    return f"{', '.join(rest)} and {last}" if rest else last


def shortened(text: str, most: int) -> str:
    """At most so many letters of a text, and a sign where there were more."""
    return text if len(text) <= most else f"{text[:most]} …"


def spanned(values: npt.NDArray[np.floating]) -> str:
    """The lowest and the highest of several values: 0.101 to 0.119."""
    return f"{values.min():.3f} to {values.max():.3f}"
