"""Finds every claim of a reason and checks it: against evidence, the item's record, and what the person said.

What can be read (years, people, categories, numbers, comparisons, others' choices, the person's words) is checked for
what it says. Every other word that carries meaning must stand in what the catalogue says of the item, or in a synonym:
so a claim that nobody foresaw is unsupported, not overlooked. English; the names come from the catalogue, whatever it
holds.
"""

import re
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from agent.claims.attested import attest, kind_of, quoted
from agent.claims.case import Case, Clause, skip_phrases, support
from agent.claims.catalogue import CatalogueIndex
from agent.claims.claim import Claim, ClaimKind, Support
from agent.claims.clauses import clauses_of
from agent.claims.comparison import check_comparison
from agent.claims.content import check_content
from agent.claims.crowd import check_crowd
from agent.claims.facets import check_facets
from agent.claims.likeness import check_relation, find_measures, is_like
from agent.claims.personal import check_as_asked, check_personal, mark_as_asked
from agent.claims.piece import Kind, Piece
from agent.claims.pieces import pieces_of
from agent.claims.record import Record
from core.evidence import Evidence, EvidenceKind
from core.intent import Intent, TurnKind
from core.item import ItemTable

_NOBODY = Intent(kind=TurnKind.RECOMMEND)
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?…]*")
# What our evidence calls an item, "wine" in "It is a white wine.": no claim in a catalogue of wines.
_CALLED = re.compile(r"\bit is an? (?:[^.;:]*\s)?(?P<noun>[^\W\d_]+)\.$", re.IGNORECASE)
_checkers: "WeakKeyDictionary[ItemTable, ClaimChecker]" = WeakKeyDictionary()


class ClaimChecker:
    """Checks reasons about the items of one catalogue. Reads only, apart from a cache; safe in several threads."""

    def __init__(self, items: ItemTable) -> None:
        self._index = CatalogueIndex(items)

    @classmethod
    def of(cls, items: ItemTable) -> "ClaimChecker":
        """The checker of a catalogue, made when it is first asked for."""
        if items not in _checkers:
            _checkers[items] = cls(items)
        return _checkers[items]

    def check(
        self,
        reason: str,
        item_id: str,
        evidence: Sequence[Evidence] = (),
        intent: Intent = _NOBODY,
        history: Sequence[str] = (),
    ) -> tuple[Claim, ...]:
        """Every claim of a reason for an item, in the order of the text; none for pure filler.

        `evidence` is the item's; `history` are item ids. Raises KeyError for an item that the catalogue doesn't have.
        """
        case = Case(self._index, self._index.record(item_id), evidence, intent, history)
        for start, end, known in _quotations(reason, evidence):
            case.claims.append(_quotation(start, end, known))
            reason = reason[:start] + " " * (end - start) + reason[end:]
        pieces = pieces_of(reason, self._index, item_id)
        called = _called(evidence)
        for piece in pieces:
            piece.is_done |= piece.kind is Kind.WORD and piece.word in called
        case.named = _named(pieces, case)
        for clause in clauses_of(pieces, case):
            _check(clause, case)
        return tuple(sorted(case.claims, key=lambda claim: (claim.start, claim.end)))


def _called(evidence: Sequence[Evidence]) -> frozenset[str]:
    own = (piece.text for piece in evidence if piece.kind in (EvidenceKind.METADATA, EvidenceKind.REQUEST))
    return frozenset(match["noun"].casefold() for text in own if (match := _CALLED.search(text)))


def _named(pieces: Sequence[Piece], case: Case) -> list[Record]:
    """The other items that a reason names, each once."""
    own = case.record.item.id
    ids = [piece.item_ids[0] for piece in pieces if piece.kind is Kind.TITLE and own not in piece.item_ids]
    return [case.index.record(item_id) for item_id in dict.fromkeys(ids)]


def _quotations(reason: str, evidence: Sequence[Evidence]) -> Iterator[tuple[int, int, Evidence]]:
    """(start, end, evidence) of what a reason repeats word for word, its own sentences apart."""
    taken: list[tuple[int, int]] = []
    for piece in evidence:
        for text in filter(None, (piece.text, piece.brief, *_wish_met(piece))):
            start = reason.find(text)
            if start >= 0 and not any(start < b and a < start + len(text) for a, b in taken):
                taken.append((start, start + len(text)))
                yield start, start + len(text), piece
    for match in _SENTENCE.finditer(reason):
        start, end = match.span()
        if not any(start < b and a < end for a, b in taken) and (known := quoted(match.group(), evidence)):
            yield start, end, known


def _wish_met(piece: Evidence) -> tuple[str, ...]:
    """What comes before the ground in "It suits your wish for something funny: it is a comedy.", or behind it."""
    wish, colon, _ = piece.text.partition(": ")
    return (wish, f"{wish[0].lower()}{wish[1:]}") if colon and piece.kind is EvidenceKind.REQUEST else ()


def _quotation(start: int, end: int, known: Evidence) -> Claim:
    return Claim(kind=kind_of(known), start=start, end=end, support=Support.SUPPORTED, evidence_ids=(known.id,))


def _check(clause: Clause, case: Case) -> None:
    """All claims of one clause; the checks that read most come first."""
    if _answers_itself(clause, case):
        return
    skip_phrases(clause)
    as_asked = mark_as_asked(clause)
    if as_asked and not clause.claims_something():
        if case.before is None or case.before.sentence != clause.sentence or clause.pieces[0].word == "and":
            case.as_asked = True
        else:
            check_as_asked(case.before, case)
        return
    if case.before is None or case.before.sentence != clause.sentence:
        case.speaks_of_person = case.rates = False
    as_asked, case.as_asked, case.before = as_asked or case.as_asked, False, clause
    if as_asked:
        check_as_asked(clause, case)
    elif check_personal(clause, case) or attest(clause, case) or check_crowd(clause, case):
        return
    check_comparison(clause, case)
    find_measures(clause, case)
    check_relation(clause, case)
    count = len(case.claims)
    check_facets(clause, case)
    check_content(clause, case)
    if clause.others and len(case.claims) == count:
        held = all(is_like(clause.subject, other) for other in clause.others)
        case.add(ClaimKind.SIMILARITY, clause.pieces, support(held), field="categories" if held else "")
    case.denied = next(
        (piece for piece in clause.pieces if piece.kind is Kind.CATEGORY and piece.is_negated), case.denied
    )


def _answers_itself(clause: Clause, case: Case) -> bool:
    """As in "… and it has none" and "and so is this": what was said before, of the item."""
    words = clause.words()
    if "none" in words and not clause.claims_something() and case.denied is not None:
        case.denied.is_done = False
        clause.pieces.append(case.denied)
        check_facets(clause, case)
        return True
    if "so" in words[:2] and not clause.claims_something() and case.said and {"is", "was", "does"} & set(words):
        for piece in case.said:
            piece.is_done = False
        clause.pieces.extend(case.said)
        check_facets(clause, case)
        return True
    return False
