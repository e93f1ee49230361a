"""Years in words. Relative ones ("older") are resolved against the last answer elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.understand.text import overlaps
from core.intent import Range

_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90, "noughties": 0, "tens": 10,
}  # fmt: skip
_YEAR = r"((?:18|19|20)\d\d)"
_DECADE = r"(?:the )?(early |mid |late )?(?:((?:18|19|20)\d)0s|(\d)0 ?s|(" + "|".join(_DECADES) + r"))"
# The years of a decade that its early, mid and late part hold; whoever says so means no exact year, so they overlap.
_PARTS = {"early": (0, 4), "mid": (3, 7), "late": (5, 9)}
_POINT = rf"(?:the year )?(?:{_YEAR}(?!s)|{_DECADE})"


@dataclass(frozen=True, slots=True)
class Bound:
    """A stretch of text that bounds a quantity: "years" or the name of an item's number."""

    start: int
    end: int
    name: str
    bounds: Range


def _point(groups: tuple[str | None, ...]) -> tuple[int, int]:
    """The first and last year of a year or a decade."""
    year, part, century, short, word = groups
    if year:
        return int(year), int(year)
    start, end = _PARTS.get((part or "").strip(), (0, 9))
    if century:
        return int(century) * 10 + start, int(century) * 10 + end
    decade = int(short) * 10 if short else _DECADES[word or "nineties"]
    first = (1900 if decade >= 20 else 2000) + decade
    return first + start, first + end


_BETWEEN = re.compile(rf"(?:between|from) {_POINT} (?:and|to|-|until|till) {_POINT}|{_POINT} ?(?:-|to) ?{_POINT}")
_SIDES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?:before|pre|prior to|older than|earlier than) ?-? ?{_POINT}"), "before"),
    (re.compile(rf"(?:after|post|newer than|later than|more recent than) ?-? ?{_POINT}"), "after"),
    (re.compile(rf"(?:since|from) {_POINT} (?:on|onwards?|and later|or later|and newer|or newer|and after)"), "since"),
    (re.compile(rf"{_POINT} (?:onwards?|or later|or newer|and later|and newer|and up|or after)"), "since"),
    (re.compile(rf"(?:since|starting from|not before) {_POINT}"), "since"),
    (re.compile(rf"(?:until|till|up to|not after) {_POINT}"), "until"),
    (re.compile(rf"{_POINT} (?:or|and) (?:earlier|older|before)"), "until"),
    (re.compile(rf"(?<![\w@~]){_POINT}(?!\w)"), "in"),
)

# "From 94", "before 85": two digits that nothing else is counted in.
_SHORT_YEAR = re.compile(
    r"(?<![\w@~])(from|in|since|before|after|until|till) ([3-9]\d)(?= ?(?:$|[.,!?;)]|and |or |but ))"
)
_SIDE_OF = {"before": "before", "after": "after", "since": "since", "until": "until", "till": "until"}


def _sided(side: str, first: int, last: int) -> Range:
    match side:
        case "before":
            return Range(last=first - 1)
        case "after":
            return Range(first=last + 1)
        case "since":
            return Range(first=first)
        case "until":
            return Range(last=last)
        case _:
            return Range(first=first, last=last)


def find_years(text: str, catalog_years: tuple[int, int] | None) -> list[Bound]:
    """Every bound on years in folded text, from left to right; `catalog_years` says what "recent" means."""
    # "90s classics", "1965 to 1975, the golden age": a vague word adds nothing to a named time.
    found = _apart(_named_years(text)) or _apart(_vague_years(text, catalog_years))
    return sorted(found, key=lambda bound: bound.start)


def _apart(claims: Iterable[tuple[re.Match[str], Range]]) -> list[Bound]:
    """The bounds that don't overlap; of two that do, the first."""
    found: list[Bound] = []
    for match, bounds in claims:
        if not overlaps(match.span(), ((each.start, each.end) for each in found)):
            found.append(Bound(match.start(), match.end(), "years", bounds))
    return found


def _named_years(text: str) -> Iterator[tuple[re.Match[str], Range]]:
    for match in _BETWEEN.finditer(text):
        groups = match.groups()
        low, high = (groups[:5], groups[5:10]) if any(groups[:5]) else (groups[10:15], groups[15:20])
        yield match, Range(first=_point(low)[0], last=_point(high)[1])
    for pattern, side in _SIDES:
        for match in pattern.finditer(text):
            yield match, _sided(side, *_point(match.groups()[:5]))
    for match in _SHORT_YEAR.finditer(text):
        yield match, _sided(_SIDE_OF.get(match[1], "in"), 1900 + int(match[2]), 1900 + int(match[2]))


def _vague_years(text: str, catalog_years: tuple[int, int] | None) -> Iterator[tuple[re.Match[str], Range]]:
    for match in _OLD.finditer(text):
        yield match, Range(last=1969)
    for match in _RECENT.finditer(text) if catalog_years else ():
        yield match, Range(first=(catalog_years or (0, 0))[1] - 4)


_OLD = re.compile(
    r"(?<![\w@~])(?<!year )(?<!years )(?<!yr )(?<!yrs )(?<!month )(?<!how )(?<!the same )(?<!too )(?:old|"
    r"oldies?|old ?school|classics?|old fashioned|vintage|golden age)(?! friend| one(?!s)| man| woman|"
    r" lady| guy| brother| sister| enough|\w)"
)
_RECENT = re.compile(
    r"(?<![\w@~])(?:recent|recently released|modern|new|newish|brand new|latest|newest|contemporary)(?! to |"
    r" question| topic| request| one(?!s)| here| rule| chat| idea|\w)"
)
