"""How long an item is, in words: durations ("under two hours"), and "short" and "long" by what the catalogue counts."""

import re
from collections.abc import Iterable, Iterator

import numpy as np

from agent.understand.ranges import Bound
from agent.understand.text import overlaps, phrases
from core.intent import Range
from core.item import Item
from index.facts import LENGTHS

_MINUTES = "minutes"
# What a minute is in other columns that hold a time.
_IN_A_MINUTE = {_MINUTES: 1.0, "hours": 1 / 60, "seconds": 60.0}
# What people call a short and a long film, in minutes.
SHORT_FILM, LONG_FILM = 95, 140
# Elsewhere: what a fourth of the items are as short as, and a fourth as long as.
_SHORT_SHARE, _LONG_SHARE = 0.25, 0.75
AROUND = 0.2  # "about an hour" is an hour, a fifth of it more or less

_HOURS = (
    r"(?:(\d+(?:[.,]\d)?|one|two|three|an?|one and a half|two and a half|an hour and a half|"
    r"half an) ?(?:h|hrs?|hours?)"
    r"(?: and a half| ?(\d\d?) ?(?:m|min|mins|minutes)?)?)"
)
_DURATION = rf"(?:{_HOURS}|(\d{{2,3}}) ?(?:minutes?|mins?|m)(?!\w))"
_UNDER = (
    r"(?:under|less than|shorter than|below|at most|max(?:imum)?(?: of)?|no longer than|not longer than|"
    r"no more than|"
    r"not more than|up to|within|<|not above|(?:not|shouldnt|should not|nothing|dont want|isnt|is not|"
    r"cant|wont|mustnt|never|no)(?: \w+){0,3}? (?:longer than|over|more than|above|exceed))"
)
_OVER = r"(?:over|more than|longer than|above|at least|min(?:imum)?(?: of)?|>|no shorter than|no less than)"
_DURATIONS = (
    (re.compile(rf"{_UNDER} (?:about |around )?{_DURATION}"), "under"),
    (re.compile(rf"{_DURATION} (?:max|tops|at most|or less|or shorter|or under|maximum)(?!\w)"), "under"),
    (re.compile(rf"{_OVER} (?:about |around )?{_DURATION}"), "over"),
    (re.compile(rf"{_DURATION} (?:min|or more|or longer|at least|minimum|plus)(?!\w)"), "over"),
    (re.compile(rf"(?<!\w){phrases('around')} {_DURATION}(?!\w)"), "around"),
    (re.compile(rf"(?<!\w){_DURATION} long(?!\w)"), "around"),
)
_SHORT = re.compile(r"(?<![\w@~])(?:short|quick)(?!\w| (?:list|question|one question))")
_LONG = re.compile(
    r"(?<![\w@~])(?<!how )(?<!pages )(?<!tracks )(?:(?:really |very |quite )?long|lengthy)"
    r"(?!\w| (?:time|day|week|ago|list|is|weekend|as|does))"
)
_ABOUT = re.compile(rf"(?<![\w@~]){phrases('things')} about (?:an? |the )?")
_AMOUNT_ENDS = re.compile(r" ?(?:$|[.,!?;)]|(?:long|each|per|a|or so|and|or|but|if|for|please|pls|max)(?!\w))")


class LengthFinder:
    """Reads lengths by the number that a catalogue has for them: minutes, pages, tracks; minutes where it has none."""

    def __init__(self, items: Iterable[Item]) -> None:
        values: dict[str, list[float]] = {}
        for item in items:
            for name in LENGTHS:
                if name in item.numbers:
                    values.setdefault(name, []).append(item.numbers[name])
        self._name = next((name for name in LENGTHS if name in values), _MINUTES)
        self._short, self._long = _ends(self._name, values.get(self._name, []))
        self._time = next((name for name in _IN_A_MINUTE if name in values), _MINUTES)

    def find(self, text: str) -> Iterator[Bound]:
        """Every bound on length in folded text; where a duration is named, "long" says nothing more."""
        named = list(self._durations(text))
        yield from named
        for pattern, bounds in ((_SHORT, Range(last=self._short)), (_LONG, Range(first=self._long))):
            for match in pattern.finditer(text) if not named else ():
                yield Bound(match.start(), match.end(), self._name, bounds)

    def _durations(self, text: str) -> Iterator[Bound]:
        claimed: list[tuple[int, int]] = []
        for pattern, side in _DURATIONS:
            for match in pattern.finditer(text):
                if overlaps(match.span(), claimed) or is_subject(text, *match.span()):
                    continue
                claimed.append(match.span())
                length = _minutes(match.groups()[:3], match.group()) * _IN_A_MINUTE[self._time]
                yield Bound(match.start(), match.end(), self._time, sided(side, length))


def is_subject(text: str, start: int, end: int) -> bool:
    """Whether the amount at start..end is what an item is about: "a film about three hours in a bank".

    "A film about two hours long" and "a book about 300 pages" say how long it is.
    """
    about = any(start <= match.end() <= end for match in _ABOUT.finditer(text))
    return about and not _AMOUNT_ENDS.match(text, end)


def names_length(text: str) -> bool:
    """Whether folded text says how long something should be."""
    return any(pattern.search(text) for pattern in (_SHORT, _LONG, *(pattern for pattern, _ in _DURATIONS)))


def sided(side: str, value: float) -> Range:
    """The numbers "under", "over" or "around" a value, or within a "budget" of it."""
    if side == "around":
        return Range(first=round(value * (1 - AROUND), 2), last=round(value * (1 + AROUND), 2))
    return Range(first=value) if side == "over" else Range(last=value)


def _ends(name: str, values: list[float]) -> tuple[float, float]:
    """Up to where an item is short, and from where it is long.

    What holds of films holds of a catalogue whose typical item is as long as one; elsewhere its own lengths tell.
    """
    if not values or (name == _MINUTES and SHORT_FILM <= np.median(values) <= LONG_FILM):
        return SHORT_FILM, LONG_FILM
    short = np.quantile(values, _SHORT_SHARE, method="higher")
    return float(short), float(np.quantile(values, _LONG_SHARE, method="lower"))


def _minutes(groups: tuple[str | None, ...], text: str) -> float:
    hours, extra, minutes = groups
    if minutes:
        return float(minutes)
    words = {"one": 1.0, "two": 2.0, "three": 3.0, "a": 1.0, "an": 1.0, "half an": 0.5}
    words |= {"one and a half": 1.5, "two and a half": 2.5}
    count = words[hours] if hours in words else float((hours or "1").replace(",", "."))
    if "and a half" in text and hours not in {"one and a half", "two and a half"}:
        count += 0.5
    return count * 60 + (float(extra) if extra else 0)
