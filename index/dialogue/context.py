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
# What the recommender named itself, beside what the person named.
OF_RECOMMENDER = 0.3

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Context:
    """The mentions of a conversation, each item once, in the order of first mention, and the words of both sides."""

    rows: IntArray  # [m], without what the person dislikes
    by_person: npt.NDArray[np.bool_]  # [m]
    words: tuple[str, ...]  # the person's, in lower case
    others_words: tuple[str, ...]  # the recommender's
    named: frozenset[int]  # every item that was named, liked or not: never recommended

    @classmethod
    def of(cls, dialogue: Dialogue) -> "Context":
        """The context after the last utterance."""
        disliked = {row for utterance in dialogue for row in utterance.disliked}
        first: dict[int, bool] = {}
        for utterance in dialogue:
            for row in utterance.rows:
                first.setdefault(row, utterance.by_person)
        kept = {row: by_person for row, by_person in first.items() if row not in disliked}
        return cls(
            rows=np.array(list(kept), dtype=np.int64),
            by_person=np.array(list(kept.values()), dtype=bool),
            words=_words(utterance.words for utterance in dialogue if utterance.by_person),
            others_words=_words(utterance.words for utterance in dialogue if not utterance.by_person),
            named=frozenset(first) | disliked,
        )

    @property
    def weights(self) -> FloatArray:
        """What each mention counts [m], later ones more; sums to one where there is any."""
        return _normalised(RECENCY ** np.arange(len(self.rows))[::-1])

    @property
    def person_weights(self) -> FloatArray:
        """The same with the recommender's own mentions held back."""
        return _normalised(self.weights * np.where(self.by_person, 1.0, OF_RECOMMENDER))


def person_text(dialogue: Dialogue) -> str:
    """Everything that the person said, titles left out: what a text encoder reads of a conversation."""
    return " ".join(utterance.words.strip() for utterance in dialogue if utterance.by_person)


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.replace("’", "'") for text in texts for word in _WORD.findall(text.casefold()))


def _normalised(weights: npt.NDArray[np.floating]) -> FloatArray:
    total = weights.sum()
    return (weights / total if total > 0 else weights).astype(np.float32)
