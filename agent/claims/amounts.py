"""Years, lengths of time, shares and numbers, in digits or in words, and how they are meant. It knows no catalogue."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from agent.claims.text import SPELLED, number_of

_DECADES = {
    name: 10 * number
    for number, name in enumerate(
        "tens twenties thirties forties fifties sixties seventies eighties nineties".split(), 1
    )
}
_ORDINALS = {
    name: number
    for number, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {"twenty first": 21}
# Parts of a decade or a century, in tenths, first and last; "the start of the sixties", "the late nineteenth century".
_PARTS = (
    dict.fromkeys(("early", "start", "beginning", "dawn"), (0, 4))
    | dict.fromkeys(("mid", "middle"), (3, 7))
    | dict.fromkeys(("late", "later", "end", "close"), (5, 9))
    | {"half": (0, 9)}
)
_HALVES = {"first": (0, 4), "second": (5, 9)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_COUNTED = frozenset("people viewers readers players users customers ratings minutes pages votes reviews".split())
_FRACTIONS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
    "tenth": 10, "tenths": 10,
}  # fmt: skip
_HOURS = frozenset(["hour", "hours", "h", "hr", "hrs"])
_MINUTES = frozenset(["minute", "minutes", "min", "mins", "m"])
_OVER = frozenset("over above beyond exceeding".split())
_UNDER = frozenset("under below within".split())
_ABOUT = frozenset("about around roughly approximately circa some barely".split())
_ALMOST = frozenset("almost nearly".split())
_TOLERANCE = 0.1


class Bound(Enum):
    """How a number is meant."""

    EXACT = auto()
    OVER = auto()
    UNDER = auto()
    ABOUT = auto()
    ALMOST = auto()
    JUST_OVER = auto()


_BOUNDS_OF_TWO = {
    ("more", "than"): Bound.OVER, ("longer", "than"): Bound.OVER, ("older", "than"): Bound.OVER,
    ("less", "than"): Bound.UNDER, ("fewer", "than"): Bound.UNDER, ("shorter", "than"): Bound.UNDER,
    ("at", "most"): Bound.UNDER, ("at", "least"): Bound.OVER, ("well", "over"): Bound.OVER,
    ("just", "over"): Bound.JUST_OVER, ("bit", "over"): Bound.JUST_OVER, ("little", "over"): Bound.JUST_OVER,
    ("slightly", "over"): Bound.JUST_OVER, ("bit", "more"): Bound.JUST_OVER,
    ("just", "under"): Bound.ALMOST, ("bit", "under"): Bound.ALMOST, ("slightly", "under"): Bound.ALMOST,
    ("barely", "over"): Bound.JUST_OVER, ("close", "to"): Bound.ABOUT, ("not", "quite"): Bound.ALMOST,
    ("not", "even"): Bound.UNDER,
}  # fmt: skip
_BOUNDS_OF_YEARS = {
    ("older", "than"): Bound.UNDER, ("earlier", "than"): Bound.UNDER, ("prior", "to"): Bound.UNDER,
    ("newer", "than"): Bound.OVER, ("younger", "than"): Bound.OVER, ("later", "than"): Bound.OVER,
}  # fmt: skip


def years_at(words: Sequence[str], place: int) -> tuple[int, int, int] | None:
    """(first, last, words taken) of a year, a decade, a century, or a part of one, that starts here."""
    part, begin = _part(words, place)
    word = words[begin] if begin < len(words) else ""
    found = _decade(word) or (None if part else _year(words, begin)) or _century(words, begin)
    if found is None:
        return None
    first, last, length = found
    if part and last - first >= 9:
        tenth = (last - first + 1) // 10
        first, last = first + part[0] * tenth, first + (part[1] + 1) * tenth - 1
    return first, last, begin - place + length


def _part(words: Sequence[str], place: int) -> tuple[tuple[int, int] | None, int]:
    """The part of a decade that words name, and where the decade must stand: "late", "the second half of the"."""
    part = _PARTS.get(words[place])
    begin = place + 1
    if words[place] in _HALVES and list(words[begin : begin + 1]) == ["half"]:
        part, begin = _HALVES[words[place]], begin + 1
    elif words[place] == "half":
        part = None
    if part is None:
        return None, place
    if list(words[begin : begin + 1]) == ["of"]:
        begin += 2 if list(words[begin + 1 : begin + 2]) == ["the"] else 1
    return part, begin


def _decade(word: str) -> tuple[int, int, int] | None:
    if match := re.fullmatch(r"(\d{2}|\d{4})s", word):
        year = int(match[1])
        start = year if year > 99 else 1900 + year if year > 20 else 2000 + year
        return start, start + 9, 1
    if word in _DECADES:
        return 1900 + _DECADES[word], 1909 + _DECADES[word], 1
    return None


def _year(words: Sequence[str], place: int) -> tuple[int, int, int] | None:
    word, following = words[place], words[place + 1] if place + 1 < len(words) else ""
    if re.fullmatch(r"1[4-9]\d\d|20\d\d", word) and following not in _COUNTED:
        return int(word), int(word), 1
    if word in ("nineteen", "eighteen", "twenty") and SPELLED.get(following, 0) >= 10:
        ones = SPELLED.get(words[place + 2], 0) if place + 2 < len(words) else 0
        ones = ones if 0 < ones < 10 and SPELLED[following] >= 20 else 0
        year = 100 * SPELLED[word] + SPELLED[following] + ones
        return year, year, 3 if ones else 2
    return None


def _century(words: Sequence[str], place: int) -> tuple[int, int, int] | None:
    for length in (1, 2):
        if list(words[place + length : place + length + 1]) == ["century"]:
            name = " ".join(words[place : place + length])
            digits = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", name)
            number = int(digits[1]) if digits else _ORDINALS.get(name) or {"last": 20, "this": 21}.get(name)
            if number:
                return 100 * (number - 1), 100 * number - 1, length + 1
    return None


def duration_at(words: Sequence[str], place: int) -> tuple[float, int, bool] | None:
    """(minutes, words taken, whether to the minute) of a length in hours: "1h 43", "an hour and a half"."""
    if list(words[place : place + 2]) == ["half", "an"] and words[place + 2 : place + 3] == ["hour"]:
        return 30.0, 3, False
    if words[place : place + 4] == ["three", "quarters", "of", "an"] and words[place + 4 : place + 5] == ["hour"]:
        return 45.0, 5, False
    hours = value_at(words, place) or ((1.0, 1) if words[place] in ("an", "one") else None)
    if hours is None or not (place + hours[1] < len(words) and words[place + hours[1]] in _HOURS):
        return None
    return _with_minutes(words, 60 * hours[0], place, hours[1] + 1)


def _with_minutes(words: Sequence[str], minutes: float, place: int, length: int) -> tuple[float, int, bool]:
    """Hours with what stands behind them: "and a half", "and 17 minutes", or bare minutes after an "h"."""
    rest = place + length
    short = words[rest - 1] in ("h", "hr", "hrs")
    rest += list(words[rest : rest + 1]) == ["and"]
    if list(words[rest : rest + 2]) in (["a", "half"], ["a", "quarter"]):
        return minutes + (30 if words[rest + 1] == "half" else 15), rest + 2 - place, False
    more = value_at(words, rest) if rest < len(words) else None
    if more and rest + more[1] < len(words) and words[rest + more[1]] in _MINUTES:
        return minutes + more[0], rest + more[1] + 1 - place, True
    if more and short:
        return minutes + more[0], rest + more[1] - place, True
    return minutes, length, False


def share_at(words: Sequence[str], place: int) -> tuple[float, int] | None:
    """(share, words taken): "two thirds", "a quarter of", "nine in ten", "67 %"; not "half of" a number in digits."""
    value = value_at(words, place)
    if value is None:
        return None
    following = words[place + value[1]] if place + value[1] < len(words) else ""
    if following in ("%", "percent"):
        return value[0] / 100, value[1] + 1
    if following in _FRACTIONS and 0 < value[0] < _FRACTIONS[following]:
        return value[0] / _FRACTIONS[following], value[1] + 1
    whole = value_at(words, place + value[1] + 1) if following == "in" and place + value[1] + 1 < len(words) else None
    if whole and 0 < value[0] < whole[0] <= 20:
        return value[0] / whole[0], value[1] + 1 + whole[1]
    return None


def value_at(words: Sequence[str], place: int) -> tuple[float, int] | None:
    """(value, words taken) of a number in digits or words, "and a half" included; a lone "one" is a pronoun."""
    value = number_of(words[place])
    following = words[place + 1] if place + 1 < len(words) else ""
    if value is None or (words[place] == "one" and following not in _SCALES and following not in ("in", "third")):
        return None
    length = 1
    if words[place] in SPELLED and value >= 20 and 0 < SPELLED.get(following, 0) < 10:
        value, length = value + SPELLED[following], 2
    while place + length < len(words) and words[place + length] in _SCALES:
        value, length = value * _SCALES[words[place + length]], length + 1
    if list(words[place + length : place + length + 3]) == ["and", "a", "half"]:
        value, length = value + 0.5, length + 3
    return value, length


def is_near(value: float, claimed: float, bound: Bound, slack: float = 1e-9) -> bool:
    """Whether a value is what a number claims, as it is meant; `slack` is how far off an exact one may be."""
    if bound is Bound.OVER:
        return value >= claimed
    if bound is Bound.UNDER:
        return value <= claimed
    if bound is Bound.ABOUT:
        return abs(value - claimed) <= _TOLERANCE * claimed
    if bound is Bound.ALMOST:
        return (1 - _TOLERANCE) * claimed <= value <= claimed
    if bound is Bound.JUST_OVER:
        return claimed <= value <= (1 + _TOLERANCE) * claimed
    return abs(value - claimed) <= slack


def bound_of(before: list[str], *, years: bool) -> tuple[Bound, int]:
    """How a number is meant, and how many of the words before it say so."""
    two, one = tuple(before[-2:]), "".join(before[-1:])
    if years:
        before = before[:-1] if before[-1:] == ["the"] else before
        two, one = tuple(before[-2:]), "".join(before[-1:])
        if list(before[-3:]) == ["more", "recent", "than"]:
            return Bound.OVER, 3
        if two in _BOUNDS_OF_YEARS:
            return _BOUNDS_OF_YEARS[two], 2
        return {"before": (Bound.UNDER, 1), "after": (Bound.OVER, 1)}.get(one, (Bound.EXACT, 0))
    if two in _BOUNDS_OF_TWO:
        return _BOUNDS_OF_TWO[two], 2
    for names, bound in ((_OVER, Bound.OVER), (_UNDER, Bound.UNDER), (_ABOUT, Bound.ABOUT), (_ALMOST, Bound.ALMOST)):
        if one in names:
            return bound, 1
    return Bound.EXACT, 0
