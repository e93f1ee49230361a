"""Joins dense and lexical hits into one ranking, and notices when nothing in the catalogue is near the words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Hits = Sequence[tuple[int, float]]

# The usual constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): large enough that the first few
# places of one list can't outvote agreement of both.
RANK_OFFSET = 60
# Set by MiniLM on MovieLens-100K: of 34 queries that it can answer ("a heist that goes wrong", "dinosaurs") three fall
# below, bare moods and metaphors; of 18 that it can't ("sudoku", "my tax return") twelve do. Above 0.45 are 26 and 2.
WEAK_SIMILARITY = 0.3
SURE_SIMILARITY = 0.45


@dataclass(frozen=True)
class Retrieval:
    """Rows with their fused scores, highest first, and the similarity of the nearest embedding."""

    scores: dict[int, float] = field(default_factory=dict, repr=False)
    best_similarity: float | None = None  # None: no embedding was searched for

    @property
    def confidence(self) -> float:
        """How much the ranking can be relied on, in [0, 1]; words alone are taken at their word."""
        if self.best_similarity is None:
            return 1.0
        nothing = 2 * WEAK_SIMILARITY - SURE_SIMILARITY  # so that a weak similarity is worth a half
        return min(1.0, max(0.0, (self.best_similarity - nothing) / (SURE_SIMILARITY - nothing)))

    @property
    def is_weak(self) -> bool:
        """Whether even the nearest item is far from the words."""
        return self.best_similarity is not None and self.best_similarity < WEAK_SIMILARITY


def fuse(dense: Hits, lexical: Hits, *, dense_weight: float = 1.0, lexical_weight: float = 1.0) -> Retrieval:
    """Reciprocal rank fusion: a row scores the sum of weight / (60 + rank) over the lists that it stands in.

    Both lists are (row, score), best first. Ties go to the smaller row.
    """
    scores: dict[int, float] = {}
    for hits, weight in ((dense, dense_weight), (lexical, lexical_weight)):
        for rank, (row, _) in enumerate(hits, start=1):
            scores[row] = scores.get(row, 0.0) + weight / (RANK_OFFSET + rank)
    ordered = dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
    return Retrieval(scores=ordered, best_similarity=dense[0][1] if dense else None)
