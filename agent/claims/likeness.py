"""Checks comparisons with other items: what is the same, what is shared, and what is longer, newer or cheaper."""

from collections.abc import Iterable

from agent.claims.attested import stated_by
from agent.claims.case import Case, Clause, support
from agent.claims.claim import ClaimKind
from agent.claims.pieces import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import groups, stem, words_of
from core.evidence import EvidenceKind

# What is compared: the attribute, and whether the item must have more of it.
_MORE = {
    "longer": ("length", True), "shorter": ("length", False), "newer": ("year", True), "older": ("year", False),
    "cheaper": ("price", False), "pricier": ("price", True), "dearer": ("price", True),
}  # fmt: skip
_LENGTHS = ("minutes", "pages")
_SHARED_FIELDS = {
    "year": "year",
    "genre": "categories",
    "category": "categories",
    "categories": "categories",
    "genres": "categories",
    "kind": "categories",
}


def check_comparison(clause: Clause, case: Case) -> bool:
    """A claim such as "longer than X"; False where the clause compares nothing. It accounts for the comparison."""
    words = clause.words()
    title = next((piece for piece in clause.open(Kind.TITLE) if case.record.item.id not in piece.item_ids), None)
    if title is None:
        return False
    place = clause.pieces.index(title)
    before = words[max(0, place - 5) : place]
    while before and before[-1] in ("the", "a"):
        before.pop()
    if not before or before[-1] not in ("than", "before", "after"):
        return False
    attribute = _attribute(before, words)
    other = case.index.record(title.item_ids[0])
    start = max(0, place - 5)
    told = [piece for piece in clause.pieces[start : place + 1] if not piece.is_done]
    if attribute is None:
        case.add(ClaimKind.COMPARISON, told, support(False))
        return True
    name, more = attribute
    own, its = _value(name, clause.subject, other), _value(name, other, clause.subject)
    known = own is not None and its is not None
    negated = title.is_negated
    holds = own is not None and its is not None and ((own > its if more else own < its) is not negated)
    case.add(ClaimKind.COMPARISON, told, support(holds, known=known), field=name if holds else "")
    return True


def _attribute(before: list[str], words: list[str]) -> tuple[str, bool] | None:
    if before[-1] in ("before", "after"):
        return "year", before[-1] == "after"
    compared = before[-2] if len(before) > 1 else ""
    if compared in _MORE:
        return _MORE[compared]
    for word, more in (("more", True), ("less", False), ("fewer", False)):
        if word in before:
            behind = before[before.index(word) + 1 : -1]
            if behind == ["recent"]:
                return "year", more
            if behind == ["expensive"] or "costs" in words or "cost" in words:
                return "price", more
            return (behind[-1], more) if behind else None
    comparative = next((word for word in before if word in _MORE), None)
    return _MORE[comparative] if comparative else None


def _value(name: str, record: Record, other: Record) -> float | None:
    """An item's value of an attribute, in the unit that the other one has too."""
    numbers = record.item.numbers
    if name == "year":
        return float(record.item.year) if record.item.year else None
    if name == "length":
        shared = next((unit for unit in _LENGTHS if unit in numbers and unit in other.item.numbers), None)
        return numbers[shared] if shared else None
    return next((value for key, value in numbers.items() if stem(name) in {word.stem for word in words_of(key)}), None)


def find_measures(clause: Clause, case: Case) -> None:
    """Note in `others` the items of which all that is said must hold too: "like X", "as X is", "both … and X"."""
    words = clause.words()
    if clause.has("same", "nothing"):
        return
    for piece in list(clause.open(Kind.TITLE)):
        if case.record.item.id in piece.item_ids:
            continue
        place = clause.pieces.index(piece)
        before = [word for word in words[max(0, place - 4) : place] if word not in ("the", "a", "just", "much")]
        like = bool(before) and before[-1] in ("like", "as", "resembling", "resembles", "beside")
        similar = before[-2:] in (["similar", "to"], ["close", "to"], ["reminiscent", "of"])
        similar = similar or (before[-1:] == ["in"] and "as" in words and bool(list(clause.open(Kind.PERSON))))
        both = "both" in words or "alike" in words
        if like or similar or both:
            clause.others.append(case.index.record(piece.item_ids[0]))
            piece.is_done = True
            for each in clause.pieces:
                each.is_done |= each.word in ("similar", "both", "alike", "reminiscent", "resembles", "resembling")


def check_relation(clause: Clause, case: Case) -> None:
    """Claims such as "the same director as X", "shares an actor with X" and "by the director of X"."""
    if "nothing to do with" in " ".join(clause.words()) or "far from" in " ".join(clause.words()):
        for piece in clause.pieces:
            piece.is_done = piece.is_done or piece.kind in (Kind.TITLE, Kind.WORD)
        return
    others = [piece for piece in clause.open(Kind.TITLE) if case.record.item.id not in piece.item_ids]
    same = clause.has("same", "shares", "share", "shared", "sharing", "common")
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
