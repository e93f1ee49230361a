"""Checks numbers: of the quantities that the catalogue gives, and of what the description counts."""

from agent.claims.amounts import is_near
from agent.claims.case import Clause, support
from agent.claims.catalogue import CatalogueIndex, forms_of
from agent.claims.claim import ClaimKind, Found, Support
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import root, stem, word_list, words_of

# "Two hours" are not meant to the minute.
_HOURS = 6.0
_PRICE_WORDS = frozenset("cost costs price priced pay paid yours worth $ € £ dollars euros pounds asks".split())
# Who may be counted without being named.
_ANYONE = frozenset("people persons men women heroes characters of".split())


def number_holds(piece: Piece, clause: Clause, index: CatalogueIndex, record: Record) -> Found:
    """Whether a number is one of the item: of the named quantity, of counted things of its text, or any at all."""
    names = _quantities(piece, clause, index)
    numbers = record.item.numbers
    if names:
        known = [name for name in names if name in numbers]
        held = [name for name in known if _is_near(numbers[name], piece) is not piece.is_negated]
        return ClaimKind.NUMBER, support(bool(held), known=bool(known)), f"numbers.{held[0]}" if held else ""
    if counted := _counted(piece, clause):
        held_text = _counts(record, piece.first, counted)
        held_text = held_text or _are_different(record, piece.first, counted)
        if held_text or any(form in record.positions for form in (counted.stem, root(counted.stem))):
            return ClaimKind.CONTENT, support(held_text, known=True), "description"
        if counted.word not in word_list("neutral") and counted.kind is Kind.WORD:
            return ClaimKind.NUMBER, Support.UNSUPPORTED, ""  # "40 languages": nobody counted them
    held = [name for name, value in numbers.items() if _is_near(value, piece)]
    return ClaimKind.NUMBER, support(bool(held)), f"numbers.{held[0]}" if held else ""


def _quantities(piece: Piece, clause: Clause, index: CatalogueIndex) -> list[str]:
    """The names of the catalogue's numbers that a number may stand for by its unit."""
    if piece.unit:
        return ["minutes"]
    following = behind(clause, piece, 2)
    if following and following[0].word in ("min", "mins", "minute", "minutes"):
        following[0].is_done = True
        return ["minutes"]
    for other in following:
        named = [name for name in index.numbers if other.stem in {stem(word.word) for word in words_of(name)}]
        if named:
            other.is_done = True
            return named
    before = [each for each in clause.pieces if each.start < piece.start][-3:]
    if any(each.word in _PRICE_WORDS or each.stem == "cost" for each in (*before, *following)):
        return [name for name in index.numbers if "price" in name or "cost" in name] or ["price"]
    return []


def _is_near(value: float, piece: Piece) -> bool:
    return is_near(value, piece.first, piece.bound, _HOURS if piece.unit == "hours" else 1e-9)


def behind(clause: Clause, piece: Piece, most: int) -> list[Piece]:
    return [each for each in clause.pieces if each.start > piece.start][:most]


def _counted(piece: Piece, clause: Clause) -> Piece | None:
    """What a number of the text counts: the next word that is no adjective of the description alone."""
    following = [each for each in behind(clause, piece, 2) if each.kind in (Kind.WORD, Kind.CATEGORY)]
    if following and following[-1].word.endswith("s"):
        return following[-1]
    return following[0] if following else None


def _counts(record: Record, value: float, counted: Piece) -> bool:
    places = _places(record, counted)
    anyone = counted.word in _ANYONE
    return any(
        number == value and (anyone or any(0 <= place - at <= 3 for place in places)) for at, number in record.numbers
    )


def _are_different(record: Record, value: float, counted: Piece) -> bool:
    """Whether the text names that many of a kind by different words: "two lawmen" of a detective and a sheriff."""
    said = {place for place in _places(record, counted) if place not in record.negated}
    return value > 1 and len({record.stem_at(place) for place in said}) == value


def _places(record: Record, counted: Piece) -> set[int]:
    """Where the description has what is counted, or what says the same."""
    return {place for form in forms_of(counted.stem) for place in record.positions.get(form, ())}
