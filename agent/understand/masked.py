"""A message with its titles, people and references replaced by marks, so that rules read the sentence around them.

"I loved Heat but not with Al Pacino" becomes "i loved @0 but not with ~0". An item mark stands for any number of items,
none when a title is unknown. Rules work on `text`: folded words and punctuation with one space between all of them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.understand.languages import to_english
from agent.understand.number_words import spelled
from agent.understand.text import Token, shorthand, tokenize

ITEM = r"@\d+"
PERSON = r"~\d+"
# A question that hangs on a statement by a comma is a sentence of its own: "seen it, who made it?".
_SENTENCE = re.compile(r"(?: , )?(?:(?! , (?:who|whos|what|whats|when|how|why) )[^.!?;\n])+[.!?;]*")
_DECADE_OF = frozenset(["annees", "anos", "anni", "jaren"])  # years, before a number: "les années 80"


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, punctuation mark or mark of the masked text, and the original text `[start:end]` that it stands for."""

    word: str
    start: int
    end: int


@dataclass(slots=True)
class Masked:
    """A message whose pieces can be replaced by marks."""

    original: str
    pieces: list[Piece]
    items: list[tuple[str, ...]] = field(default_factory=list)  # item ids by mark
    referred: set[int] = field(default_factory=set)  # marks that stand for references ("the second one")
    unknown: dict[int, str] = field(default_factory=dict)  # titles by mark that no item has
    people: list[str] = field(default_factory=list)
    # A fact's name and values by the number of its mark; it stands in a text as a name does.
    facts: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    goods: list[str] = field(default_factory=list)  # names of kinds that are asked for, though items have them too
    language: str | None = None  # another one than English, where the words beside titles are of it

    @classmethod
    def of(cls, text: str) -> "Masked":
        tokens = tokenize(text)
        # The hyphen of "sci-fi" parts words as a space does; one between spaces is a pause.
        hyphens = {
            place
            for place in range(1, len(tokens) - 1)
            if tokens[place].text in "-‐‑"
            and tokens[place - 1].end == tokens[place].start
            and tokens[place].end == tokens[place + 1].start
            and tokens[place - 1].is_word
            and tokens[place + 1].is_word
        }
        pieces = [Piece(_spoken(t), t.start, t.end) for place, t in enumerate(tokens) if place not in hyphens]
        return cls(text, _in_digits(_with_decimals(pieces)))

    @property
    def text(self) -> str:
        return " ".join(piece.word for piece in self.pieces)

    def place(self, offset: int) -> int:
        """The piece that a character of `text` belongs to."""
        return self.text.count(" ", 0, offset)

    def original_of(self, first: int, last: int) -> str:
        """The original text of pieces first..last, both included."""
        return self.original[self.pieces[first].start : self.pieces[last].end]

    def mask_item(
        self, first: int, last: int, ids: Sequence[str], *, referred: bool = False, unknown: str = ""
    ) -> None:
        """Replace pieces first..last by a mark for items."""
        number = len(self.items)
        self.items.append(tuple(ids))
        if referred:
            self.referred.add(number)
        if unknown:
            self.unknown[number] = unknown
        self._replace(first, last, f"@{number}")

    def translate(self, language: str, keeps: Callable[[str], bool]) -> None:
        """Replace words of another language by the English ones, but those that `keeps` is true of.

        "Années 80" and "80er" become the decade that English calls "80s".
        """
        result: list[Piece] = []
        for before, piece in zip(["", *(each.word for each in self.pieces)], self.pieces, strict=False):
            word = piece.word if keeps(piece.word) else to_english(piece.word, language, before)
            number = re.fullmatch(r"(\d0)(ern?)?", word)
            if number and (number[2] or (result and result[-1].word in _DECADE_OF)):
                start = piece.start if number[2] else result.pop().start
                result.append(Piece(f"{number[1]}s", start, piece.end))
            else:
                result.append(Piece(word, piece.start, piece.end))
        self.pieces = result

    def mask_person(self, first: int, last: int, name: str) -> None:
        """Replace pieces first..last by a mark for a person."""
        self.people.append(name)
        self._replace(first, last, f"~{len(self.people) - 1}")

    def mask_people(self, first: int, last: int, names: Sequence[str]) -> None:
        """Replace pieces first..last by a mark for each of several people, joined by "and"."""
        numbers = range(len(self.people), len(self.people) + len(names))
        self.people.extend(names)
        start, end = self.pieces[first].start, self.pieces[last].end
        words = " and ".join(f"~{number}" for number in numbers).split()
        self.pieces[first : last + 1] = [Piece(word, start, end) for word in words]

    def mask_fact(self, first: int, last: int, name: str, values: tuple[str, ...]) -> None:
        """Replace pieces first..last by a mark for values of a fact."""
        self.facts[len(self.people)] = (name, values)
        self.mask_person(first, last, self.original_of(first, last))

    def mask_span(self, start: int, end: int, item_id: str | None) -> None:
        """Replace the pieces within `original[start:end]` by a mark for an item; None is an unknown title."""
        covered = [place for place, piece in enumerate(self.pieces) if piece.start < end and start < piece.end]
        if not covered:
            return
        if item_id is None:
            self.mask_item(covered[0], covered[-1], (), unknown=self.original[start:end])
        else:
            self.mask_item(covered[0], covered[-1], (item_id,))

    def _replace(self, first: int, last: int, mark: str) -> None:
        self.pieces[first : last + 1] = [Piece(mark, self.pieces[first].start, self.pieces[last].end)]


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a masked text."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def _with_decimals(pieces: list[Piece]) -> list[Piece]:
    """The pieces with numbers such as "12.50" and "1,200" as one piece each, written "12,50" and "1200".

    A full stop in them would end their sentence.
    """
    result: list[Piece] = []
    for piece in pieces:
        if len(result) > 1 and _is_decimal(result[-2], result[-1], piece):
            sign, whole = result.pop(), result.pop()
            joint = "" if re.match(r"\d{3}(?!\d)", piece.word) else sign.word.replace(".", ",")
            piece = Piece(f"{whole.word}{joint}{piece.word}", whole.start, piece.end)
        result.append(piece)
    return result


def _is_decimal(whole: Piece, sign: Piece, rest: Piece) -> bool:
    is_number = whole.word.isdigit() and sign.word in {".", ","} and rest.word[0].isdigit()
    return is_number and whole.end == sign.start and sign.end == rest.start


def _in_digits(pieces: list[Piece]) -> list[Piece]:
    """The pieces with numbers that are written out as one piece each."""
    words = [piece.word for piece in pieces]
    result: list[Piece] = []
    place = 0
    while place < len(pieces):
        size, word = spelled(words, place)
        last = pieces[place + max(size, 1) - 1]
        result.append(Piece(word or last.word, pieces[place].start, last.end))
        place += max(size, 1)
    return result


def _spoken(token: Token) -> str:
    """Marks are ours alone: the person's own "@" and "~" become dashes."""
    return "-" if token.text in {"@", "~"} else shorthand().get(token.word, token.word)
