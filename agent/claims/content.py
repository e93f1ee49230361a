"""Checks the words that are left of a clause against what the item's texts say, and who does what to whom in them."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from agent.claims.case import Case, Clause, content_of, support
from agent.claims.catalogue import forms_of
from agent.claims.claim import ClaimKind, Support
from agent.claims.piece import Kind, Piece
from agent.claims.record import Record
from agent.claims.text import groups, root, word_list

_BE = frozenset("is are was were be been being gets got".split())
_LINKS = frozenset("a an the his her its their".split())
_AUXILIARIES = _BE | frozenset("who that which must can has have had will to".split())
_PREPOSITIONS = frozenset("to into across from in with for on at through against".split())
_PARTICLES = _PREPOSITIONS | frozenset("and or but of by back up out off as".split())
_HEROES = frozenset("man hero heroine protagonist character characters".split())
_PRONOUNS = frozenset("it he she they this these him them one what all some it its".split())


def check_content(clause: Clause, case: Case) -> None:
    """One claim for each run of words that no other check accounts for."""
    left = [*content_of(clause), *_of_no_plot(clause)]
    for piece in left:
        record = clause.subject
        held = content_holds(piece, record) and all(content_holds(piece, other) for other in clause.others)
        kind = ClaimKind.OPINION if piece.word in word_list("opinion") and not held else ClaimKind.CONTENT
        known = any(form in record.positions for form in (piece.stem, root(piece.stem)))
        case.add(kind, [piece], support(held, known=known), field="description" if held else "")
    for pieces in (*_turned_round(clause), *_done_by_another(clause), *_true_of_another(clause)):
        case.add(ClaimKind.CONTENT, pieces, Support.CONTRADICTED)
    for title in list(clause.open(Kind.TITLE)):
        own = case.record.item.id in title.item_ids
        title.is_done = True
        if not own:
            case.add(ClaimKind.SIMILARITY, [title], Support.UNSUPPORTED)


def _of_no_plot(clause: Clause) -> list[Piece]:
    """Who a plot is about, where no plot is known: "a story about a man" says nothing only of an item that has one."""
    return [] if clause.subject.positions else [piece for piece in clause.open(Kind.WORD) if piece.word in _HEROES]


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


def _turned_round(clause: Clause) -> list[list[Piece]]:
    """Subject, verb and object of the clause that stand the other way round in the description."""
    record = clause.subject
    said = [piece for piece in clause.pieces if _places(piece, record)]
    found = []
    for first, verb, last in zip(said, said[1:], said[2:], strict=False):
        if verb.kind is not Kind.WORD or not _is_verb(verb, clause, last):
            continue
        if _is_reversed(record, first, verb, last, passive=_is_passive(verb, clause)):
            found.append([first, verb, last])
    return found


def _done_by_another(clause: Clause) -> list[list[Piece]]:
    """Who and what they do, where the description names them only behind the deed, so that another one does it."""
    record, found = clause.subject, []
    said = [piece for piece in clause.pieces if piece.word not in _AUXILIARIES | _LINKS | _PRONOUNS]
    for who, verb in pairwise(said):
        names, deeds = _named_at(who, record), _named_at(verb, record)
        passive = _is_passive(verb, clause)
        if (
            {who.word, verb.word} & _PARTICLES
            or not names
            or not deeds
            or not (passive or _takes_more(verb, clause))
            or who.is_possessive
        ):
            continue
        if any(record.is_passive(at) is not passive for at in deeds):
            continue
        agents = _named_at(_agent(verb, clause), record) if passive else []
        if min(names) > max(deeds) or (agents and max(agents) < min(deeds)):
            found.append([who, verb])
    return found


def _true_of_another(clause: Clause) -> list[list[Piece]]:
    """Who does what another one plainly does in the description, and what is as another thing plainly is there."""
    record, found = clause.subject, []
    said = [piece for piece in clause.pieces if piece.word not in _AUXILIARIES | _PRONOUNS]
    for before, first, last in zip([None, *said], said, said[1:], strict=False):
        if {first.word, last.word} & (_PARTICLES | _LINKS) or first.is_possessive or not _places(first, record):
            continue
        doers = [record.doers(at) for at in _verbs_at(last, record, passive=_is_passive(last, clause))]
        if _is_elsewhere(first, doers, record):
            found.append([first, last])
        elif before is not None and before.word in _LINKS and not last.is_phrase and not last.is_capital:
            things = [record.described(at) for at in record.positions.get(first.stem, ())]
            if _places(last, record) and _is_elsewhere(last, things, record):
                found.append([first, last])
    return found


def _is_elsewhere(piece: Piece, runs: Sequence[range], record: Record) -> bool:
    """Whether the description has a word, or one that says the same, in none of these runs of positions."""
    named = set(_named_at(piece, record))
    return bool(runs) and all(runs) and not any(at in named for run in runs for at in run)


def _verbs_at(verb: Piece, record: Record, *, passive: bool) -> list[int]:
    """Where the description has the very word of a clause as a verb, in the same voice."""
    if verb.kind is not Kind.WORD or verb.is_phrase or not verb.word.endswith(("s", "ed")):
        return []
    places = () if verb.word in word_list("neutral") else record.positions.get(verb.stem, ())
    return [at for at in places if record.word_at(at) == verb.word and record.is_passive(at) is passive]


def _takes_more(verb: Piece, clause: Clause) -> bool:
    """Whether a word is a verb by its ending and by what follows it: an article or a preposition."""
    behind = next((piece.word for piece in clause.pieces if piece.start > verb.start), "")
    return verb.word.endswith(("s", "ed")) and behind in _LINKS | _PREPOSITIONS


def _agent(verb: Piece, clause: Clause) -> Piece:
    """Who does it, in "is hunted by a crew"; the verb itself where nobody is named."""
    behind = [piece for piece in clause.pieces if piece.start > verb.start and piece.word not in _LINKS]
    return behind[1] if len(behind) > 1 and behind[0].word == "by" else verb


def _places(piece: Piece, record: Record) -> list[int]:
    """Where the description has a word that says something."""
    return [] if piece.word in word_list("neutral") else _named_at(piece, record)


def _named_at(piece: Piece, record: Record) -> list[int]:
    """Where the description has a word, or one that says the same."""
    if piece.kind not in (Kind.WORD, Kind.CATEGORY):
        return []
    return sorted({place for form in forms_of(piece.stem) for place in record.positions.get(form, ())})


def _is_verb(verb: Piece, clause: Clause, last: Piece) -> bool:
    """Whether only an article, or "by" and an article, stand between a word and the next one."""
    between = [piece.word for piece in clause.pieces if verb.start < piece.start < last.start]
    return bool(between) and all(word in _LINKS or word == "by" for word in between)


def _is_passive(verb: Piece, clause: Clause) -> bool:
    before = [piece.word for piece in clause.pieces if piece.start < verb.start]
    return bool(before) and before[-1] in _BE


def _is_reversed(record: Record, first: Piece, verb: Piece, last: Piece, *, passive: bool) -> bool:
    """Whether no place of the description has the three with the same one acting."""
    answers = []
    for at in _places(verb, record):
        lefts, rights = _places(first, record), _places(last, record)
        straight = any(one < at for one in lefts) and any(at < other for other in rights)
        turned = any(at < one for one in lefts) and any(other < at for other in rights)
        if straight or turned:
            same_voice = record.is_passive(at) is passive
            answers.append((straight and same_voice) or (turned and not same_voice))
    return bool(answers) and not any(answers)
