"""A text as words with places, stems and spelled numbers. It knows no catalogue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import Stemmer

from agent.understand.text import fold

_WORDS = Path(__file__).with_name("words")
# Decades, numbers, initials ("J.R.R."), words with their apostrophes, signs. A hyphen inside a word only parts it.
_TOKEN = re.compile(
    r"['’]?\d\ds\b|['’]\d\d\b(?![.,]?\d)|\d{4}s\b|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|[.,;:!?()—–$€£%…/]|(?<=\s)-(?=\s)"
)
_PRONOUN = re.compile(r"^(s?he)['’](?:ll|d)$", re.IGNORECASE)  # without its apostrophe it would be another word
# Two digits up to this one are years of this century.
_YOUNGEST = 29
_REMEMBERED = 1 << 18  # words: more than a catalogue's, and not all that people will ever write
_STEMMER = Stemmer.Stemmer("english")
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SPELLED = {word: number for number, word in enumerate(_UNITS)} | {w: 20 + 10 * n for n, w in enumerate(_TENS)}
_ENDINGS = re.compile(r"(?:ers?|ors?|ings?|edly|ed|ly|ness|ist|al|e|s|y|i)$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number or sign of a text: `word` is folded (lower case, no accents or apostrophes)."""

    start: int
    end: int
    text: str
    word: str
    stem: str

    @property
    def is_word(self) -> bool:
        return self.word[:1].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


def words_of(text: str) -> list[Word]:
    """The words and signs of a text in order; a possessive "'s" is no part of its word."""
    found = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        word = _bare(raw).replace(".", "") if raw[0].isalpha() else _digits(raw)
        found.append(Word(match.start(), match.end(), raw, word or raw, stem(word)))
    return found


def _digits(raw: str) -> str:
    """A number or sign; "'77" is 1977."""
    short = raw.lstrip("'’")
    if short == raw or len(short) != 2:
        return short
    return f"19{short}" if int(short) > _YOUNGEST else f"20{short}"


@lru_cache(maxsize=_REMEMBERED)
def _bare(raw: str) -> str:
    """Folded, without a possessive ending."""
    raw = _PRONOUN.sub(r"\1", raw)
    return fold(re.sub(r"['’]s?$", "", raw) if re.search(r"[^\W\d_]['’]s?$", raw) and not _contracted(raw) else raw)


def _contracted(raw: str) -> bool:
    return fold(raw) in _CONTRACTED


_CONTRACTED = frozenset("its thats heres theres whats whos hes shes lets".split())


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """The stem of a folded word; irregular verbs count as their infinitive."""
    stemmed: str = _STEMMER.stemWord(irregular().get(word, word))
    return stemmed


@lru_cache(maxsize=_REMEMBERED)
def root(stemmed: str) -> str:
    """A shorter stem, so that "driver" meets "drives"; a word of four letters stays whole."""
    cut = _ENDINGS.sub("", stemmed)
    return cut if len(cut) > 3 else stemmed


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of the file `words/NAME.txt`, folded."""
    return frozenset(fold(line) for line in (_WORDS / f"{name}.txt").read_text(encoding="utf-8").split())


@cache
def groups(name: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Words that mean the same: a line of `words/NAME.txt` is a group, its phrases parted by commas, each as words."""
    lines = (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(tuple(word.word for word in words_of(phrase)) for phrase in line.split(",")) for line in lines if line
    )


@cache
def irregular() -> dict[str, str]:
    lines = (_WORDS / "irregular.txt").read_text(encoding="utf-8").splitlines()
    return {form: base for base, *forms in map(str.split, lines) for form in forms}


@cache
def phrases(name: str) -> frozenset[tuple[str, ...]]:
    """The lines of `words/NAME.txt`, each as folded words."""
    lines = (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(tuple(word.word for word in words_of(line)) for line in lines if line)


@cache
def _longer_synonyms() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """By first stem: synonyms of several words, as stems, with the stem of the one word that they stand for."""
    found: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for group in groups("synonyms"):
        single = next((stem(phrase[0]) for phrase in group if len(phrase) == 1), "")
        for phrase in group:
            stems = tuple(map(stem, phrase))
            if len(stems) > 1 and single:
                found[stems[0]] = (*found.get(stems[0], ()), (stems, single))
    return found


def synonyms_at(stems: Sequence[str], place: int) -> list[tuple[str, int]]:
    """(stem, words taken) of each word for which several stand here: "in debt" is "owes"."""
    known = _longer_synonyms().get(stems[place], ())
    return [(single, len(phrase)) for phrase, single in known if tuple(stems[place : place + len(phrase)]) == phrase]


def number_of(word: str) -> float | None:
    """The value of a number in digits or of one spelled word; None for any other word."""
    if word in SPELLED:
        return float(SPELLED[word])
    if word[:1].isdigit():
        digits = re.sub(r",(?=\d{3}\b)", "", word).replace(",", ".")
        match = re.match(r"\d+(?:\.\d+)?", digits)
        return float(match.group()) if match else None
    return None
