"""What people choose after what they chose: EASE on nearby choices. Works for a person who was never seen.

EASE (Steck, 2019, "Embarrassingly shallow autoencoders for sparse data") learns one weight for each pair of items, in
closed form: B = I - P / diag(P) with P = (G + λI)⁻¹ and B's diagonal set to zero. Its G counts the people who chose
both items; here a person counts 0.97 to the power of how many choices the two are apart, since tastes move. A person
is only the list of what they chose, so nobody needs a row of their own. Knows nothing about titles or ratings.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.linalg import inv
from scipy.sparse import csr_array

from core.errors import ArtifactError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# Chosen on MovieLens-100K: learned without each person's last two choices, measured on the first of the two. HR@10 is
# 0.224 (0.198 with nearness 1); λ of 100 to 300, nearness of 0.95 to 0.97 and decay of 0.8 to 0.9 are about as good.
REGULARISATION = 300.0
NEARNESS = 0.97
DECAY = 0.85
# The weights are a dense matrix: 10,000 items take 400 MB. The least chosen items beyond that are left out.
MAX_ITEMS = 10_000


class HistoryModel:
    """Scores for every item from a list of choices, and counts of what was chosen together."""

    def __init__(self, n_items: int, people: int, rows: IntArray, weights: FloatArray, together: csr_array) -> None:
        """`rows` [m] are the items that were ever chosen; `weights` and `together` [m, m] are pairs of them."""
        self.n_items = n_items
        self.people = people
        self._rows = rows
        self._weights = weights
        self._together = together
        self._position = np.full(n_items, -1)
        self._position[rows] = np.arange(len(rows))

    @classmethod
    def fit(
        cls,
        sequences: Sequence[npt.NDArray[np.integer]],
        n_items: int,
        regularisation: float = REGULARISATION,
        nearness: float = NEARNESS,
        max_items: int = MAX_ITEMS,
    ) -> "HistoryModel":
        """Learn from the rows that each person chose, oldest first; of an item chosen twice the later one counts.

        `nearness` 1 is the original EASE. Needs about 32 · m² bytes for m chosen items.
        """
        chosen = np.zeros(n_items, dtype=np.int64)
        for sequence in sequences:
            chosen[np.unique(sequence)] += 1
        ever = np.flatnonzero(chosen)
        rows = np.sort(ever[np.argsort(-chosen[ever], kind="stable")[:max_items]])
        position = np.full(n_items, -1)
        position[rows] = np.arange(len(rows))
        together, near = _count_pairs(
            [_last_choices(position[sequence]) for sequence in sequences], len(rows), nearness
        )
        return cls(n_items, len(sequences), rows, _solve(near, regularisation), csr_array(together))

    def renumbered(self, rows: IntArray) -> "HistoryModel":
        """The same for a table whose item i was item `rows[i]` of this one's; -1 is a new one, which nobody chose.

        Every item that somebody chose must be there still.
        """
        place = np.full(self.n_items, -1)
        place[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
        return HistoryModel(len(rows), self.people, place[self._rows], self._weights, self._together)

    def save(self, path: Path) -> None:
        """Write all arrays to one npz file."""
        with path.open("wb") as file:
            np.savez(
                file,
                n_items=self.n_items,
                people=self.people,
                rows=self._rows,
                weights=self._weights,
                together=self._together.data,
                columns=self._together.indices,
                starts=self._together.indptr,
            )

    @classmethod
    def load(cls, path: Path) -> "HistoryModel":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                n_items, people, rows = int(arrays["n_items"]), int(arrays["people"]), arrays["rows"]
                counts = arrays["together"]
                if "columns" in arrays:  # an earlier version wrote all pairs
                    counts = (counts, arrays["columns"], arrays["starts"])
                return cls(n_items, people, rows, arrays["weights"], csr_array(counts, shape=(len(rows),) * 2))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtifactError(f"The history model {path} can't be read.", mend="Run `tastemaker prepare`.") from error

    def scores(self, history: Sequence[int], decay: float = DECAY) -> FloatArray:
        """How well each item [n_items] follows a history of rows, oldest first; zeros when nothing of it is known.

        The latest choice weighs 1, the one before `decay`, then its square, and so on.
        """
        scores = np.zeros(self.n_items, dtype=np.float32)
        positions = self._position[np.asarray(history, dtype=np.int64)]
        recency = decay ** np.arange(len(positions) - 1, -1, -1)
        known = positions >= 0
        if known.any():
            scores[self._rows] = recency[known].astype(np.float32) @ self._weights[positions[known]]
        return scores

    def chosen(self, row: int) -> int:
        """How many people chose an item."""
        return self.together(row, row)

    def together(self, first: int, second: int) -> int:
        """How many people chose both of two items."""
        a, b = self._position[first], self._position[second]
        if a < 0 or b < 0:
            return 0
        start, end = self._together.indptr[a : a + 2]
        place = start + np.searchsorted(self._together.indices[start:end], b)
        return int(self._together.data[place]) if place < end and self._together.indices[place] == b else 0


def _last_choices(positions: IntArray) -> IntArray:
    """The last place of each known position, in order."""
    _, from_behind = np.unique(positions[::-1], return_index=True)
    kept: IntArray = positions[np.sort(len(positions) - 1 - from_behind)]
    return kept[kept >= 0]


def _count_pairs(
    sequences: Sequence[IntArray], size: int, nearness: float
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """How many people chose both items [m, m], and the same with each person counting by the pair's nearness."""
    together = np.zeros((size, size), dtype=np.uint32)
    near = np.zeros((size, size))
    longest = max((len(sequence) for sequence in sequences), default=0)
    powers = nearness ** np.arange(longest)
    for sequence in sequences:
        pairs = np.ix_(sequence, sequence)
        places = np.arange(len(sequence))
        together[pairs] += 1
        near[pairs] += powers[np.abs(places[:, None] - places)]
    return together, near


def _solve(gram: npt.NDArray[np.float64], regularisation: float) -> FloatArray:
    """The weights [m, m]. What people count is positive semidefinite, whatever `nearness`; `gram` is overwritten."""
    if len(gram) == 0:
        return gram.astype(np.float32)
    np.fill_diagonal(gram, gram.diagonal() + regularisation)
    weights = inv(gram, assume_a="pos", overwrite_a=True, check_finite=False)
    weights /= -weights.diagonal().copy()
    np.fill_diagonal(weights, 0)
    return cast(FloatArray, weights.astype(np.float32))
