"""Scales on which items are compared: "older", "too long", "the cheapest", "fewest pages".

The words stand in one table; which of a scale's numbers is meant follows from the catalogue. It reads folded text, and
knows nothing of what was shown.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agent.understand.text import fold
from core.intent import Order
from index.facts import LENGTHS, PRICES, RATINGS, WEIGHTS
from index.order import POPULARITY, RATING, YEAR


@dataclass(frozen=True, slots=True)
class End:
    """One end of a scale: how it is said by itself, in comparison, and as the farthest one, as alternatives."""

    plain: str
    more: str
    most: str


@dataclass(frozen=True, slots=True)
class Scale:
    """`names` are what a catalogue may call the number, the first that it has counting."""

    names: tuple[str, ...]
    low: End
    high: End
    needs_number: bool = False  # its words mean something else where the catalogue has no such number


_SCALES = (
    Scale(
        (YEAR,),
        End("recent|modern|new", "older|earlier|more classic", "oldest|earliest"),
        End("recent|old", "newer|more (?:recent|modern|current)|later ones?|fresher", "newest|latest|most recent"),
    ),
    Scale(
        LENGTHS,
        End("short", "shorter|quicker|thinner", "shortest|thinnest"),
        End("long", "longer|thicker", "longest|thickest"),
    ),
    Scale(
        PRICES,
        End("cheap", "cheaper", "cheapest|most affordable|least expensive|lowest priced?"),
        End(
            "expensive|pricey|dear|costly",
            "more (?:expensive|costly|upmarket)|pricier|dearer",
            "most expensive|priciest|dearest|highest priced?",
        ),
    ),
    Scale(
        WEIGHTS,
        End("light", "lighter", "lightest"),
        End("heavy", "heavier", "heaviest"),
        needs_number=True,
    ),
)
COMPARATIVE = "|".join(end.more for scale in _SCALES for end in (scale.low, scale.high))
# These are put in order and never compared: nobody wants "a less known one than that".
_ORDERS = (
    (
        RATING,
        r"(?:worst|lowest) (?:rated|reviewed|rating)",
        r"(?:best|highest|top) (?:rated|reviewed|rating|ratings)",
    ),
    (
        POPULARITY,
        r"least (?:popular|known|watched|read|sold)|most obscure",
        r"most (?:popular|watched|read|bought|sold|chosen|famous)|best ?(?:known|selling|sellers?)",
    ),
)
_NOT_MORE = r"(?<!not )(?<!no )(?<!any )(?<!nothing )"
_NOT_TOO = r"(?<!not )(?<!nothing )(?<!isnt )(?<!no )(?<!be )"
_PERSON = "brother|sister|son|daughter|child|kid|friend|actor|author|director"
_ENDS = rf"(?! than (?:\d|(?:an?|two|three|one)(?!\w)|the \d)| (?:{_PERSON})s?)(?!\w)"
_CHEAP = (
    r"(?<!not )(?<!too )(?<!so )(?<!that )(?<!nothing )(?<!less )"
    r"(?:cheap|inexpensive|affordable|low ?(?:cost|budget|priced?)|on a (?:small |tight )?budget|"
    r"not (?:too|very) (?:expensive|pricey|dear|costly))(?! looking)"
)


@dataclass(frozen=True, slots=True)
class Move:
    """A wish for less (-1) or more (+1) of "year", or of a number, than something that was shown or named."""

    by: str
    direction: int


class ScaleFinder:
    """Reads comparatives and superlatives for a catalogue whose items have some numbers."""

    def __init__(self, names: Collection[str]) -> None:
        self._moves: list[tuple[Move, re.Pattern[str]]] = []
        self._orders: list[tuple[Order, re.Pattern[str]]] = []
        known = {fold(name): name for name in reversed([*names])}
        for scale in _SCALES:
            by = next((known[name] for name in scale.names if name in known), scale.names[0])
            if scale.needs_number and by not in names:
                continue
            self._learn(by, scale)
        for by, low, high in _ORDERS:
            held = next((known[name] for name in RATINGS if name in known), by) if by == RATING else by
            self._order(held, low, descending=False)
            self._order(held, high, descending=True)
        for name in names:
            word = re.escape(" ".join(re.findall(r"\w+", fold(name))))
            for more, direction in (("(?:fewer|less)", -1), ("more", 1)):
                pattern = re.compile(rf"(?<![\w@~]){_NOT_MORE}{more} {word}{_ENDS}")
                self._moves.append((Move(name, direction), pattern))
            self._order(name, rf"(?:fewest|least|lowest|smallest) {word}", descending=False)
            self._order(name, rf"(?:most|highest|biggest|largest) {word}", descending=True)

    def moves(self, text: str) -> Iterator[tuple[int, int, Move]]:
        """(start, end, move) of the first comparative of each kind."""
        for move, pattern in self._moves:
            if match := pattern.search(text):
                yield match.start(), match.end(), move

    def order(self, text: str) -> tuple[int, int, Order] | None:
        """(start, end, order) of the first superlative."""
        found = [(match.start(), match.end(), order) for order, p in self._orders if (match := p.search(text))]
        return min(found, key=lambda each: each[0]) if found else None

    def _learn(self, by: str, scale: Scale) -> None:
        for end, other, direction in ((scale.low, scale.high, -1), (scale.high, scale.low, 1)):
            too = other.plain if by != YEAR else {-1: "new|recent|modern", 1: "old"}[direction]
            more = rf"{_NOT_MORE}(?:{end.more}|less (?:{too}))"
            pattern = rf"(?<![\w@~])(?:{more}|{_NOT_TOO}too (?:much )?(?:{too})|not (?:so|as|that) (?:{too}))"
            self._moves.append((Move(by, direction), re.compile(rf"{pattern}{_ENDS}")))
            plain = f"|{_CHEAP}" if end.plain == "cheap" else ""
            self._order(by, end.most + plain, descending=direction > 0)

    def _order(self, by: str, words: str, *, descending: bool) -> None:
        # "My oldest" is a child, "at the latest" is a time, and "the most famous actors" are no items.
        spared = r"(?<!\bmy )(?<!\bour )(?<!at the )(?<!not the )"
        pattern = rf"(?<![\w@~]){spared}(?:{words}){_ENDS}"
        self._orders.append((Order(by=by, descending=descending), re.compile(pattern)))
