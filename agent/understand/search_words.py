"""The words of a message that are worth searching for: what items are about, not what the chat is about."""

import re
from collections.abc import Sequence

from agent.understand.text import RARE, fold, rank, word_list
from agent.understand.verdicts import PREDICATE
from agent.understand.wishes import Wishes
from core.intent import TurnKind

# Words of talk rather than of what items tell: "next", "yesterday", "wife", "recommendation".
_CHATTER = word_list("chatter")
_FREQUENT = 300  # words of a lower rank, such as "again" and "other", find everything and nothing


def search_words(text: str, wishes: Wishes, unknown: Sequence[str], kind: TurnKind) -> str:
    """Words of a masked message, each once; those that were read as wishes or verdicts are known already, and what
    is refused ("not about Vietnam") must not be found.

    Words of unknown titles stay, for a description may hold them.
    """
    if kind not in {TurnKind.RECOMMEND, TurnKind.REFINE}:
        return ""
    for start, end in (*wishes.spans, *wishes.refused, *(match.span() for match in PREDICATE.finditer(text))):
        text = text[:start] + " " * (end - start) + text[end:]
    kept = [word for word in text.split() if _tells(word)]
    kept.extend(word for title in unknown for word in re.findall(r"[^\W\d_]+", fold(title)) if len(word) > 3)
    return " ".join(dict.fromkeys(kept))


def names_subject(text: str) -> bool:
    """Whether a message is nothing but one to three words of what items may be about: "dogs", "space travel"."""
    words = text.replace(".", " ").replace("!", " ").split()
    return 1 <= len(words) <= 3 and all(_tells(word) and rank(word) < RARE for word in words)


def _tells(word: str) -> bool:
    return word.isalpha() and len(word) > 2 and rank(word) > _FREQUENT and word not in _CHATTER
