"""People of the data set who chose what this person chose, as evidence of what fits next. Knows nothing about items.

Retrieval is by nearest neighbours of sessions weighted towards the latest choices (V-SkNN; Ludewig and Jannach, 2018,
"Evaluation of session-based recommendation algorithms"): a person is only the list of what they chose, so one who was
never seen has neighbours at once. An entry is scored like all evidence, by relevance × temporal decay × credibility.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from core.evidence import EvidenceScore
from index.evidence_score import DECAY_PER_CHOICE, HALF_LIFE, temporal_decay

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# A likeness that rests on this many shared choices is half credible. On MovieLens-100K 0 to 10 are alike, 30 is worse.
HALF_CREDIBLE = 3
# A neighbour's choice counts by how near it stands to what both chose: 0.97 to the power of the choices between.
NEARNESS = 0.97


@dataclass(frozen=True)
class Entry:
    """A retrieved person: their number, how much their choices matter here, and where the latest shared one stands."""

    person: int
    score: EvidenceScore
    place: int


class PeopleIndex:
    """Neighbours of histories among people, and what they speak for."""

    def __init__(
        self,
        sequences: Sequence[npt.NDArray[np.integer]],
        last_times: FloatArray,
        n_items: int,
        half_life: float = HALF_LIFE,
        half_credible: float = HALF_CREDIBLE,
        decay_per_choice: float = DECAY_PER_CHOICE,
    ) -> None:
        """`sequences` are the rows that each person chose, oldest first; `last_times` [people] are Unix seconds.

        An infinite `half_life`, a `half_credible` of 0 or a `decay_per_choice` of 1 leaves out a part of the score.
        """
        self._decay_per_choice = decay_per_choice
        self._sequences = [np.asarray(sequence, dtype=np.int64) for sequence in sequences]
        self._n_items = n_items
        self._half_credible = half_credible
        now = float(last_times.max()) if len(last_times) else 0.0
        self._decay = temporal_decay(now - last_times, half_life)
        people = np.repeat(np.arange(len(sequences)), [len(sequence) for sequence in sequences])
        rows = np.concatenate([*self._sequences, np.empty(0, np.int64)])
        self._chose = sp.csr_array((np.ones(len(rows)), (people, rows)), shape=(len(sequences), n_items))
        self._chose.data[:] = 1.0  # of an item chosen twice the sum was taken
        # A shared choice says more the fewer people made it.
        counts = np.asarray(self._chose.sum(axis=0)).ravel()
        self._rarity = np.log((1 + len(sequences)) / (1 + counts))
        self._lengths = np.sqrt(np.maximum(self._chose @ self._rarity**2, 1e-12))

    def retrieve(self, history: Sequence[int], k: int, leave_out: int | None = None) -> list[Entry]:
        """The `k` entries that matter most for a history of rows, oldest first; fewer where fewer share anything.

        `leave_out` is the number of a person who must not be an entry, such as the one who is asking.
        """
        rows = np.asarray(history, dtype=np.int64)
        if not len(rows) or not self._sequences:
            return []
        ages = np.arange(len(rows) - 1, -1, -1)
        weights = np.zeros(self._n_items)
        weights[rows] = self._decay_per_choice**ages * self._rarity[rows]
        shared = np.zeros(self._n_items)
        shared[rows] = 1.0
        relevance = (
            self._chose @ (weights * self._rarity) / (self._lengths * max(float(np.linalg.norm(weights)), 1e-12))
        )
        count = self._chose @ shared
        credibility = np.divide(count, count + self._half_credible, out=np.zeros_like(count), where=count > 0)
        score = relevance * self._decay * credibility
        if leave_out is not None:
            score[leave_out] = 0.0
        best = np.argsort(-score, kind="stable")[:k]
        return [
            Entry(
                int(person),
                EvidenceScore(
                    relevance=min(1.0, float(relevance[person])),
                    decay=float(self._decay[person]),
                    credibility=float(credibility[person]),
                ),
                int(np.flatnonzero(shared[self._sequences[person]])[-1]),
            )
            for person in best
            if score[person] > 0
        ]

    def scores(self, entries: Sequence[Entry]) -> npt.NDArray[np.float32]:
        """What the entries speak for, as a score of each item [n]: 0 for what none of them chose."""
        total = np.zeros(self._n_items)
        for entry in entries:
            sequence = self._sequences[entry.person]
            near = NEARNESS ** np.abs(np.arange(len(sequence)) - entry.place)
            total[sequence] += entry.score.value * near  # of an item chosen twice the later choice counts
        return total.astype(np.float32)
