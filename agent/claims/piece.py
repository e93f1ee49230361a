"""A stretch of a reason and what it names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from agent.claims.amounts import Bound
from agent.claims.text import Word


class Kind(Enum):
    """What a piece is."""

    WORD = auto()
    SIGN = auto()
    TITLE = auto()
    PERSON = auto()
    CATEGORY = auto()
    FACT = auto()
    YEARS = auto()
    NUMBER = auto()


@dataclass(slots=True)
class Piece:
    """A stretch of a reason. Checks set `is_done` when a claim accounts for it."""

    kind: Kind
    start: int
    end: int
    word: str
    stem: str
    is_capital: bool = False
    is_negated: bool = False
    is_done: bool = False
    is_possessive: bool = False
    is_phrase: bool = False  # several words that stand for one: `word` is the stem of that one
    item_ids: tuple[str, ...] = ()  # of a title
    names: tuple[str, ...] = ()  # of people, or of categories
    facts: tuple[tuple[str, str], ...] = ()
    first: float = 0.0  # of years: the first and last; of a number: its value
    last: float = 0.0
    bound: Bound = Bound.EXACT
    unit: str = ""  # of a number that names its own: "hours" or "minutes" (both in minutes), "share" (0 to 1)


def plain(word: Word) -> Piece:
    """A word or a sign that names nothing."""
    kind = Kind.WORD if word.is_word else Kind.SIGN
    return Piece(kind, word.start, word.end, word.word, word.stem, word.is_capital, is_possessive=is_possessive(word))


def over(kind: Kind, words: Sequence[Word], place: int, length: int) -> Piece:
    """Several words as one piece."""
    first, last = words[place], words[place + length - 1]
    name = " ".join(word.word for word in words[place : place + length])
    return Piece(kind, first.start, last.end, name, name, first.is_capital, is_possessive=is_possessive(last))


def is_possessive(word: Word) -> bool:
    """Whether a word ends in "'s" as a name does: "Mann's"."""
    return bool(re.search(r"[^\W\d_]['’]s?$", word.text)) and not word.word.endswith(("its", "thats", "heres"))
