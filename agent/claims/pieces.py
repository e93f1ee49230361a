"""A reason as pieces: words, and the titles, people, categories, facts, years and numbers that they name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from agent.claims.catalogue import CatalogueIndex, Title, is_initial
from agent.claims.text import SPELLED, Word, number_of, word_list, words_of

_LONGEST_TITLE = 24
_SENTENCE_STARTS = frozenset(".!?:;")
# What follows a title that opens a sentence, where the word may be an ordinary one: "Heat is …".
SUBJECT_VERBS = frozenset(
    "is was has had stars starred came comes runs ran costs cost tells told won are were and or too".split()
)
_DECADES = {
    name: 10 * number
    for number, name in enumerate(
        "tens twenties thirties forties fifties sixties seventies eighties nineties".split(), 1
    )
}
_ORDINALS = {
    name: number
    for number, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {"twenty first": 21}
_PARTS_OF_A_DECADE = {"early": (0, 4), "mid": (3, 7), "late": (5, 9)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_COUNTED = frozenset("people viewers readers players users customers ratings minutes pages votes reviews".split())
_OVER = frozenset("over above beyond exceeding".split())
_UNDER = frozenset("under below within".split())
_ABOUT = frozenset("about around roughly approximately circa some".split())
_ALMOST = frozenset("almost nearly".split())


class Kind(Enum):
    """What a piece is."""

    WORD = auto()
    SIGN = auto()
    TITLE = auto()
    PERSON = auto()
    CATEGORY = auto()
    FACT = auto()
    YEARS = auto()
    NUMBER = auto()


class Bound(Enum):
    """How a number is meant."""

    EXACT = auto()
    OVER = auto()
    UNDER = auto()
    ABOUT = auto()
    ALMOST = auto()
    JUST_OVER = auto()


@dataclass(slots=True)
class Piece:
    """A stretch of a reason. Checks set `is_done` when a claim accounts for it."""

    kind: Kind
    start: int
    end: int
    word: str
    stem: str
    is_capital: bool = False
    is_negated: bool = False
    is_done: bool = False
    is_possessive: bool = False
    item_ids: tuple[str, ...] = ()  # of a title
    names: tuple[str, ...] = ()  # of people, or of categories
    facts: tuple[tuple[str, str], ...] = ()
    first: float = 0.0  # of years: the first and last; of a number: its value
    last: float = 0.0
    bound: Bound = Bound.EXACT
    unit: str = ""
    also: tuple[str, ...] = field(default=())  # facts and categories that the same words may name


def pieces_of(text: str, index: CatalogueIndex, item_id: str) -> list[Piece]:
    """The pieces of a reason about an item, in order."""
    words = words_of(text)
    folded = [word.word for word in words]
    pieces: list[Piece] = []
    place = 0
    while place < len(words):
        piece, length = _named(words, folded, place, index, item_id) or _counted(words, folded, place) or (None, 0)
        if piece is None:
            piece, length = _plain(words[place]), 1
        pieces.append(piece)
        place += length
    return _with_bounds(pieces)


def _plain(word: Word) -> Piece:
    kind = Kind.WORD if word.is_word else Kind.SIGN
    return Piece(kind, word.start, word.end, word.word, word.stem, word.is_capital, is_possessive=_possessive(word))


def _possessive(word: Word) -> bool:
    return bool(re.search(r"[^\W\d_]['’]s?$", word.text)) and not word.word.endswith(("its", "thats", "heres"))


def _over(kind: Kind, words: Sequence[Word], place: int, length: int) -> Piece:
    first, last = words[place], words[place + length - 1]
    name = " ".join(word.word for word in words[place : place + length])
    return Piece(kind, first.start, last.end, name, name, first.is_capital, is_possessive=_possessive(last))


def _named(
    words: Sequence[Word], folded: Sequence[str], place: int, index: CatalogueIndex, item_id: str
) -> tuple[Piece, int] | None:
    """The longest name of the catalogue that starts here; of equally long ones a title, then a person."""
    found = [
        _title(words, folded, place, index, item_id),
        _person(words, folded, place, index, item_id),
        _category(words, folded, place, index),
    ]
    known = [each for each in found if each is not None]
    return max(known, key=lambda each: each[1]) if known else None


def _title(
    words: Sequence[Word], folded: Sequence[str], place: int, index: CatalogueIndex, item_id: str
) -> tuple[Piece, int] | None:
    if not words[place].is_word:
        return None
    # Signs inside a title are left out of its key: "Die Hard: With a Vengeance".
    near = [at for at in range(place, min(place + _LONGEST_TITLE, len(words))) if words[at].is_word]
    for count, titles in index.titles.at([folded[at] for at in near], 0):
        length = near[count - 1] + 1 - place
        here = [words[at] for at in near[:count]]
        meant = [title for title in titles if _is_meant(title, here) and _has_its_signs(title, words, place, length)]
        starts = place == 0 or folded[place - 1] in _SENTENCE_STARTS
        following = folded[place + length] if place + length < len(folded) else "."
        if starts and length == 1 and following not in SUBJECT_VERBS | {","}:
            meant = [title for title in meant if title.item_id == item_id]
        if meant:
            piece = _over(Kind.TITLE, words, place, length)
            piece.item_ids, extra = _dated([title.item_id for title in meant], folded, place + length, index)
            return piece, length + extra
    return None


def _has_its_signs(title: Title, words: Sequence[Word], place: int, length: int) -> bool:
    """Whether signs stand between the words only where the title has some: "Heat. Again …" is no title."""
    return title.has_signs or all(word.is_word for word in words[place : place + length])


def _is_meant(title: Title, words: Sequence[Word]) -> bool:
    return all(word.is_capital or not capital for word, capital in zip(words, title.capitals, strict=True))


def _dated(
    item_ids: Sequence[str], folded: Sequence[str], place: int, index: CatalogueIndex
) -> tuple[tuple[str, ...], int]:
    """The items that have the year in brackets behind a title, and how many words the brackets take."""
    if list(folded[place : place + 1]) == ["("] and list(folded[place + 2 : place + 3]) == [")"]:
        year = number_of(folded[place + 1])
        same = tuple(each for each in item_ids if index.record(each).item.year == year)
        if same:
            return same, 3
    return tuple(item_ids), 0


def _person(
    words: Sequence[Word], folded: Sequence[str], place: int, index: CatalogueIndex, item_id: str
) -> tuple[Piece, int] | None:
    skipped = 0
    while (
        place + skipped + 1 < len(words) and is_initial(words[place + skipped]) and words[place + skipped].text != "A"
    ):
        skipped += 1
        if words[place + skipped].text == ".":
            skipped += 1
        if place + skipped >= len(words):
            return None
    begin = place + skipped
    for length, names in index.people.at(folded, begin):
        here = words[begin : begin + length]
        if not here[-1].is_capital:
            continue
        own = [name for name in names if name in index.record(item_id).roles]
        starts = begin == 0 or folded[begin - 1] in _SENTENCE_STARTS
        if starts and length == 1 and not own and not _possessive(here[-1]):
            continue
        piece = _over(Kind.PERSON, words, place, skipped + length)
        piece.names = tuple(own or names)
        return piece, skipped + length
    return None


def _category(
    words: Sequence[Word], folded: Sequence[str], place: int, index: CatalogueIndex
) -> tuple[Piece, int] | None:
    """A category, a short fact, or words that may be either."""
    categories = next(iter(index.categories.at(folded, place)), None)
    facts = next(iter(index.facts.at(folded, place)), None)
    if facts and facts[0] == 1 and len(folded[place]) < 3 and not words[place].is_capital:
        facts = None
    if facts and folded[place] in word_list("neutral"):
        facts = None
    if categories is None and facts is None:
        return None
    length = max(each[0] for each in (categories, facts) if each)
    piece = _over(Kind.CATEGORY if categories and categories[0] == length else Kind.FACT, words, place, length)
    piece.stem = words[place].stem
    if categories and categories[0] == length:
        piece.names = tuple(categories[1])
    if facts and facts[0] == length:
        piece.facts = tuple(facts[1])
    return piece, length


def _counted(words: Sequence[Word], folded: Sequence[str], place: int) -> tuple[Piece, int] | None:
    return _years(words, folded, place) or _duration(words, folded, place) or _number(words, folded, place)


def _years(words: Sequence[Word], folded: Sequence[str], place: int) -> tuple[Piece, int] | None:
    """A year, a decade or a century."""
    modifier = _PARTS_OF_A_DECADE.get(folded[place])
    begin = place + 1 if modifier else place
    word = folded[begin] if begin < len(folded) else ""
    found = _decade(word) or (None if modifier else _year(folded, begin)) or _century(folded, begin)
    if found is None:
        return None
    first, last, length = found
    if modifier and last - first == 9:
        first, last = first + modifier[0], first + modifier[1]
    piece = _over(Kind.YEARS, words, place, begin - place + length)
    piece.first, piece.last = first, last
    return piece, begin - place + length


def _decade(word: str) -> tuple[int, int, int] | None:
    if match := re.fullmatch(r"(\d{2}|\d{4})s", word):
        year = int(match[1])
        start = year if year > 99 else 1900 + year if year > 20 else 2000 + year
        return start, start + 9, 1
    if word in _DECADES:
        return 1900 + _DECADES[word], 1909 + _DECADES[word], 1
    return None


def _year(folded: Sequence[str], place: int) -> tuple[int, int, int] | None:
    word, following = folded[place], folded[place + 1] if place + 1 < len(folded) else ""
    if re.fullmatch(r"1[4-9]\d\d|20\d\d", word) and following not in _COUNTED:
        return int(word), int(word), 1
    if word in ("nineteen", "eighteen", "twenty") and SPELLED.get(following, 0) >= 10:
        ones = SPELLED.get(folded[place + 2], 0) if place + 2 < len(folded) else 0
        ones = ones if 0 < ones < 10 and SPELLED[following] >= 20 else 0
        year = 100 * SPELLED[word] + SPELLED[following] + ones
        return year, year, 3 if ones else 2
    return None


def _century(folded: Sequence[str], place: int) -> tuple[int, int, int] | None:
    for length in (1, 2):
        if list(folded[place + length : place + length + 1]) == ["century"]:
            name = " ".join(folded[place : place + length])
            digits = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", name)
            number = int(digits[1]) if digits else _ORDINALS.get(name) or {"last": 20, "this": 21}.get(name)
            if number:
                return 100 * (number - 1), 100 * number - 1, length + 1
    return None


def _duration(words: Sequence[Word], folded: Sequence[str], place: int) -> tuple[Piece, int] | None:
    """Hours, and minutes behind them, as minutes."""
    hours = _value(folded, place) or ((1.0, 1) if folded[place] in ("an", "one") else None)
    if hours is None or list(folded[place + hours[1] : place + hours[1] + 1]) not in (["hour"], ["hours"]):
        return None
    length, minutes = hours[1] + 1, 60 * hours[0]
    rest = place + length + (list(folded[place + length : place + length + 1]) == ["and"])
    more = _value(folded, rest) if rest < len(folded) else None
    if more and folded[rest + more[1] : rest + more[1] + 1] and folded[rest + more[1]].startswith("min"):
        minutes, length = minutes + more[0], rest + more[1] + 1 - place
    piece = _over(Kind.NUMBER, words, place, length)
    piece.first, piece.unit = minutes, "hours" if not more else "minutes"
    return piece, length


def _number(words: Sequence[Word], folded: Sequence[str], place: int) -> tuple[Piece, int] | None:
    found = _value(folded, place)
    if found is None:
        return None
    piece = _over(Kind.NUMBER, words, place, found[1])
    piece.first = found[0]
    return piece, found[1]


def _value(folded: Sequence[str], place: int) -> tuple[float, int] | None:
    """A number in digits or words and how many words it takes; a lone "one" is a pronoun."""
    value = number_of(folded[place])
    following = folded[place + 1] if place + 1 < len(folded) else ""
    if value is None or (folded[place] == "one" and following not in _SCALES):
        return None
    length = 1
    if folded[place] in SPELLED and value >= 20 and 0 < SPELLED.get(following, 0) < 10:
        value, length = value + SPELLED[following], 2
    while place + length < len(folded) and folded[place + length] in _SCALES:
        value, length = value * _SCALES[folded[place + length]], length + 1
    return value, length


def _with_bounds(pieces: list[Piece]) -> list[Piece]:
    """Numbers and years with the words before them that say how they are meant."""
    for place, piece in enumerate(pieces):
        if piece.kind not in (Kind.NUMBER, Kind.YEARS):
            continue
        before = [each.word for each in pieces[max(0, place - 3) : place]]
        bound, taken = _bound(before, years=piece.kind is Kind.YEARS)
        piece.bound = bound
        for each in pieces[place - taken : place]:
            each.is_done = True
    return pieces


def _bound(before: Sequence[str], *, years: bool) -> tuple[Bound, int]:
    """How a number is meant, and how many words before it say so."""
    one, two = before[-1:], before[-2:]
    if years:
        return {"before": (Bound.UNDER, 1), "after": (Bound.OVER, 1)}.get("".join(one), (Bound.EXACT, 0))
    if len(two) == 2 and two[1] == "than":
        if two[0] in ("more", "longer", "older"):
            return Bound.OVER, 2
        if two[0] in ("less", "fewer", "shorter"):
            return Bound.UNDER, 2
    if two == ["at", "least"]:
        return Bound.OVER, 2
    if two == ["just", "over"]:
        return Bound.JUST_OVER, 2
    if two == ["just", "under"]:
        return Bound.ALMOST, 2
    word = "".join(one)
    for names, bound in ((_OVER, Bound.OVER), (_UNDER, Bound.UNDER), (_ABOUT, Bound.ABOUT), (_ALMOST, Bound.ALMOST)):
        if word in names:
            return bound, 1
    return Bound.EXACT, 0
