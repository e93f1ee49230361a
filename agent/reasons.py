"""A reason composed from evidence, word for word: what stands in for a reason of the model that nothing supports."""

from collections.abc import Sequence

from core.evidence import Evidence

SENTENCES = 2


def reason_from_evidence(evidence: Sequence[Evidence]) -> tuple[str, tuple[str, ...]]:
    """The best pieces of evidence, of different kinds where there are such, and their ids."""
    chosen: list[Evidence] = []
    for piece in sorted(evidence, key=lambda piece: -piece.score):
        if len(chosen) < SENTENCES and piece.kind not in {other.kind for other in chosen}:
            chosen.append(piece)
    return " ".join(piece.text for piece in chosen), tuple(piece.id for piece in chosen)
