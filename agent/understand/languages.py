"""Tells that a message is in another language than English, and reads its commonest words.

The reading is word for word: enough to find the catalogue's own titles, names, categories and numbers in a message and
to see a "no" before them, and no more. Whoever answers says so in the message's language.
"""

import unicodedata
from functools import cache

from agent.understand.text import RARE, rank, tokenize, word_lines, word_list

_ENDINGS = ("er", "en", "es", "em", "e")  # of a German adjective: "trockener", "lustiges"
_ARTICLES = frozenset({"ein", "kein", "irgendein"})  # a German adjective behind these ends in "er"
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
    # "Lars von Trier" is a name, and "von" alone tells nothing.
    telling = _languages()[language] - word_list("name_particles")
    return language if telling.intersection(words) and not english and len(words) <= _SHORT else None


def is_common(word: str, language: str) -> bool:
    """Whether a folded word is one of a language's commonest, which say nothing by themselves."""
    return word in _languages().get(language, frozenset())


def to_english(word: str, language: str, before: str = "") -> str:
    """A folded word of a language as the English word that the rules know; itself where they know none.

    Behind the word `before`, "neuer" is no comparative: "ein neuer Film" is new, "ein neuerer Film" newer.
    """
    known = _glossary().get(language, {})
    endings = ("er",) if before in _ARTICLES and word.endswith("er") else ("", *_ENDINGS)
    stems = (word.removesuffix(ending) for ending in endings if word.endswith(ending))
    return next((known[stem] for stem in stems if stem in known), word)


@cache
def _glossary() -> dict[str, dict[str, str]]:
    """English words by language and word."""
    return {
        language: dict(entry.split("=", maxsplit=1) for entry in entries)
        for language, *entries in word_lines("glossary")
    }


@cache
def _languages() -> dict[str, frozenset[str]]:
    """The commonest words of a request by language; words that are English too tell nothing, and are not among them."""
    return {language: frozenset(words) for language, *words in word_lines("foreign")}
