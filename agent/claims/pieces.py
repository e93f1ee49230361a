"""A reason as pieces: words, and the titles, people, categories, facts, years and numbers that they name."""

from collections.abc import Sequence

from agent.claims.amounts import bound_of, duration_at, share_at, value_at, years_at
from agent.claims.case import role_words
from agent.claims.catalogue import CatalogueIndex, Title, forms_of, is_initial
from agent.claims.piece import Kind, Piece, is_possessive, over, plain
from agent.claims.record import Record
from agent.claims.text import Word, number_of, synonyms_at, word_list, words_of

_LONGEST_TITLE = 24
_SENTENCE_STARTS = frozenset(".!?:;")
# What follows a title that opens a sentence, where the word may be an ordinary one: "Heat is …".
SUBJECT_VERBS = frozenset(
    "is was has had stars starred came comes runs ran costs cost tells told won are were and or too".split()
)


def pieces_of(text: str, index: CatalogueIndex, item_id: str) -> list[Piece]:
    """The pieces of a reason about an item, in order."""
    words = words_of(text)
    folded, stems = [word.word for word in words], [word.stem for word in words]
    pieces: list[Piece] = []
    record = index.record(item_id)
    place = 0
    while place < len(words):
        found = _named(words, folded, place, index, item_id) or _counted(words, folded, place)
        piece, length = found or _phrase(words, stems, place, record) or (plain(words[place]), 1)
        pieces.append(piece)
        place += length
    return _with_bounds(_addressed(pieces))


def _addressed(pieces: list[Piece]) -> list[Piece]:
    """With "the user" and "this person" as the one who reads: "the user wants a comedy"; not "the person who …"."""
    for place, piece in enumerate(pieces[1:-1], start=1):
        named = piece.word in ("user", "person", "customer") and pieces[place - 1].word in ("the", "this")
        if named and pieces[place + 1].word not in ("who", "whose", "that"):
            piece.word, piece.stem = "you", "you"
            pieces[place - 1].is_done = True
    return pieces


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
            piece = over(Kind.TITLE, words, place, length)
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
        if starts and length == 1 and not own and not is_possessive(here[-1]):
            continue
        piece = over(Kind.PERSON, words, place, skipped + length)
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
    piece = over(Kind.CATEGORY if categories and categories[0] == length else Kind.FACT, words, place, length)
    piece.stem = words[place].stem
    if categories and categories[0] == length:
        piece.names = tuple(categories[1])
    if facts and facts[0] == length:
        piece.facts = tuple(facts[1])
    return piece, length


def _phrase(words: Sequence[Word], stems: Sequence[str], place: int, record: Record) -> tuple[Piece, int] | None:
    """Several words that stand for one that the item's text says, such as "in debt" for "owes", or for a role."""
    known = synonyms_at(stems, place)
    found = next((each for each in known if _says(record, each[0]) or each[0] in role_words()), None)
    if found is None:
        return None
    piece = over(Kind.WORD, words, place, found[1])
    piece.word = piece.stem = found[0]
    piece.is_phrase = True
    return piece, found[1]


def _says(record: Record, stemmed: str) -> bool:
    return any(form in record.positions for form in forms_of(stemmed))


def _counted(words: Sequence[Word], folded: Sequence[str], place: int) -> tuple[Piece, int] | None:
    """Years, a length of time, a share or a number."""
    if years := years_at(folded, place):
        piece = over(Kind.YEARS, words, place, years[2])
        piece.first, piece.last = years[:2]
        return piece, years[2]
    if duration := duration_at(folded, place):
        piece = over(Kind.NUMBER, words, place, duration[1])
        piece.first, piece.unit = duration[0], "minutes" if duration[2] else "hours"
        return piece, duration[1]
    share, value = share_at(folded, place), value_at(folded, place)
    if found := share or value:
        piece = over(Kind.NUMBER, words, place, found[1])
        piece.first, piece.unit = found[0], "share" if share else ""
        return piece, found[1]
    return None


def _with_bounds(pieces: list[Piece]) -> list[Piece]:
    """Numbers and years with the words before them that say how they are meant."""
    for place, piece in enumerate(pieces):
        if piece.kind not in (Kind.NUMBER, Kind.YEARS):
            continue
        before = [each.word for each in pieces[max(0, place - 4) : place]]
        piece.bound, taken = bound_of(before, years=piece.kind is Kind.YEARS)
        taken += before[-1:] == ["the"]
        for each in pieces[place - taken : place]:
            each.is_done = True
    return pieces
