"""How hard a text is to read: the Flesch reading ease."""

import re

_VOWELS = re.compile(r"[aeiouy]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,]*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")


def flesch(text: str) -> float:
    """206.835 − 1.015 · words per sentence − 84.6 · syllables per word (Flesch, 1948, "A new readability yardstick").

    About 60 to 70 is plain English; higher is easier. Syllables are counted as groups of vowels, without a silent "e".
    A number counts as one syllable a digit. 0 for a text without words.
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(syllables, words)) / len(words)


def syllables(word: str) -> int:
    """The syllables of an English word, at least one."""
    if word[0].isdigit():
        return sum(letter.isdigit() for letter in word)
    folded = word.casefold()
    groups = len(_VOWELS.findall(folded))
    silent = folded.endswith("e") and not folded.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)
