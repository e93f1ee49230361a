"""How often items were mentioned, recommended, and mentioned together, in conversations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from core.dialogue import Dialogue

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# What an item counts that nobody mentioned, and how many conversations without a pair a pair is weighed against.
UNSEEN = 0.3
SHRINKAGE = 4.0
# What a full set of common mentions weighs beside popularity.
TOGETHER = 3.0


@dataclass(frozen=True)
class Mentions:
    """The items of one conversation, each once."""

    named: IntArray
    recommended: IntArray  # those that the recommender named first

    @classmethod
    def of(cls, dialogue: Dialogue) -> "Mentions":
        first: dict[int, bool] = {}
        for utterance in dialogue:
            for row in utterance.rows:
                first.setdefault(row, utterance.by_person)
        recommended = [row for row, by_person in first.items() if not by_person]
        return cls(np.array(list(first), dtype=np.int64), np.array(recommended, dtype=np.int64))


class MentionCounts:
    """Counts over conversations. `without` gives the counts as if one of them had never been held."""

    def __init__(self, named: FloatArray, recommended: FloatArray, together: csr_matrix, conversations: int) -> None:
        """`named` and `recommended` [n] count conversations; `together` [n, n] has an empty diagonal."""
        self.named = named
        self.recommended = recommended
        self.together = together
        self.conversations = conversations
        self._left_out: IntArray = np.zeros(0, dtype=np.int64)

    @classmethod
    def count(cls, mentions: Sequence[Mentions], n_items: int) -> "MentionCounts":
        """Count the mentions of whole conversations."""
        everything = indicator([one.named for one in mentions], n_items)
        together = (everything.T @ everything).tocsr()
        together.setdiag(0)
        together.eliminate_zeros()
        return cls(
            named=np.asarray(everything.sum(axis=0), dtype=np.float32).ravel(),
            recommended=np.asarray(
                indicator([one.recommended for one in mentions], n_items).sum(axis=0), dtype=np.float32
            ).ravel(),
            together=together,
            conversations=len(mentions),
        )

    def without(self, mentions: Mentions) -> "MentionCounts":
        """The counts of all other conversations; `mentions` must be of one that was counted.

        What a conversation says of its own next item must not be learned from that item: the answer would leak.
        """
        named, recommended = self.named.copy(), self.recommended.copy()
        named[mentions.named] -= 1
        recommended[mentions.recommended] -= 1
        others = MentionCounts(named, recommended, self.together, self.conversations - 1)
        others._left_out = mentions.named
        return others

    @property
    def log_named(self) -> FloatArray:
        logarithm: FloatArray = np.log(self.named + UNSEEN)
        return logarithm

    @property
    def log_recommended(self) -> FloatArray:
        logarithm: FloatArray = np.log(self.recommended + UNSEEN)
        return logarithm

    @property
    def share(self) -> FloatArray:
        """The share of conversations that name each item [n], an unseen one a little."""
        share: FloatArray = (self.named + UNSEEN) / np.float32(max(1, self.conversations))
        return share

    def lift(self, rows: IntArray, weights: FloatArray) -> FloatArray:
        """How much likelier each item [n] is where `rows` [m] were mentioned, as the logarithm of a ratio.

        The chance of an item is its share of conversations mixed with its shares of those that also mention one of the
        rows, which count `weights` [m] and are shrunk toward nothing where few conversations know the row.
        """
        mixed = np.zeros(len(self.named), dtype=np.float32)
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            found = slice(self.together.indptr[row], self.together.indptr[row + 1])
            others, counts = self.together.indices[found], self.together.data[found]
            if row in self._left_out:
                counts = counts - np.isin(others, self._left_out)
            mixed[others] += weight * counts / (self.named[row] + SHRINKAGE)
        lift: FloatArray = np.log1p(TOGETHER * mixed / self.share)
        return lift


def indicator(rows: Iterable[IntArray], n_items: int) -> csr_matrix:
    """[conversations, items], 1 where an item stands."""
    listed = list(rows)
    columns = np.concatenate([*listed, np.zeros(0, dtype=np.int64)])
    bounds = np.concatenate([[0], np.cumsum([len(one) for one in listed])])
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, bounds), shape=(len(listed), n_items))
