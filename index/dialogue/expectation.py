"""What the next item will be like, told from the words and mentions so far: a linear map, learned by ridge regression.

It maps to what items are (text, categories, years), not to items: it tells of items that no conversation mentioned.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve

from index.dialogue.content import ItemContent
from index.dialogue.context import Context

FloatArray = npt.NDArray[np.float32]

REGULARISATION = 10.0
# A word is read when this many conversations hold it, and at most so many words, the most frequent first.
MIN_CONVERSATIONS, MAX_WORDS = 5, 2000
# What the recommender says tells less of what is wanted.
OTHERS_WORDS = 0.5


@dataclass(frozen=True)
class Expectation:
    """A map from a context to an item's description, as `ItemContent.description` writes it."""

    vocabulary: tuple[str, ...]
    weights: FloatArray  # [inputs, k]

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Descriptions [m, k] of what will be named next, for inputs [m, inputs]."""
        expected: FloatArray = inputs @ self.weights
        return expected

    def inputs(self, context: Context, text: FloatArray, content: ItemContent) -> FloatArray:
        """A context as one row: a constant, mentions as their mean description, the text's embedding, and words."""
        return context_inputs(context, text, content, self._places)

    def bag(self, context: Context) -> FloatArray:
        """The words of a context, as `bag_of_words`."""
        return bag_of_words(context, self._places)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.vocabulary)}


def context_inputs(context: Context, text: FloatArray, content: ItemContent, words: dict[str, int]) -> FloatArray:
    """The row [inputs] of a context; `text` [d] is the embedding of what the person said, or zeros."""
    mentioned = context.weights @ content.description[context.rows]
    bag = bag_of_words(context, words)
    length = float(np.linalg.norm(bag))
    constants = np.array([1.0, float(len(context.rows) > 0)], dtype=np.float32)
    row: FloatArray = np.concatenate([constants, mentioned, text, bag / max(length, 1e-6)]).astype(np.float32)
    return row


def bag_of_words(context: Context, words: dict[str, int]) -> FloatArray:
    """Which of the known words were said [w]: 1 by the person, less by the recommender alone."""
    bag = np.zeros(len(words), dtype=np.float32)
    for spoken, weight in ((context.others_words, OTHERS_WORDS), (context.words, 1.0)):
        for word in spoken:
            if (place := words.get(word)) is not None:
                bag[place] = weight
    return bag


def vocabulary(conversations: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words that enough conversations hold, the most frequent first, ties by the alphabet."""
    counts = Counter(word for words in conversations for word in set(words))
    known = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(word for word, count in known[:MAX_WORDS] if count >= MIN_CONVERSATIONS)


def fit_weights(inputs: FloatArray, targets: FloatArray, regularisation: float = REGULARISATION) -> FloatArray:
    """Ridge regression [inputs, k] from inputs [m, inputs] to the descriptions [m, k] of what was named."""
    gram = (inputs.T @ inputs).astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    weights: FloatArray = solve(gram, inputs.T @ targets, assume_a="pos").astype(np.float32)
    return weights
