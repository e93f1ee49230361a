"""Years, lengths and counts in words. Relative ones ("older") are resolved against the last answer elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.intent import Range

_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90, "noughties": 0, "tens": 10,
}  # fmt: skip
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "a dozen": 12, "a pair of": 2,
    "a single": 1, "half a dozen": 6, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_NUMBER = "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r"|\d{1,2}"
_YEAR = r"((?:18|19|20)\d\d)"
_DECADE = r"(?:the )?(early |mid |late )?(?:((?:18|19|20)\d)0s|(\d)0 ?s|(" + "|".join(_DECADES) + r"))"
# The years of a decade that its early, mid and late part hold; whoever says so means no exact year, so they overlap.
_PARTS = {"early": (0, 4), "mid": (3, 7), "late": (5, 9)}
_POINT = rf"(?:the year )?(?:{_YEAR}(?!s)|{_DECADE})"
# Things of which a number may be asked; "@" and "~" are never among them.
_THING = (
    r"(?:movies?|films?|flicks?|books?|titles?|recommendations?|recs?|suggestions?|ideas?|options?|picks?|items?|novels?|"
    r"comed(?:y|ies)|thrillers?|westerns?|dramas?|musicals?|cartoons?|documentar(?:y|ies)|romances?|ones?|"
    r"coats?|songs?|albums?|games?|classics?|horrors?|things?|choices?|stories)"
)


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
        if not any(each.start < match.end() and match.start() < each.end for each in found):
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
_UNDER_MINUTES = re.compile(rf"{_UNDER} (?:about |around )?{_DURATION}")
_OVER_MINUTES = re.compile(rf"{_OVER} (?:about |around )?{_DURATION}")
_MAX_AFTER = re.compile(rf"{_DURATION} (?:max|tops|at most|or less|or shorter|or under|maximum)(?!\w)")
_MIN_AFTER = re.compile(rf"{_DURATION} (?:min|or more|or longer|at least|minimum|plus)(?!\w)")
_SHORT = re.compile(r"(?<![\w@~])(?:short|quick)(?!\w| (?:list|question|one question))")
_LONG = re.compile(
    r"(?<![\w@~])(?<!how )(?:(?:really |very |quite )?long|lengthy)(?!\w| (?:time|day|week|ago|list|is|weekend|"
    r"as|does))"
)


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


def find_minutes(text: str) -> Iterator[Bound]:
    """Every bound on length in folded text."""
    claimed: list[tuple[int, int]] = []
    for pattern, is_upper in ((_UNDER_MINUTES, True), (_MAX_AFTER, True), (_OVER_MINUTES, False), (_MIN_AFTER, False)):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in claimed):
                continue
            claimed.append(match.span())
            minutes = _minutes(match.groups()[:3], match.group())
            bounds = Range(last=minutes) if is_upper else Range(first=minutes)
            yield Bound(match.start(), match.end(), "minutes", bounds)
    if claimed:
        return
    for pattern, bounds in ((_SHORT, Range(last=95)), (_LONG, Range(first=140))):
        for match in pattern.finditer(text):
            yield Bound(match.start(), match.end(), "minutes", bounds)


_JUST_ONE = re.compile(
    r"(?<![\w@~])(?:just|only|exactly) one(?!\w)|(?<![\w@~])one (?:movie|film|book|title|recommendation|"
    r"suggestion|pick)(?!\w)|"
    r"(?<!\w)a single (?:movie|film|book|one|title|recommendation|suggestion)"
)
_COUNTED = re.compile(
    rf"(?<![\w@~.#])(?<!the )(?<!last )(?<!first )(?<!those )(?<!these )({_NUMBER}) (?:(?!of|or|and|year|"
    rf"years|yr|hours?|minutes?|stars?|day|days|nights?|people|kids)[a-z]+ ){{0,3}}?{_THING}(?!\w)"
)
_GIVEN = re.compile(
    r"(?:give me|gimme|show me|recommend(?: me)?|suggest(?: me)?|name|list|(?<!my )(?<!our )top|want|need|just|only|"
    rf"send me|pick(?: me)?|like|find me) (?:the |a |another |about |around )?({_NUMBER})(?: more|"
    r" others?| instead)?(?= ?(?:please|pls|$|[.,!?]|of|to|that|with|from|for|like|good|great|more|"
    r"others?|instead|similar))"
)
_BARE = re.compile(
    rf"(?:^|[.,!?] )(?:ok|okay|say|like|about|maybe|around|just|only|make it) ({_NUMBER})(?: or so)?(?= ?(?:$|[.,!?]))"
)
_MORE = re.compile(rf"(?<![\w@~])(?:another )?({_NUMBER}) (?:more|others?|different|new ones|please|pls)(?!\w)")


def find_count(text: str) -> int | None:
    """How many items folded text asks for."""
    if _JUST_ONE.search(text):
        return 1
    for pattern in (_COUNTED, _GIVEN, _MORE, _BARE):
        for match in pattern.finditer(text):
            word = match.group(1)
            number = _NUMBERS.get(word) or (int(word) if word.isdigit() else 0)
            if number == 1 and pattern is not _MORE:
                continue
            if 0 < number <= 50:
                return number
    return None
