"""Checks what is said to be longer, newer or cheaper than other items, by how much, or just as long."""

from dataclasses import dataclass
from itertools import pairwise

from agent.claims.amounts import is_near
from agent.claims.case import Case, Clause, support
from agent.claims.claim import ClaimKind
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import stem, words_of

# What is compared, and whether the item must have more of it (1), less of it (-1) or as much (0).
_COMPARATIVES = {
    "longer": ("length", 1), "shorter": ("length", -1), "newer": ("year", 1), "younger": ("year", 1),
    "older": ("year", -1), "earlier": ("year", -1), "cheaper": ("price", -1), "pricier": ("price", 1),
    "dearer": ("price", 1), "costlier": ("price", 1),
}  # fmt: skip
_ADJECTIVES = {
    "long": ("length", 1), "short": ("length", -1), "recent": ("year", 1), "new": ("year", 1), "old": ("year", -1),
    "expensive": ("price", 1), "costly": ("price", 1), "cheap": ("price", -1),
}  # fmt: skip
_AMOUNTS = {"more": 1, "less": -1, "fewer": -1}
_ORDERS = {"later": 1, "earlier": -1}  # "seven years later"
_RATIOS = {"twice": 2.0, "double": 2.0, "half": 0.5}
_LENGTHS = ("minutes", "pages")
_UNITS = frozenset("year years minute minutes min mins page pages hour hours euros dollars pounds".split())
_COSTS = frozenset(["cost", "costs", "price", "priced"])
# "As long as" is not meant to the minute, but to this share.
_EQUAL = 0.03
_ROUGH = 0.1
_HEDGES = frozenset("nearly almost about roughly around".split())
_THAN = frozenset("than as before after".split())
_BESIDE = frozenset([("next", "to"), ("compared", "to"), ("compared", "with")])
_BESIDE_TITLES = frozenset("the a both either".split())
_REACH = 5


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`place` is the comparative's; the attribute is "length", "year", "price" or a name of numbers, "" for another."""

    place: int
    attribute: str
    direction: int
    is_negated: bool | None = None  # None: as the comparative is


@dataclass(frozen=True, slots=True)
class _Ratio:
    """As in "twice as long"; `slack` is the share by which it may be off."""

    value: float
    slack: float


def check_comparison(clause: Clause, case: Case) -> bool:
    """A claim for each comparative: "longer than X", "and shorter"; False where the clause compares nothing."""
    place = 0
    while found := _found(clause, place):
        _check(clause, case, found)
        place = found.place + 1
    return place > 0


def _check(clause: Clause, case: Case, found: _Comparison) -> None:
    others, titles = _others(clause, case, found)
    if not others:
        return
    told = [*clause.pieces[max(0, found.place - _REACH) : found.place + 2], *titles]
    told = [piece for piece in told if not piece.is_done and piece.kind in (Kind.WORD, Kind.TITLE, Kind.NUMBER)]
    amount = _amount(clause, found)
    told += [amount] if isinstance(amount, Piece) and amount not in told else []
    told = told or [clause.pieces[found.place]]  # "shorter, as you asked": that was said, but is it shorter?
    own, name = clause.subject, found.attribute
    pairs = [(_value(name, own, each), _value(name, each, own)) for each in others]
    known = all(None not in pair for pair in pairs)
    negated = clause.pieces[found.place].is_negated if found.is_negated is None else found.is_negated
    holds = known and all(_holds(one or 0, its or 0, found, amount) is not negated for one, its in pairs)
    case.add(ClaimKind.COMPARISON, told, support(holds, known=known), field=found.attribute if holds else "")


def _found(clause: Clause, start: int) -> _Comparison | None:
    """The next comparative of a clause; of "more" and "less" what they are of."""
    words = clause.words()
    for place, word in enumerate(words):
        if place < start:
            continue
        behind = words[place + 1 : place + 4]
        if word in _COMPARATIVES:
            return _Comparison(place, *_COMPARATIVES[word])
        if word in _ORDERS and place and words[place - 1] in ("years", "year"):
            return _Comparison(place, "year", _ORDERS[word])
        if word in _AMOUNTS and "than" in words[place + 1 : place + _REACH]:
            return _of_amount(place, words, _AMOUNTS[word])
        if word in ("as", "so") and behind[1:2] == ["as"] and behind[0] in _ADJECTIVES:
            attribute, sign = _ADJECTIVES[behind[0]]
            negated = clause.pieces[place].is_negated  # "not as long as" is shorter
            return _Comparison(place, attribute, -sign if negated else 0, is_negated=False)
        if word == "as" and behind[1:2] == ["as"] and behind[0] == "much" and _COSTS & set(words):
            return _Comparison(place, "price", 0)
        if (
            word in ("before", "after")
            and clause.pieces[place + 1 : place + 2]
            and (clause.pieces[place + 1].kind is Kind.TITLE)
        ):
            return _Comparison(place, "year", 1 if word == "after" else -1)
        if word == "than" and place > start and clause.pieces[place - 1].kind is Kind.WORD:
            return _Comparison(place - 1, "", 1)
    return None


def _of_amount(place: int, words: list[str], direction: int) -> _Comparison:
    """As in "more recent than", "less expensive than", "costs more than" and "more pages than"."""
    of = words[place + 1 : words.index("than", place)]
    if of and of[-1] in _ADJECTIVES:
        attribute, sign = _ADJECTIVES[of[-1]]
        return _Comparison(place, attribute, direction * sign)
    if not of and _COSTS & set(words):
        return _Comparison(place, "price", direction)
    return _Comparison(place, of[-1] if of else "", direction)


def _others(clause: Clause, case: Case, found: _Comparison) -> tuple[list[Record], list[Piece]]:
    """What an item is compared with: the titles behind the comparative, or else the one other item of the reason."""
    own = case.record.item.id
    words = clause.words()
    if clause.subject is not case.record:
        return [case.record], []
    titles = [piece for piece in clause.pieces[found.place :] if piece.kind is Kind.TITLE and own not in piece.item_ids]
    between = words[found.place : clause.pieces.index(titles[0])] if titles else []
    while between and between[-1] in _BESIDE_TITLES:
        between.pop()
    if not between or (between[-1] not in _THAN and tuple(between[-2:]) not in _BESIDE):
        titles = []
    if titles:
        return [case.index.record(title.item_ids[0]) for title in titles if not title.is_done], titles
    if "than" in words[found.place :] or not found.attribute or len(case.named) != 1:
        return [], []
    return list(case.named), []


def _amount(clause: Clause, found: _Comparison) -> Piece | _Ratio | None:
    """By how much: "twenty minutes shorter", "a year older", "twice as long"; None where it isn't said."""
    before = clause.pieces[max(0, found.place - 3) : found.place]
    words = [piece.word for piece in before]
    if words and words[-1] in _RATIOS and not found.direction:
        hedged = bool(_HEDGES & set(words))
        return _Ratio(_RATIOS[words[-1]], _ROUGH if hedged else _EQUAL)
    numbers = [piece for piece in before if piece.kind is Kind.NUMBER]
    if numbers and all(piece.word in _UNITS for piece in before[before.index(numbers[-1]) + 1 :]):
        return numbers[-1]
    for by, piece in pairwise(clause.pieces[found.place :]):
        if by.word == "by" and piece.kind is Kind.NUMBER:  # "cheaper than X by 60"
            return piece
    if words[-2:] in (["a", "year"], ["one", "year"]):
        return Piece(Kind.NUMBER, before[-2].start, before[-1].end, "a year", "year", first=1.0, is_done=True)
    return None


def _holds(own: float, its: float, found: _Comparison, amount: Piece | _Ratio | None) -> bool:
    if isinstance(amount, _Ratio):
        return abs(own - amount.value * its) <= amount.slack * amount.value * its
    if not found.direction:
        return own == its if found.attribute == "year" else abs(own - its) <= _EQUAL * its
    more = (own - its) * found.direction
    if isinstance(amount, Piece):
        return is_near(more, amount.first, amount.bound, 3.0 if amount.unit == "hours" else 1e-9)
    return more > 0


def _value(name: str, record: Record, other: Record) -> float | None:
    """An item's value of an attribute, in the unit that the other one has too."""
    numbers = record.item.numbers
    if name == "year":
        return float(record.item.year) if record.item.year else None
    if name == "length":
        shared = next((unit for unit in _LENGTHS if unit in numbers and unit in other.item.numbers), None)
        return numbers[shared] if shared else None
    if not name:
        return None
    return next((value for key, value in numbers.items() if stem(name) in {word.stem for word in words_of(key)}), None)
