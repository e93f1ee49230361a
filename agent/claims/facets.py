"""Checks what a clause says of years, numbers, categories and facts against the record of its subject."""

from functools import partial

from agent.claims.amounts import Bound
from agent.claims.case import Case, Clause, add_of_all, support
from agent.claims.catalogue import CatalogueIndex
from agent.claims.claim import ClaimKind, Found, Support
from agent.claims.content import content_holds
from agent.claims.numbers import behind, number_holds
from agent.claims.people import carry_person, check_people
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import root, word_list

_LENGTHS = ("minutes", "pages")
_LONG, _SHORT = {"minutes": 140.0, "pages": 500.0}, {"minutes": 95.0, "pages": 300.0}
# Up to this year a work is old, or a classic; within so many of the catalogue's last ones it is new.
_OLD, _RECENT = 1969, 5
_LONG_WORDS, _SHORT_WORDS = frozenset("long lengthy thick hefty".split()), frozenset("short brief slim thin".split())
_ADJECTIVES = _LONG_WORDS | _SHORT_WORDS | frozenset("old classic recent new modern".split())


def check_facets(clause: Clause, case: Case) -> None:
    """Claims of every open facet of a clause."""
    carry_person(clause, case)
    case.said = list(clause.open(Kind.CATEGORY, Kind.FACT, Kind.PERSON, Kind.YEARS))
    check_people(clause, case)
    for kind, check in _CHECKS.items():
        for piece in list(clause.open(kind)):
            add_of_all(case, clause, [piece], partial(check, piece, clause, case.index))
    _check_adjectives(clause, case)


def category_holds(piece: Piece, _: Clause, __: CatalogueIndex, record: Record) -> Found:
    """Whether an item is of a category; words of its description, and of its facts, count too."""
    kind = ClaimKind.CATEGORY if piece.kind is Kind.CATEGORY else ClaimKind.FACT
    is_category = bool(record.categories.intersection(piece.names)) or _is_a_classic(piece, record)
    facts = [name for name, value in piece.facts if value in record.facts.get(name, ())]
    described = any(form in record.positions for form in (piece.stem, root(piece.stem)))
    fields = ["categories"] * is_category + [f"facts.{name}" for name in facts[:1]] + ["description"] * described
    known = bool(record.categories) if piece.names else any(name in record.facts for name, _ in piece.facts)
    if not piece.is_negated:
        return kind, support(bool(fields), known=known), fields[0] if fields else ""
    return kind, support(not fields and known, known=bool(fields)), "categories" if piece.names else "facts"


def _is_a_classic(piece: Piece, record: Record) -> bool:
    """A classic by its age, in a catalogue that has classics as a category too."""
    return "classics" in piece.names and (record.item.year or _OLD + 1) <= _OLD


def years_hold(piece: Piece, _: Clause, __: CatalogueIndex, record: Record) -> Found:
    """Whether the item is from these years."""
    year = record.item.year
    if year is None:
        return ClaimKind.YEAR, Support.UNSUPPORTED, ""
    holds = piece.first <= year <= piece.last
    if piece.bound is Bound.UNDER:
        holds = year < piece.first
    elif piece.bound is Bound.OVER:
        holds = year > piece.last
    return ClaimKind.YEAR, support(holds is not piece.is_negated, known=True), "year"


def _check_adjectives(clause: Clause, case: Case) -> None:
    """Words such as "long", "short", "classic" and "recent": as the wishes for them are meant."""
    for piece in list(clause.open(Kind.WORD)):
        item, word = clause.subject.item, piece.word
        if piece.stem in clause.subject.positions or _measured(piece, clause):
            continue
        if word in _ADJECTIVES and _of_the_plot(piece, clause):
            continue
        if word in _LONG_WORDS | _SHORT_WORDS:
            length = next(((name, item.numbers[name]) for name in _LENGTHS if name in item.numbers), None)
            if length is None:
                continue
            holds = length[1] >= _LONG[length[0]] if word in _LONG_WORDS else length[1] <= _SHORT[length[0]]
            case.add(
                ClaimKind.NUMBER,
                [piece],
                support(holds is not piece.is_negated, known=True),
                field=f"numbers.{length[0]}",
            )
        elif word in ("old", "classic", "recent", "new", "modern") and item.year is not None:
            newest = case.index.years[1]
            holds = item.year <= _OLD if word in ("old", "classic") else item.year > newest - _RECENT
            case.add(ClaimKind.YEAR, [piece], support(holds is not piece.is_negated, known=True), field="year")


def _of_the_plot(piece: Piece, clause: Clause) -> bool:
    """Whether an adjective stands before a word of the description, as in "a new toy": it says nothing of the item."""
    following = behind(clause, piece, 1)
    if following and following[0].kind is Kind.WORD and following[0].word not in word_list("neutral"):
        piece.is_done = content_holds(following[0], clause.subject)
    return piece.is_done


def _measured(piece: Piece, clause: Clause) -> bool:
    """Whether a number stands before "long", and says how long: then the adjective itself says nothing."""
    before = [each for each in clause.pieces if each.start < piece.start][-2:]
    if any(each.kind is Kind.NUMBER or each.word in ("years", "minutes", "hours", "pages") for each in before):
        piece.is_done = True
    return piece.is_done


_CHECKS = {
    Kind.CATEGORY: category_holds,
    Kind.FACT: category_holds,
    Kind.YEARS: years_hold,
    Kind.NUMBER: number_holds,
}
