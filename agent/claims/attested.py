"""Clauses that one piece of evidence states in other words: comparisons of catalogues that know no names."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent.claims.case import Case, Clause
from agent.claims.claim import ClaimKind, Support
from agent.claims.piece import Kind, Piece
from agent.claims.text import Word, word_list, words_of
from core.evidence import Evidence, EvidenceKind

_KINDS = {
    EvidenceKind.METADATA: ClaimKind.CONTENT,
    EvidenceKind.GRAPH: ClaimKind.SIMILARITY,
    EvidenceKind.CROWD: ClaimKind.CROWD,
    EvidenceKind.REQUEST: ClaimKind.PERSONAL,
}
# The order of words says who does what in the others, so those must be read.
_READ_AS_WORDS = (EvidenceKind.GRAPH,)
# They say nothing by themselves, but not every sentence about others or about what is shared says them.
_TELLING = frozenset("same shares share shared often most many both more".split())


def quoted(text: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """The evidence that a sentence repeats word for word."""
    said = _flat(text)
    return (
        next((piece for piece in evidence if said in (_flat(piece.text), _flat(piece.brief))), None) if said else None
    )


def attest(clause: Clause, case: Case) -> bool:
    """Note a claim where a comparison among the evidence states all that a clause says; False where none does."""
    if any(piece.is_negated for piece in clause.pieces):
        return False
    said = frozenset(_stated(list(clause.pieces)))
    titles = [piece for piece in clause.pieces if piece.kind is Kind.TITLE]
    if not titles or said <= frozenset(_stated(titles)):
        return False
    for piece in case.evidence:
        if piece.kind in _READ_AS_WORDS and (said <= stated_by(piece.text) or said <= stated_by(piece.brief)):
            kind = _KINDS[piece.kind]
            case.add(kind, clause.pieces, Support.SUPPORTED, evidence_ids=(piece.id,))
            return True
    return False


@lru_cache(maxsize=4096)  # the same evidence is asked about for every sentence of a reason
def stated_by(text: str) -> frozenset[str]:
    """What evidence states, as stems and numbers in their places."""
    return frozenset(_stated(words_of(text)))


def kind_of(evidence: Evidence) -> ClaimKind:
    return _KINDS[evidence.kind]


def _stated(words: Sequence[Word] | Sequence[Piece]) -> Iterator[str]:
    """The stem of every word that says something, and each number with the word behind it."""
    flat: list[tuple[str, str]] = []
    for word in words:
        if isinstance(word, Piece) and word.kind in (Kind.TITLE, Kind.PERSON, Kind.CATEGORY):
            flat += [(each.word, each.stem) for each in words_of(word.word)]
        elif word.word[:1].isalnum():
            flat.append((word.word, word.stem))
    for place, (said, stemmed) in enumerate(flat):
        if said[0].isdigit():
            following = flat[place + 1][1] if place + 1 < len(flat) else ""
            yield f"{said} {following}"
        elif said in _TELLING or said not in word_list("neutral"):
            yield stemmed


def _flat(text: str) -> str:
    return " ".join(word.word for word in words_of(text) if word.is_word)
