"""Keeps a title unsaid: which texts give away what a simulated person looks for. Knows nothing of conversations."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from core.item import Item

_APOSTROPHES = re.compile(r"['’`]")
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[:;()\[\]/]| - ")
# Words that give nothing away alone. Everything else in a title stays unsaid, even alone.
_SMALL = frozenset(
    "a an and are as at be but by do for from had has have he her him his how i if im in into is it its me my no not "
    "of on or our out she so than that the their them they this to too up us was we what when where which who will "
    "with you your".split()
)
_STEM = 3  # letters: from here on "toy" is also "toys", and "love" is "loved" and "lovers"
_ENDING = 3


class Secret:
    """An item's title and other names, none of which may be said, nor any telling word of them, in any ending."""

    def __init__(self, item: Item) -> None:
        names = [name for title in (item.title, *item.aliases) for name in (title, *_PARTS.split(title))]
        self._sequences = {tuple(words) for name in names if (words := plain_words(name))}
        self._telling = frozenset(word for words in self._sequences for word in words if word not in _SMALL)

    def is_safe(self, text: str) -> bool:
        """Whether a text holds no name and no telling word of one."""
        words = plain_words(text)
        if any(_is_form(word, told) for word in words if word not in _SMALL for told in self._telling):
            return False
        return not any(_holds(words, sequence) for sequence in self._sequences)

    def first_safe(self, texts: Iterable[str]) -> str | None:
        """The first of these texts that gives nothing away."""
        return next((text for text in texts if self.is_safe(text)), None)


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(_APOSTROPHES.sub("", plain).casefold())


def _is_form(word: str, told: str) -> bool:
    """Whether two words are the same but for an ending."""
    short, long = sorted((word, told), key=len)
    return word == told or (len(short) >= _STEM and long.startswith(short) and len(long) - len(short) <= _ENDING)


def _holds(words: Sequence[str], sequence: tuple[str, ...]) -> bool:
    size = len(sequence)
    return any(tuple(words[start : start + size]) == sequence for start in range(len(words) - size + 1))
