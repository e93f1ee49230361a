"""Tells that a message is in another language than English, so that it is not read as odd English."""

import unicodedata
from functools import cache

from agent.understand.text import RARE, rank, tokenize, word_lines

_SHORT = 3  # words of a message in which a single foreign one tells


def foreign_language(text: str) -> str | None:
    """The language's name in English, "another" where the script alone tells, or None for what may be English."""
    words = [token.word for token in tokenize(text) if token.is_word and not token.word.isdigit()]
    if not words:
        return None
    letters = [letter for letter in text if letter.isalpha()]
    foreign_script = sum("LATIN" not in unicodedata.name(letter, "") for letter in letters)
    if 2 * foreign_script > len(letters):
        return "another"
    hits = {language: sum(word in known for word in words) for language, known in _languages().items()}
    language, most = max(hits.items(), key=lambda pair: pair[1])
    english = sum(rank(word) < RARE and word not in _languages()[language] for word in words)
    if most >= 2 and most > english:
        return language
    return language if most and not english and len(words) <= _SHORT else None


@cache
def _languages() -> dict[str, frozenset[str]]:
    """The commonest words of a request by language; words that are English too tell nothing, and are not among them."""
    return {language: frozenset(words) for language, *words in word_lines("foreign")}
