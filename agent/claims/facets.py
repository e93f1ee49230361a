"""Checks what a clause says of years, numbers, people, categories and facts against the record of its subject."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial

from agent.claims.amounts import Bound
from agent.claims.case import Case, Clause, support
from agent.claims.catalogue import CatalogueIndex, forms_of
from agent.claims.claim import ClaimKind, Support
from agent.claims.numbers import Found, behind, number_holds
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import groups, root, word_list

_LENGTHS = ("minutes", "pages")
_LONG, _SHORT = {"minutes": 140.0, "pages": 500.0}, {"minutes": 95.0, "pages": 300.0}
# Up to this year a work is old, or a classic; within so many of the catalogue's last ones it is new.
_OLD, _RECENT = 1969, 5
_MAKER_CUES = frozenset(["by", "from"])
# Before "of" and a name, as in "a film of Mann".
_WORKS = frozenset("film movie work book novel picture album record direction pen hand mind one works".split())
_LONG_WORDS, _SHORT_WORDS = frozenset("long lengthy thick hefty".split()), frozenset("short brief slim thin".split())
_ADJECTIVES = _LONG_WORDS | _SHORT_WORDS | frozenset("old classic recent new modern".split())
_PRONOUNS = frozenset("he she they who".split())
_AUXILIARIES = frozenset("did does didnt doesnt has had never".split())
_PERFORMING = frozenset(["actor", "actress", "performer", "narrator", "voice"])


def check_facets(clause: Clause, case: Case) -> None:
    """Claims of every open facet of a clause."""
    _carry_person(clause, case)
    case.said = list(clause.open(Kind.CATEGORY, Kind.FACT, Kind.PERSON, Kind.YEARS))
    _check_people(clause, case)
    for kind, check in _CHECKS.items():
        for piece in list(clause.open(kind)):
            _add(case, clause, [piece], partial(_checked, check, piece, clause, case.index))
    _check_adjectives(clause, case)


def _carry_person(clause: Clause, case: Case) -> None:
    """Who was named before goes on in "… and wrote it" and "he also wrote it"."""
    before = [piece for piece in case.said if piece.kind is Kind.PERSON]
    words = [word for word in clause.words() if word not in ("and", "but", "also", "both")]
    acts = words and (words[0] in _PRONOUNS or words[0] in _role_cues(case.index) or words[0] in _AUXILIARIES)
    if not before or not acts or any(piece.kind is Kind.PERSON for piece in clause.pieces):
        return
    cues = [piece for piece in clause.open(Kind.WORD) if _roles_of(piece, case.index)]
    if cues and not any(piece.kind is Kind.TITLE for piece in clause.pieces):
        named = replace(before[-1], is_done=False, is_negated=cues[0].is_negated, start=cues[0].start, end=cues[0].end)
        clause.pieces.insert(0, named)


def _checked(
    check: Callable[[Piece, Clause, Record, CatalogueIndex], Found],
    piece: Piece,
    clause: Clause,
    index: CatalogueIndex,
    record: Record,
) -> Found:
    return check(piece, clause, record, index)


def _add(case: Case, clause: Clause, pieces: Sequence[Piece], check: Callable[[Record], Found]) -> None:
    """A claim about the subject, and of what it is compared with, if anything."""
    kind, found, field = check(clause.subject)
    if found is Support.SUPPORTED:
        for other in clause.others:
            _, held, _ = check(other)
            if held is not Support.SUPPORTED:
                kind, found = ClaimKind.SIMILARITY, held
    case.add(kind, pieces, found, field=field if found is Support.SUPPORTED else "")


def category_holds(piece: Piece, _: Clause, record: Record, __: CatalogueIndex) -> Found:
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


def years_hold(piece: Piece, _: Clause, record: Record, __: CatalogueIndex) -> Found:
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


def _check_people(clause: Clause, case: Case) -> None:
    """Each person with the nearest word for a role, and each such word with the nearest person."""
    people = list(clause.open(Kind.PERSON))
    if not people:
        return
    cues = [(piece, roles) for piece in clause.open(Kind.WORD) if (roles := _roles_of(piece, case.index))]
    places = {id(piece): place for place, piece in enumerate(clause.pieces)}

    def distance(one: Piece, other: Piece) -> int:
        return abs(places[id(one)] - places[id(other)])

    asked: dict[int, list[frozenset[str]]] = {id(person): [] for person in people}
    for piece, roles in cues:
        nearest = min(people, key=lambda person: distance(piece, person))
        asked[id(nearest)].append(roles)
    for person in people:
        wanted = asked[id(person)] or [_role_beside(person, people, cues, clause, case.index, distance)]
        _add(case, clause, [person], partial(_person_holds, person, wanted))
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


def _roles_of(piece: Piece, index: CatalogueIndex) -> frozenset[str]:
    """The roles of the catalogue that a word stands for."""
    return _role_cues(index).get(piece.word, frozenset())


def _role_cues(index: CatalogueIndex) -> dict[str, frozenset[str]]:
    if not index.role_cues:
        cues: dict[str, set[str]] = {}
        for role in index.roles:
            for group in groups("roles"):
                if (role.casefold(),) in group:
                    for phrase in group:
                        cues.setdefault(phrase[0], set()).add(role)
            cues.setdefault(role.casefold(), set()).add(role)
            cues.setdefault(f"{role.casefold()}s", set()).add(role)
        index.role_cues.update({word: frozenset(roles) for word, roles in cues.items()})
    return index.role_cues


def content_holds(piece: Piece, record: Record) -> bool:
    """Whether the item's text says this word, or one that means the same, with or without a "not" as here."""
    forms = forms_of(piece.stem)
    places = {place for form in forms for place in record.positions.get(form, ())}
    if places:
        return any((place in record.negated) is piece.is_negated for place in places)
    stated = record.stated - record.titled if (piece.word,) in kind_words() else record.stated
    return not piece.is_negated and bool(forms & stated)


@cache
def kind_words() -> frozenset[tuple[str, ...]]:
    """Words for kinds of items: in a title they say nothing of the item's kind, as in "Kind of Blue"."""
    return frozenset(phrase for group in groups("categories") for phrase in group)


_CHECKS = {
    Kind.CATEGORY: category_holds,
    Kind.FACT: category_holds,
    Kind.YEARS: years_hold,
    Kind.NUMBER: number_holds,
}
