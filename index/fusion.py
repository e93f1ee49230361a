"""Joins dense and lexical hits into one ranking, and notices when nothing in the catalogue is near the words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Hits = Sequence[tuple[int, float]]

# The usual constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): large enough that the first few
# places of one list can't outvote agreement of both.
RANK_OFFSET = 60
# Set by MiniLM on MovieLens-100K. One film can be near by accident (*Fried Green Tomatoes* at 0.39 to "organic
# fertiliser for tomatoes"), ten hardly can. Of 60 queries that the catalogue can answer ("dinosaurs"), 1 is called
# weak, and of 60 that it can't ("car insurance quote") 55 are; by the nearest alone it would be 0 and
# 47. Words that name one item need no others like it: from a sure similarity on nothing is weak. The queries are in
# `tests/index/queries.py`.
WEAK_SIMILARITY = 0.3  # of the nearest, where there are not ten
WEAK_MEAN = 0.26
SURE_SIMILARITY = 0.45
NEAREST = 10


@dataclass(frozen=True)
class Retrieval:
    """Rows with their fused scores, highest first, and the similarities of the nearest embeddings."""

    scores: dict[int, float] = field(default_factory=dict, repr=False)
    best_similarity: float | None = None  # None: no embedding was searched for
    mean_similarity: float | None = None  # of the ten nearest; None: there are not ten

    @property
    def confidence(self) -> float:
        """How much the ranking can be relied on, in [0, 1]; words alone are taken at their word."""
        if self.best_similarity is None:
            return 1.0
        nothing = 2 * WEAK_SIMILARITY - SURE_SIMILARITY  # so that a weak similarity is worth a half
        confidence = min(1.0, max(0.0, (self.best_similarity - nothing) / (SURE_SIMILARITY - nothing)))
        return min(0.5, confidence) if self.is_weak else confidence

    @property
    def is_weak(self) -> bool:
        """Whether what is nearest is far from the words."""
        if self.best_similarity is None or self.best_similarity >= SURE_SIMILARITY:
            return False
        if self.mean_similarity is None:
            return self.best_similarity < WEAK_SIMILARITY
        return self.mean_similarity < WEAK_MEAN


def fuse(dense: Hits, lexical: Hits, *, dense_weight: float = 1.0, lexical_weight: float = 1.0) -> Retrieval:
    """Reciprocal rank fusion: a row scores the sum of weight / (60 + rank) over the lists that it stands in.

    Both lists are (row, score), best first. Ties go to the smaller row.
    """
    scores: dict[int, float] = {}
    for hits, weight in ((dense, dense_weight), (lexical, lexical_weight)):
        for rank, (row, _) in enumerate(hits, start=1):
            scores[row] = scores.get(row, 0.0) + weight / (RANK_OFFSET + rank)
    ordered = dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
    similarities = [similarity for _, similarity in dense[:NEAREST]]
    return Retrieval(
        scores=ordered,
        best_similarity=similarities[0] if similarities else None,
        mean_similarity=sum(similarities) / NEAREST if len(similarities) == NEAREST else None,
    )
