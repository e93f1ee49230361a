"""What a conversation has said so far, in the form that the features read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.dialogue import Dialogue

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# A mention counts this much of the one after it: people answer what was said last.
RECENCY = 0.7

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Context:
    """The mentions of a conversation, each item once, in the order of first mention, and the words of both sides."""

    rows: IntArray  # [m], without what the person dislikes
    words: tuple[str, ...]  # the person's, in lower case
    others_words: tuple[str, ...]  # the recommender's
    named: frozenset[int]  # every item that was named, liked or not: never recommended

    @classmethod
    def of(cls, dialogue: Dialogue) -> "Context":
        """The context after the last utterance."""
        disliked = {row for utterance in dialogue for row in utterance.disliked}
        named = dict.fromkeys(row for utterance in dialogue for row in utterance.rows)
        return cls(
            rows=np.array([row for row in named if row not in disliked], dtype=np.int64),
            words=_words(utterance.words for utterance in dialogue if utterance.by_person),
            others_words=_words(utterance.words for utterance in dialogue if not utterance.by_person),
            named=frozenset(named) | disliked,
        )

    @property
    def weights(self) -> FloatArray:
        """What each mention counts [m], later ones more; sums to one where there is any."""
        return _normalised(RECENCY ** np.arange(len(self.rows))[::-1])


def person_text(dialogue: Dialogue) -> str:
    """Everything that the person said, titles left out: what a text encoder reads of a conversation."""
    return " ".join(utterance.words.strip() for utterance in dialogue if utterance.by_person)


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.replace("’", "'") for text in texts for word in _WORD.findall(text.casefold()))


def _normalised(weights: npt.NDArray[np.floating]) -> FloatArray:
    total = weights.sum()
    return (weights / total if total > 0 else weights).astype(np.float32)
