"""What one reason is checked against, its clauses, and the claims that were found so far."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from agent.claims.catalogue import CatalogueIndex
from agent.claims.claim import Claim, ClaimKind, Found, Support
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import groups, phrases, word_list
from core.evidence import Evidence
from core.intent import Intent

FACETS = (Kind.CATEGORY, Kind.FACT, Kind.PERSON, Kind.YEARS, Kind.NUMBER)


@dataclass(slots=True)
class Clause:
    """Pieces that speak of one subject; what is said must hold for the `others` too, as in "like Heat, it is …"."""

    pieces: list[Piece]
    sentence: int
    subject: Record
    others: list[Record] = field(default_factory=list)

    def words(self) -> list[str]:
        return [piece.word for piece in self.pieces]

    def open(self, *kinds: Kind) -> Iterator[Piece]:
        """Pieces of these kinds that no claim accounts for yet."""
        return (piece for piece in self.pieces if piece.kind in kinds and not piece.is_done)

    def has(self, *words: str) -> bool:
        return any(piece.word in words for piece in self.pieces if piece.kind is Kind.WORD)

    def claims_something(self) -> bool:
        """Whether any piece is left that says something."""
        return any(True for _ in self.open(*FACETS)) or any(True for _ in content_of(self))


@dataclass(slots=True)
class Case:
    """A reason for one item."""

    index: CatalogueIndex
    record: Record
    evidence: Sequence[Evidence]
    intent: Intent
    history: Sequence[str]
    claims: list[Claim] = field(default_factory=list)
    named: list[Record] = field(default_factory=list)  # the other items of the whole reason, each once
    spoken_of: Record | None = None  # the other item that was named last
    speaks_of_person: bool = False  # the clause before did
    rates: bool = False  # a clause before, of the same sentence, spoke of ratings
    as_asked: bool = False  # "as you asked" was said of the clause to come
    before: Clause | None = None  # the clause before
    denied: Piece | None = None  # the category that was negated last
    said: list[Piece] = field(default_factory=list)  # facets of the clause before, for "and so is this"

    def add(
        self,
        kind: ClaimKind,
        pieces: Sequence[Piece],
        support: Support,
        *,
        evidence_ids: tuple[str, ...] = (),
        field: str = "",
    ) -> None:
        """Note a claim that these pieces make; they are accounted for."""
        for piece in pieces:
            piece.is_done = True
        start, end = min(piece.start for piece in pieces), max(piece.end for piece in pieces)
        self.claims.append(
            Claim(kind=kind, start=start, end=end, support=support, evidence_ids=evidence_ids, field=field)
        )


def content_of(clause: Clause) -> Iterator[Piece]:
    """The words that say something of an item: neither grammar nor filler, and not accounted for."""
    neutral, negators, filler = word_list("neutral"), word_list("negators"), word_list("filler")
    fits = any(word in _FITTING for word in clause.words())
    words, place_of = clause.words(), {id(piece): place for place, piece in enumerate(clause.pieces)}
    dated = any(piece.kind is Kind.YEARS for piece in clause.pieces)
    for piece in clause.open(Kind.WORD):
        says_nothing = piece.word in neutral or piece.word in negators or piece.word in role_words()
        fits_here = fits or words[place_of[id(piece)] + 1 : place_of[id(piece)] + 2] == ["for"]  # "good for the rain"
        says_nothing |= (fits_here and piece.word in filler) or (dated and piece.word in _DATED)
        if not says_nothing:
            yield piece


_IDIOM_LENGTHS = (5, 4, 3, 2)
_CONDITIONS = frozenset("if when whenever".split())
_ARTICLES = frozenset("a an the some something anything".split())
_MODALS = frozenset("might may could will should would can ll youll".split())
_LIKING = frozenset("enjoy like love adore appreciate want".split())
# What was done in a year: "shot in the fifties".
_DATED = frozenset("shot filmed recorded written composed designed screens shelves theatres theaters".split())
_FITTING = frozenset("pick choice match fit option thing try look go".split())


@cache
def role_words() -> frozenset[str]:
    """Words such as "directed": with a name they are a claim about a person, without one they say nothing."""
    return frozenset(phrase[0] for group in groups("roles") for phrase in group) - {"score", "shot"}


def skip_phrases(clause: Clause) -> None:
    """Account for phrases whose words say nothing together, such as "as well" and "you might enjoy"."""
    words = clause.words()
    for place in range(len(words)):
        for length in _IDIOM_LENGTHS:
            if length <= len(words) - place and tuple(words[place : place + length]) in phrases("idioms"):
                _skip(clause.pieces[place : place + length])
                break
    _skip_condition(clause)
    if any(word in _MODALS for word in words) and any(word in ("you", "your") for word in words):
        for piece in clause.open(Kind.WORD):
            piece.is_done |= piece.word in _LIKING


def _skip_condition(clause: Clause) -> None:
    """As in "if you fancy a western": what is said of the person is nothing, what follows is said of the item."""
    words = clause.words()
    for place in range(len(words) - 2):
        if words[place] in _CONDITIONS and words[place + 1] == "you":
            behind = itertools.takewhile(lambda piece: piece.kind is Kind.WORD, clause.pieces[place:])
            for piece in itertools.takewhile(lambda piece: piece.word not in _ARTICLES, behind):
                piece.is_done = True


def _skip(idiom: Sequence[Piece]) -> None:
    for piece in idiom:
        piece.is_done = True
    if [piece.word for piece in idiom] == ["as", "well"]:
        idiom[1].word = "too"


def support(holds: bool, *, known: bool = False) -> Support:
    """What a check found; `known`: the catalogue says otherwise where it doesn't hold."""
    if holds:
        return Support.SUPPORTED
    return Support.CONTRADICTED if known else Support.UNSUPPORTED


def add_of_all(case: Case, clause: Clause, pieces: Sequence[Piece], check: Callable[[Record], Found]) -> None:
    """A claim about the subject, and of what it is compared with, if anything."""
    kind, found, field = check(clause.subject)
    if found is Support.SUPPORTED:
        for other in clause.others:
            _, held, _ = check(other)
            if held is not Support.SUPPORTED:
                kind, found = ClaimKind.SIMILARITY, held
    case.add(kind, pieces, found, field=field if found is Support.SUPPORTED else "")
