"""A reason composed from evidence, word for word: what stands in for a reason of the model that nothing supports."""

from collections.abc import Sequence

from agent.claims import adds_to
from core.evidence import Evidence

SENTENCES = 2
# Evidence below it, such as a poor rating, is worth knowing but speaks for nothing.
LEAST_SCORE = 0.1


def reason_from_evidence(evidence: Sequence[Evidence]) -> tuple[str, tuple[str, ...]]:
    """The best pieces of evidence of different kinds, none of which repeats the ones before it, and their ids."""
    chosen: list[Evidence] = []
    said = ""
    for piece in sorted(evidence, key=lambda piece: -piece.score):
        if chosen and piece.score < LEAST_SCORE:
            break
        if piece.kind not in {other.kind for other in chosen} and (not said or adds_to(said, piece.text)):
            chosen.append(piece)
            said = f"{said} {piece.text}".strip()
        if len(chosen) == SENTENCES:
            break
    return said, tuple(piece.id for piece in chosen)
