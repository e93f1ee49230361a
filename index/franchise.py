"""Which items belong together by their titles: sequels, parts and double entries. Reads titles, knows no stories."""

import re
from collections.abc import Sequence

from core.item import Item

_SUBTITLE = re.compile(r"\s*[:(\u2013\u2014]|\s-\s")
_PART = re.compile(r"\s+(?:(?:part|volume|vol\.?|chapter|episode)\s+)?(?:\d{1,2}|[ivx]{1,5}|two|three)$")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+")
# A shorter title that another one starts with may be any word: "It", "Big".
_MIN_STEM = 5


def same_work(item: Item) -> tuple[str, int | None]:
    """Equal for two entries of the same work: the title without case, and the year."""
    return (item.title.casefold().strip(), item.year)


def franchises(items: Sequence[Item]) -> tuple[str, ...]:
    """A name for each item's franchise, in order: "batman" for Batman, Batman Forever and Batman & Robin."""
    stems = [_stem(item.title) for item in items]
    known = set(stems)
    return tuple(_shortest_start(stem, known) for stem in stems)


def _stem(title: str) -> str:
    """The title in lower case without article, subtitle and the number of a part."""
    stem = _SUBTITLE.split(title.casefold().strip(), maxsplit=1)[0]
    return _ARTICLE.sub("", _PART.sub("", stem)) or title.casefold()


def _shortest_start(stem: str, known: set[str]) -> str:
    """The shortest other title that this one starts with, word by word."""
    words = stem.split()
    for size in range(1, len(words)):
        start = " ".join(words[:size])
        if len(start) >= _MIN_STEM and start in known:
            return start
    return stem
