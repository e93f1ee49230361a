"""Checks what an item is said to have in common with others: what is the same, what is shared, what it is like."""

from collections.abc import Iterable
from itertools import pairwise

from agent.claims.attested import stated_by
from agent.claims.case import Case, Clause, support
from agent.claims.claim import ClaimKind
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import groups, words_of
from core.evidence import EvidenceKind

_MADE = frozenset("made directed wrote shot designed".split())
_IF_YOU = frozenset([("if", "you"), ("when", "you"), ("whenever", "you")])
_SAME = frozenset("same shares share shared sharing common".split())
_SHARED_FIELDS = {
    "year": "year",
    "genre": "categories",
    "category": "categories",
    "categories": "categories",
    "genres": "categories",
    "kind": "categories",
}


def find_measures(clause: Clause, case: Case) -> None:
    """Note in `others` the items of which all that is said must hold too: "like X", "as X is", "both … and X"."""
    words = clause.words()
    if clause.has("nothing") or (clause.has("same") and not says_same_as(clause)):
        return
    for piece in list(clause.open(Kind.TITLE)):
        if case.record.item.id in piece.item_ids:
            continue
        place = clause.pieces.index(piece)
        before = [word for word in words[max(0, place - 4) : place] if word not in ("the", "a", "just", "much")]
        like = bool(before) and before[-1] in ("like", "as", "resembling", "resembles", "beside")
        similar = before[-2:] in (["similar", "to"], ["close", "to"], ["reminiscent", "of"])
        similar = similar or (
            before[-2:]
            in (["lines", "of"], ["vein", "of"], ["spirit", "of"], ["well", "with"], ["that", "of"], ["fans", "of"])
        )
        joined = {"as", "and", "also"} & set(words)
        similar = similar or (before[-1:] == ["in"] and bool(joined) and bool(list(clause.open(Kind.PERSON))))
        both = "both" in words or "alike" in words
        both = both or any(pair in _IF_YOU for pair in pairwise(words))
        if like or similar or both:
            clause.others.append(case.index.record(piece.item_ids[0]))
            piece.is_done = True
            for each in clause.pieces:
                each.is_done |= each.word in ("same", "vein", "lines", "spirit")
                each.is_done |= each.word in ("similar", "both", "alike", "reminiscent", "resembles", "resembling")


def says_same_as(clause: Clause) -> bool:
    """As in "crime and drama, the same as Heat", which is "like Heat"."""
    return " same as " in f" {' '.join(clause.words())} "


def check_relation(clause: Clause, case: Case) -> None:
    """Claims such as "the same director as X", "shares an actor with X" and "by the director of X"."""
    if "nothing to do with" in " ".join(clause.words()) or "far from" in " ".join(clause.words()):
        for piece in clause.pieces:
            piece.is_done = piece.is_done or piece.kind in (Kind.TITLE, Kind.WORD)
        return
    others = [piece for piece in clause.open(Kind.TITLE) if case.record.item.id not in piece.item_ids]
    same = any(piece.word in _SAME for piece in clause.open(Kind.WORD))
    if not same and not _by_the_maker_of(clause, others):
        if clause.pieces and clause.pieces[0].word == "who":
            _check_made_by_who(clause, others, case)
        return
    other = case.index.record(others[0].item_ids[0]) if others else case.spoken_of
    told = [piece for piece in clause.pieces if piece.kind in (Kind.TITLE, Kind.WORD) and not piece.is_done]
    relations = [piece for piece in told if piece.kind is Kind.WORD and _relation_roles(piece.word, case)]
    fields = [piece for piece in told if piece.word in _SHARED_FIELDS]
    people = list(clause.open(Kind.PERSON))
    if other is None or not told:
        return
    if not relations and not fields and not people:
        held = _attested(clause, case)
        if held or not any(piece.kind in (Kind.CATEGORY, Kind.YEARS) for piece in clause.pieces):
            case.add(ClaimKind.SIMILARITY, told, support(bool(held)), evidence_ids=tuple(held))
        return
    held_ids = _attested(clause, case)
    holds = all(_shares_role(piece.word, clause.subject, other, case) for piece in relations)
    holds = holds and all(_shares_field(_SHARED_FIELDS[piece.word], clause.subject, other) for piece in fields)
    clause.others += [other] if people else []
    evidence_ids = tuple(held_ids)
    case.add(ClaimKind.SIMILARITY, told, support(holds or bool(held_ids)), evidence_ids=evidence_ids)


def _by_the_maker_of(clause: Clause, others: list[Piece]) -> bool:
    """Whether a clause says "the director of X"."""
    if not others:
        return False
    place = clause.pieces.index(others[0])
    if place > 1 and clause.pieces[place - 1].word in _MADE and clause.pieces[place - 2].word in ("who", "that"):
        return True
    return place > 1 and clause.pieces[place - 1].word in ("of", "behind") and clause.has("the", "by", "from")


def _check_made_by_who(clause: Clause, others: list[Piece], case: Case) -> None:
    """As in "…, who made X": the person before it has a part in X."""
    people = [piece for piece in case.said if piece.kind is Kind.PERSON]
    if others and people:
        record = case.index.record(others[0].item_ids[0])
        told = [piece for piece in clause.pieces if piece.kind in (Kind.TITLE, Kind.WORD) and not piece.is_done]
        holds = any(name in record.roles for name in people[-1].names)
        case.add(ClaimKind.PERSON, told, support(holds, known=True), field="people" if holds else "")


def _relation_roles(word: str, case: Case) -> frozenset[str]:
    """The roles of the catalogue that "director" or "actress" stands for."""
    singular = word.removesuffix("s")
    names = {word, singular}
    for group in groups("roles"):
        if any((name,) in group for name in names):
            names |= {group[0][0]}
    roles = frozenset(role for role in case.index.roles if role.casefold() in names)
    return roles or (frozenset([singular]) if singular in _ROLE_NAMES else frozenset())


_ROLE_NAMES = frozenset("director actor author writer designer producer composer illustrator artist".split())


def _shares_role(word: str, record: Record, other: Record, case: Case) -> bool:
    roles = _relation_roles(word, case)
    return any(roles & held and roles & other.roles.get(name, frozenset()) for name, held in record.roles.items())


def _shares_field(field: str, record: Record, other: Record) -> bool:
    if field == "year":
        return record.item.year is not None and record.item.year == other.item.year
    return bool(record.categories & other.categories)


def _attested(clause: Clause, case: Case) -> Iterable[str]:
    """The evidence that states this of the two items: for catalogues that know who, but not by name."""
    words = {piece.stem for piece in clause.pieces if piece.kind is Kind.WORD and _relation_roles(piece.word, case)}
    titles = [piece for piece in clause.pieces if piece.kind is Kind.TITLE]
    if not words or not titles:
        return ()
    names = {word.stem for title in titles for word in words_of(title.word)}
    return [
        piece.id
        for piece in case.evidence
        if piece.kind is EvidenceKind.GRAPH and words | names <= stated_by(piece.text) | {"the"}
    ]


def is_like(record: Record, other: Record) -> bool:
    """Whether two items have anything in common that the catalogue knows."""
    return bool(record.categories & other.categories or record.roles.keys() & other.roles.keys())
