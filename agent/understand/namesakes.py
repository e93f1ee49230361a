"""Tells items of one title apart, by a year, by "the remake", or by an article. It doesn't look for titles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.understand.text import Token
from agent.understand.titles import Form, Naming
from core.item import Item

_YEAR = re.compile(r"^(18|19|20)\d\d$")
_LATEST = frozenset({"new", "newer", "remake", "latest"})
_EARLIEST = frozenset({"old", "older", "original", "first"})
# Words that may stand between a year and the title behind it: "the 1954 version of Sabrina".
_BETWEEN = frozenset({"version", "remake", "of", "the", "film", "movie"})
_AFTER = 8  # tokens behind a title that may tell which one is meant

_ARTICLE = re.compile(r"(?<!\w)(?:the|The) (?:(?:old|original|new|silent|classic|remade|recent) )?$")
_YEAR_BEFORE = r"(?<!\w)(?:the )?{year}(?:'s)? (?:version of |remake of )?(?:the )?$"
_VERSION_BEFORE = re.compile(r"(?<!\w)(?:the )?(?:old |new )?(?:remake|original|version) of (?:the )?$", re.IGNORECASE)
_YEAR_BEHIND = (
    r"(?: remake| version)?,? ?\(?(?:the )?(?:[^\W\d_]+ )?(?:(?:one|version|film|movie|remake),? )?(?:from |of |in )?"
    r"'?(?:{year}|{short}(?!\w))(?: one| version| film| movie| remake)?\)?(?:,? not the (?:\w+ )?(?:one|version))?"
)


@dataclass(frozen=True, slots=True)
class Clues:
    """What the words around a title say of which item is meant."""

    years: tuple[int, ...] = ()  # the most telling first
    has_article: bool = False
    wants_latest: bool = False
    wants_earliest: bool = False


def find_clues(tokens: Sequence[Token], first: int, last: int) -> Clues:
    """The clues around the title at tokens first..last, itself included for its article."""
    after = []
    for token in tokens[last + 1 : last + 1 + _AFTER]:
        if token.text in ".!;\n":
            break
        after.append(token.word)
    words = {token.word for token in tokens[max(0, first - 2) : last + 1]} | set(after)
    behind = [year for word in after if (year := _year(word))]
    return Clues(
        years=(*_year_before(tokens, first), *behind),
        has_article=any(token.word == "the" for token in tokens[max(0, first - 1) : first + 1]),
        wants_latest=not words.isdisjoint(_LATEST),
        wants_earliest=not words.isdisjoint(_EARLIEST),
    )


def _year_before(tokens: Sequence[Token], first: int) -> list[int]:
    place = first - 1
    while place >= 0 and tokens[place].word in _BETWEEN:
        place -= 1
    year = _year(tokens[place].word) if place >= 0 else None
    return [year] if year else []


def _year(word: str) -> int | None:
    """A year in four digits, or the two that people write for one of the last century."""
    if _YEAR.match(word):
        return int(word)
    return 1900 + int(word) if len(word) == 2 and word.isdigit() and int(word) > 19 else None


def pick(items: Sequence[Item], namings: Sequence[Naming], clues: Clues) -> Naming:
    """The one of several namings, the surest first, that the clues mean; without a clue the surest."""
    for year in clues.years:
        if dated := [naming for naming in namings if items[naming.row].year == year]:
            return dated[0]
    best = [naming for naming in namings if naming.form == namings[0].form]
    if len(best) > 1 and clues.wants_latest:
        return max(best, key=lambda naming: items[naming.row].year or 0)
    if len(best) > 1 and (clues.wants_earliest or best[0].form >= Form.NUMBERED):
        return min(best, key=lambda naming: items[naming.row].year or 0)
    whole = [naming for naming in namings if naming.form <= Form.ALIAS] or best
    same_article = [naming for naming in whole if _takes_article(items[naming.row], naming) == clues.has_article]
    return (same_article or best)[0]


def _takes_article(item: Item, naming: Naming) -> bool:
    names = (item.title,) if naming.form is Form.FULL else item.aliases
    return any(name.lower().startswith("the ") for name in names)


def widen(text: str, start: int, end: int, item: Item) -> tuple[int, int]:
    """The stretch `text[start:end]` with an item's article, year and closing mark, none of which is a wish."""
    if item.title[-1] in "?!" and text[end : end + 1] == item.title[-1]:
        end += 1
    if item.year:
        short = f"{item.year % 100:02}"
        behind = re.compile(_YEAR_BEHIND.format(year=item.year, short=short), re.IGNORECASE).match(text, end)
        before = re.compile(_YEAR_BEFORE.format(year=item.year), re.IGNORECASE).search(text, 0, start)
        end = behind.end() if behind else end
        before = before or _VERSION_BEFORE.search(text, 0, start)
        start = before.start() if before else start
    article = _ARTICLE.search(text, max(0, start - 20), start)
    return (article.start() if article else start), end
