"""The ways to write an item's title: whole, short, as a numbered sequel. It knows titles only, not conversations."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from agent.understand.text import RARE, Token, rank, tokenize, word_list
from core.item import Item, ItemTable

ARTICLES = frozenset({"the", "a", "an"})
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
_SAME = {"doctor": "dr", "mister": "mr", "versus": "vs", "part": "", "pt": "", "volume": "", "vol": "", "deux": "2"}
_NUMBER_AT_END = re.compile(r"^(.*\S) (\d{1,2})(?: d| \d \d)?$")  # "jaws 3 d", "naked gun 33 1 3"


class Form(IntEnum):
    """How a title was written, the surest first."""

    FULL = 0
    ALIAS = 1
    NUMBERED = 2
    SHORT = 3  # the part before a colon
    SUBTITLE = 4  # the part after it
    PART = 5  # its first or last words: "Holy Grail"


@dataclass(frozen=True, slots=True)
class Naming:
    """One way to write the title of the item at `row`."""

    row: int
    form: Form


def title_key(words: Sequence[str]) -> str:
    """What stays the same however a title is typed: no articles, numbers as digits, "part" left out."""
    kept = []
    for place, word in enumerate(words):
        if word in ARTICLES:
            continue
        plain = _SAME.get(word, word)
        if place:
            plain = _ROMAN.get(plain, plain)
        if plain:
            kept.append(_NUMBERS.get(plain, plain))
    return " ".join(kept or words)


def words_of(tokens: Sequence[Token]) -> list[str]:
    return [token.word for token in tokens if token.is_word]


def key_of(text: str) -> str:
    return title_key(words_of(tokenize(text)))


def is_ordinary(key: str) -> bool:
    """Whether a key could well be words of an everyday sentence: "big", "bad girls", but not "fargo" or "toy story"."""
    words = key.split()
    if len(words) == 1:
        return rank(key) < RARE
    ranks = [rank(word, as_typed=True) for word in words]
    return len(ranks) <= 3 and max(ranks) < (1500 if len(ranks) == 2 else 400)


def _title_parts(title: str) -> tuple[str, str]:
    """A title before and after its colon or "or"."""
    for mark in (" or: ", ": ", " - ", ", or "):
        before, found, after = title.partition(mark)
        if found and before.strip() and after.strip():
            return before.strip(), after.strip()
    return title, ""


def _series(table: ItemTable) -> Iterator[tuple[str, Naming]]:
    """Sequels by number, given in the title or, where the years leave no doubt, by their order."""
    members: dict[str, list[tuple[int, int, int | None]]] = defaultdict(list)  # base: (year, row, number)
    keys = [key_of(item.title) for item in table]
    titles = set(keys)
    for row, (item, whole) in enumerate(zip(table, keys, strict=True)):
        name, rest = _title_parts(item.title)
        short, subtitle = (key_of(name), key_of(rest)) if rest else (whole, "")
        numbered = _NUMBER_AT_END.match(short) or _NUMBER_AT_END.match(whole)
        base, number = (numbered.group(1), int(numbered.group(2))) if numbered else (short, None)
        if number is None or 1 < number < 20:
            members[base].append((item.year or 0, row, number))
        lettered = re.fullmatch(r"([a-z])(\d)", short)
        if lettered and subtitle.startswith(lettered.group(1)) is False and subtitle:
            yield f"{subtitle} {lettered.group(2)}", Naming(row, Form.NUMBERED)  # "D3: The Mighty Ducks"
        elif subtitle in titles and subtitle != base:
            members[subtitle].append((item.year or 0, row, None))  # "The Lost World: Jurassic Park"
    for base, found in members.items():
        if len(found) < 2 and found[0][2] is None:
            continue
        ordered = sorted(found)
        places = _places(ordered)
        for known, (_, row, number) in zip(places, ordered, strict=True):
            if known:
                yield f"{base} {known}", Naming(row, Form.NUMBERED)
                if number and " " not in base and number < 10:
                    yield f"{base[0]}{number}", Naming(row, Form.PART)  # "T2"


def _places(ordered: list[tuple[int, int, int | None]]) -> list[int | None]:
    """The number of each part of a series in order of years; None where numbers and years disagree."""
    places: list[int | None] = []
    place = 0
    years = [year for year, _, _ in ordered]
    for year, _, number in ordered:
        if (number is not None and number <= place) or years.count(year) > 1:
            return [
                number or (1 if first else None)
                for first, (_, _, number) in zip((True, *[False] * len(ordered)), ordered, strict=False)
            ]
        place = number or place + 1
        places.append(place)
    return places


def _forms(row: int, item: Item) -> Iterator[tuple[str, Naming]]:
    yield key_of(item.title), Naming(row, Form.FULL)
    first = tokenize(item.title)[:1]
    if first and "." in first[0].text and len(first[0].word) > 1:
        yield first[0].word, Naming(row, Form.SHORT)  # "E.T."
    for alias in item.aliases:
        yield key_of(alias), Naming(row, Form.ALIAS)
    for title in (item.title, *item.aliases):
        short, subtitle = _title_parts(title)
        if subtitle:
            yield key_of(short), Naming(row, Form.SHORT)
            key = key_of(subtitle)
            if len(key.split()) > 1 and not key.endswith("movie") and not is_ordinary(key):
                yield key, Naming(row, Form.SUBTITLE)


_SMALL = word_list("small_words")


def _parts(key: str) -> Iterator[str]:
    """The first or last words of a long title that can stand for it."""
    words = key.split()
    for size in range(2, min(len(words), 6)):
        for part in (words[:size], words[-size:]):
            if part[0] not in _SMALL and part[-1] not in _SMALL and max(rank(word) for word in part) > 2000:
                yield " ".join(part)


def title_forms(table: ItemTable) -> dict[str, list[Naming]]:
    """Every key under which an item can be found, with the items it may mean, the surest first."""
    forms: dict[str, list[Naming]] = defaultdict(list)
    for row, item in enumerate(table):
        for key, naming in _forms(row, item):
            forms[key].append(naming)
    for key, naming in _series(table):
        forms[key].append(naming)
    parts: dict[str, set[int]] = defaultdict(set)
    for key, namings in forms.items():
        for part in _parts(key):
            if part not in forms:
                parts[part].update(naming.row for naming in namings)
    forms.update({part: [Naming(min(rows), Form.PART)] for part, rows in parts.items() if len(rows) == 1})
    # "T2" is only of use where it means one item.
    for key in [key for key, namings in forms.items() if namings[0].form is Form.PART and len(namings) > 1]:
        del forms[key]
    for namings in forms.values():
        namings.sort(key=lambda naming: naming.form)
    return dict(forms)


def glued_forms(forms: Iterable[str]) -> dict[str, str]:
    """Keys by what they are without spaces: "bladerunner"."""
    glued: dict[str, str] = {}
    for key in forms:
        glued.setdefault(key.replace(" ", ""), key)
    return glued
