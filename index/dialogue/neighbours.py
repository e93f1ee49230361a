"""Past conversations, and what those that are like this one named: neighbours, weighed by how alike they are.

A conversation is like another in what its items are, in what the person means, and in the words that were said. It
need not share an item: what was named around similar items speaks too.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from index.dialogue.content import ItemContent, unit_rows
from index.dialogue.context import Context
from index.dialogue.counts import TOGETHER, MentionCounts

FloatArray = npt.NDArray[np.float32]

# A neighbour weighs exp(sharpness · cosine).
_BY_CONTENT, _BY_TEXT, _BY_WORDS = 6.0, 6.0, 8.0
# How many conversations an item's company is weighed against.
_COMPANY = 3.0


@dataclass(frozen=True)
class Said:
    """What was said in c conversations: embeddings of the person's words [c, d], and bags of words [c, w]."""

    texts: FloatArray
    bags: csr_matrix


@dataclass(frozen=True)
class Neighbours:
    """c conversations, ready to be compared with. `without` gives them as if one of them had never been held."""

    named: csr_matrix  # [n, c], 1 where an item was named in a conversation
    profiles: FloatArray  # [c, k] the mean description of what was named
    mean: FloatArray  # [k] the mean description of all items
    kinds: FloatArray  # [c, k] profiles without the mean, unit length
    text_mean: FloatArray  # [d]
    texts: FloatArray  # [c, d] without the mean, unit length
    rarity: FloatArray  # [w]
    bags: csr_matrix  # [c, w] rare words weigh more, unit length
    said: Said  # as it was given
    left_out: int | None = None

    @classmethod
    def of(cls, named: csr_matrix, said: Said, content: ItemContent) -> "Neighbours":
        """From what each conversation named [c, n], 1 where it did, and said."""
        conversations = named.shape[0]
        mean = content.description_mean
        sizes = np.asarray(named.sum(axis=1))
        profiles = np.where(sizes > 0, (named @ content.description) / np.maximum(sizes, 1), mean).astype(np.float32)
        text_mean = said.texts.mean(axis=0) if conversations else np.zeros(said.texts.shape[1], np.float32)
        holding = np.maximum(said.bags.getnnz(axis=0), 1)
        rarity = np.log(max(1, conversations) / holding).astype(np.float32)
        bags = unit_rows(said.bags.multiply(rarity[None, :]).toarray())
        return cls(
            named=named.T.tocsr(),
            profiles=profiles,
            mean=mean,
            kinds=unit_rows(profiles - mean),
            text_mean=text_mean,
            texts=unit_rows(said.texts - text_mean),
            rarity=rarity,
            bags=csr_matrix(bags),
            said=said,
        )

    def without(self, place: int) -> "Neighbours":
        """All conversations but the one at `place`."""
        return replace(self, left_out=place)

    def by_content(self, context: Context, content: ItemContent, counts: MentionCounts) -> FloatArray:
        """Lift [n] by conversations whose items are like those that were named here; needs one."""
        wanted = _unit(context.weights @ content.description[context.rows] - self.mean)
        return self._lift(_BY_CONTENT * (self.kinds @ wanted), counts)

    def by_text(self, text: FloatArray, counts: MentionCounts) -> FloatArray:
        """Lift [n] by conversations in which the person meant the same; zeros where `text` [d] is zeros."""
        if not text.any():
            return np.zeros(len(counts.named), dtype=np.float32)
        return self._lift(_BY_TEXT * (self.texts @ _unit(text - self.text_mean)), counts)

    def by_words(self, bag: FloatArray, counts: MentionCounts) -> FloatArray:
        """Lift [n] by conversations that used the same words, given as a bag [w]."""
        return self._lift(_BY_WORDS * (self.bags @ _unit(bag * self.rarity)), counts)

    def company(self, context: Context, content: ItemContent, counts: MentionCounts) -> FloatArray:
        """How much more an item's company is like what was named here than the item itself is [n]; needs a mention.

        Its company is all that was named in the conversations that named it, shrunken to what it is itself.
        """
        wanted = context.weights @ content.description[context.rows]
        alike = self._kept(self.profiles @ wanted)
        excess: FloatArray = self.named @ alike - counts.named * (content.description @ wanted)
        shrunken: FloatArray = excess / (counts.named + _COMPANY)
        return shrunken

    def _lift(self, closeness: FloatArray, counts: MentionCounts) -> FloatArray:
        """How much likelier each item is among the neighbours than among all conversations [n], as a logarithm.

        Mixed with its share as `MentionCounts.lift` does; zero where all are equally near, and where nobody named it.
        """
        weights = self._kept(np.exp(closeness))
        found = self.named @ (weights / max(float(weights.sum()), 1e-9))
        usual = counts.named / max(1, counts.conversations)
        mixed = (1 + TOGETHER * found / counts.share) / (1 + TOGETHER * usual / counts.share)
        lift: FloatArray = np.log(mixed).astype(np.float32)
        return lift

    def _kept(self, weights: FloatArray) -> FloatArray:
        if self.left_out is not None:
            weights[self.left_out] = 0
        return weights


def _unit(vector: FloatArray) -> FloatArray:
    unit: FloatArray = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return unit
