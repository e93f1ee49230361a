"""Checks who a clause says made or played in an item, and in which role."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from agent.claims.case import Case, Clause, add_of_all, support
from agent.claims.catalogue import CatalogueIndex
from agent.claims.claim import ClaimKind, Found
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record

_MAKER_CUES = frozenset(["by", "from"])
# Before "of" and a name, as in "a film of Mann".
_WORKS = frozenset("film movie work book novel picture album record direction pen hand mind one works".split())
_PRONOUNS = frozenset("he she they who".split())
_AUXILIARIES = frozenset("did does didnt doesnt has had never".split())
_PERFORMING = frozenset(["actor", "actress", "performer", "narrator", "voice"])


def carry_person(clause: Clause, case: Case) -> None:
    """Who was named before goes on in "… and wrote it" and "he also wrote it"."""
    before = [piece for piece in case.said if piece.kind is Kind.PERSON]
    words = [word for word in clause.words() if word not in ("and", "but", "also", "both")]
    acts = words and (words[0] in _PRONOUNS or words[0] in case.index.role_cues or words[0] in _AUXILIARIES)
    if not before or not acts or any(piece.kind is Kind.PERSON for piece in clause.pieces):
        return
    cues = [piece for piece in clause.open(Kind.WORD) if piece.word in case.index.role_cues]
    if cues and not any(piece.kind is Kind.TITLE for piece in clause.pieces):
        named = replace(before[-1], is_done=False, is_negated=cues[0].is_negated, start=cues[0].start, end=cues[0].end)
        clause.pieces.insert(0, named)


def check_people(clause: Clause, case: Case) -> None:
    """Each person with the nearest word for a role, and each such word with the nearest person."""
    people = list(clause.open(Kind.PERSON))
    if not people:
        return
    of_word = case.index.role_cues
    cues = [(piece, of_word[piece.word]) for piece in clause.open(Kind.WORD) if piece.word in of_word]
    places = {id(piece): place for place, piece in enumerate(clause.pieces)}

    def distance(one: Piece, other: Piece) -> int:
        return abs(places[id(one)] - places[id(other)])

    asked: dict[int, list[frozenset[str]]] = {id(person): [] for person in people}
    for piece, roles in cues:
        nearest = min(people, key=lambda person: distance(piece, person))
        asked[id(nearest)].append(roles)
    for person in people:
        wanted = asked[id(person)] or [_role_beside(person, people, cues, clause, case.index, distance)]
        add_of_all(case, clause, [person], partial(_person_holds, person, wanted))
    for piece, _ in cues:
        piece.is_done = True


def _person_holds(person: Piece, roles: Sequence[frozenset[str]], record: Record) -> Found:
    """Whether any of the people of that name has each of the roles; no roles: any part in it."""
    matching = [name for name in person.names if name in record.roles]
    held = any(all(not wanted or wanted & record.roles[name] for wanted in roles) for name in matching)
    return ClaimKind.PERSON, support(held is not person.is_negated, known=bool(record.roles)), "people"


def _role_beside(
    person: Piece,
    people: Sequence[Piece],
    cues: Sequence[tuple[Piece, frozenset[str]]],
    clause: Clause,
    index: CatalogueIndex,
    distance: Callable[[Piece, Piece], int],
) -> frozenset[str]:
    """The role of a person who has no cue of their own: that of the one they are joined with, or what "by" says."""
    place = next(number for number, piece in enumerate(clause.pieces) if piece is person)
    before = clause.pieces[place - 1].word if place else ""
    makers = frozenset(role for role in index.roles if role not in _PERFORMING)
    if not any(makers & roles for roles in clause.subject.roles.values()):
        makers = frozenset()  # music is by those who play it
    of_work = before == "of" and place > 1 and clause.pieces[place - 2].word in _WORKS
    if before in _MAKER_CUES or of_work or person.is_possessive:
        return makers
    others = [other for other in people if other is not person]
    if before in ("and", "or") and others and cues:
        joined = min(others, key=lambda other: distance(person, other))
        return min(cues, key=lambda cue: distance(cue[0], joined))[1]
    return frozenset()
