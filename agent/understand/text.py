"""Text as words with places: the one tokenizer of this step. It knows nothing of titles or wishes."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Dotted or starred initials ("L.A.", "M*A*S*H") are one word, and so is a word with an apostrophe; other punctuation
# stands alone, for it ends titles and clauses.
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|(?:[^\W\d_]\*)+[^\W\d_]?|[^\W_]+(?:['’`][^\W_]+)*|[^\w\s]|_")
_WORDS = Path(__file__).with_name("words")
_PHRASES = Path(__file__).with_name("phrases")
_FOLD = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word or punctuation mark, its place in the text, and its folded form (lower case, no accents)."""

    start: int
    end: int
    text: str
    word: str

    @property
    def is_word(self) -> bool:
        return self.word[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


def overlaps(stretch: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    """Whether a stretch of a text, (start, end), shares a place with any of the others."""
    return any(start < stretch[1] and stretch[0] < end for start, end in others)


def fold(text: str) -> str:
    """Lower case without accents, apostrophes and dots of initials."""
    if text.isascii():  # most words of most catalogues: a tenth of the time
        return text.lower().replace("'", "").replace("`", "")
    plain = unicodedata.normalize("NFKD", text.lower().translate(_FOLD))
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’`")


def tokenize(text: str) -> list[Token]:
    """Words and punctuation marks in order. "&" becomes the word "and"."""
    tokens = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        word = "and" if raw == "&" else fold(raw)
        if len(word) > 1 and word[-1] in ".*":
            word = word.replace(".", "").replace("*", "")
        elif len(word) > 2 and "*" in word:
            word = word.replace("*", "")
        tokens.append(Token(match.start(), match.end(), raw, word or raw))
    return tokens


@cache
def word_list(name: str) -> frozenset[str]:
    """A list of English words that belongs to this step: the file `words/NAME.txt`."""
    return frozenset((_WORDS / f"{name}.txt").read_text(encoding="utf-8").split())


def word_lines(name: str) -> list[list[str]]:
    """The words of each line of the file `words/NAME.txt`."""
    return [line.split() for line in (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()]


@cache
def phrases(name: str) -> str:
    """A group of a regular expression that matches any line of the file `phrases/NAME.txt`, the first that fits."""
    lines = (_PHRASES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return f"(?:{'|'.join(lines)})"


def phrase_pattern(name: str) -> re.Pattern[str]:
    """Matches `phrases` as whole words."""
    return re.compile(rf"(?<!\w){phrases(name)}(?!\w)")


@cache
def shorthand() -> dict[str, str]:
    """How people type common words in a hurry, with the word that is meant."""
    lines = (_WORDS / "shorthand.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines)


@cache
def _ranks() -> dict[str, int]:
    ordered = (_WORDS / "ordinary.txt").read_text(encoding="utf-8").split()
    return {word: place for place, word in enumerate(ordered)}


_CONTRACTIONS = word_list("contractions")

# Far beyond the list's end: a word that no everyday sentence holds.
RARE = 100_000


def rank(word: str, *, as_typed: bool = False) -> int:
    """How ordinary an English word is: 0 is the most frequent, `RARE` is not listed.

    Plurals and other forms count as their base word unless `as_typed`.
    """
    ranks = _ranks()
    if word.isdigit() or len(word) == 1 or word in _CONTRACTIONS:
        return 0
    best = ranks.get(word, RARE)
    if as_typed:
        return best
    for ending, replacement in (
        ("s", ""),
        ("es", ""),
        ("ies", "y"),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            best = min(best, ranks.get(word[: -len(ending)] + replacement, RARE))
    return best
