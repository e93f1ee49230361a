"""Parts a reason into clauses: where each ends, of what it speaks, and what a negation reaches."""

import itertools
from collections.abc import Sequence

from agent.claims.case import Case, Clause, content_of, role_words
from agent.claims.piece import Kind, Piece
from agent.claims.pieces import SUBJECT_VERBS
from agent.claims.record import Record
from agent.claims.text import word_list

_STOPS = frozenset(".;:!?—–()…")
_ENDS = frozenset(".;!?—–…")  # behind them, nothing of what was said before goes on
_CONJUNCTIONS = frozenset("and but while so whereas though although because since".split())
# A word that starts a clause behind a conjunction.
_STARTERS = frozenset(
    "it its this that these here there people some many most everybody everyone viewers readers you your so is was has "
    "had are were stars runs costs now not no like just as of".split()
)
_HERE = frozenset("in it here there this one at all either though".split())
_REACH_OF_WITHOUT = 4
_RELATIVES = frozenset(["which", "who", "whose"])
_MEASURES = frozenset(["like", "as", "similar"])


def clauses_of(pieces: Sequence[Piece], case: Case) -> list[Clause]:
    """The clauses of a reason in order, with their subjects."""
    clauses: list[Clause] = []
    sentence, before = 0, None
    for part in _parts(pieces):
        if not part:
            sentence += 1
            before = None
            continue
        _negate(part)
        subject = _subject(part, before, case)
        clause = Clause(part, sentence, subject)
        _note_spoken_of(clause, case)
        clauses.append(clause)
        before = clause
    return _joined(clauses)


def _parts(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Runs of pieces; an empty one ends a sentence, or what is as good as one."""
    parts: list[list[Piece]] = []
    part: list[Piece] = []
    for place, piece in enumerate(pieces):
        following = pieces[place + 1] if place + 1 < len(pieces) else None
        if piece.kind is Kind.SIGN and (_counts_on(part, piece, following) or _lists(pieces, place)):
            continue
        if piece.kind is Kind.SIGN and piece.word in _STOPS:
            parts += [part] if part else []
            parts += [[]] if piece.word in _ENDS else []
            part = []
        elif (piece.word == "," and piece.kind is Kind.SIGN) or _joins(piece, following, pieces, place):
            parts += [part] if part else []
            part = [] if piece.kind is Kind.SIGN else [piece]
        elif piece.kind is not Kind.SIGN:
            part.append(piece)
    return [*parts, part] if part else parts


def _counts_on(part: Sequence[Piece], sign: Piece, following: Piece | None) -> bool:
    """Whether a count belongs to the people before it: "Of 90 people who chose X, 12 …", "often chose it: 5 of 9"."""
    counts = following is not None and following.kind is Kind.NUMBER and sign.word in ",:"
    return counts and any(piece.word in word_list("people_nouns") or piece.word == "those" for piece in part)


def _lists(pieces: Sequence[Piece], place: int) -> bool:
    """Whether a comma stands in a list of categories or of people: "a crime, comedy and thriller film"."""
    if pieces[place].word != "," or place == 0:
        return False
    before = pieces[place - 1].kind
    behind = [piece for piece in pieces[place + 1 : place + 3] if piece.word not in ("and", "or")]
    return before in (Kind.CATEGORY, Kind.PERSON) and bool(behind) and behind[0].kind is before


def _joins(piece: Piece, following: Piece | None, pieces: Sequence[Piece], place: int) -> bool:
    """Whether a conjunction joins two clauses rather than two words."""
    if piece.kind is not Kind.WORD or following is None:
        return False
    if piece.word == "but":
        return True
    if piece.word in ("that", "which"):  # "a western that people who chose X chose too"
        return following.word in word_list("people_nouns") or following.word in ("many", "some", "most")
    if piece.word not in _CONJUNCTIONS:
        return False
    if following.kind is Kind.PERSON and _has_a_role(pieces, place):
        return True
    if following.kind is Kind.TITLE:
        after = pieces[place + 2].word if place + 2 < len(pieces) else ""
        both = any(each.word == "both" for each in pieces[max(0, place - 3) : place])
        return after in SUBJECT_VERBS and after not in ("and", "or", "too") and not both
    return following.word in _STARTERS


def _has_a_role(pieces: Sequence[Piece], place: int) -> bool:
    """Whether people on both sides of an "and" have roles behind them: "X is its director and Y its writer"."""
    before = list(itertools.takewhile(lambda piece: piece.kind is not Kind.PERSON, reversed(pieces[:place])))
    behind = itertools.takewhile(lambda piece: piece.kind is not Kind.PERSON, pieces[place + 2 :])
    named = len(before) < place
    return named and all(any(piece.word in role_words() for piece in side) for side in (before, behind))


def _negate(part: Sequence[Piece]) -> None:
    """Mark what a negation reaches: all behind it, or all before it where nothing stands behind: "X is not in it"."""
    negators = word_list("negators")
    if [piece.word for piece in part[:2]] == ["so", "that"]:
        return  # an aim: "so that nobody gets the harvest"
    places = [place for place in range(len(part)) if _is_negator(part, place, negators)]
    if not places or (len(part) > places[0] + 1 and part[places[0] + 1].word in ("only", "doubt", "wonder")):
        return
    behind = part[places[0] + 1 :]
    if part[places[0]].word == "without":
        behind = behind[:_REACH_OF_WITHOUT]
    for piece in part[: places[0]] if all(piece.word in _HERE for piece in behind) else behind:
        piece.is_negated = True


def _is_negator(part: Sequence[Piece], place: int, negators: frozenset[str]) -> bool:
    """Whether a word says "not"; "free" only in "free of" and "free from"."""
    piece = part[place]
    if piece.word == "free":
        return place + 1 < len(part) and part[place + 1].word in ("of", "from")
    return piece.kind is Kind.WORD and piece.word in negators and not piece.is_done


def _subject(part: Sequence[Piece], before: Clause | None, case: Case) -> Record:
    """The item that a clause speaks of: another one only where it is named as the subject."""
    words = [piece.word for piece in part]
    start = next((place for place, word in enumerate(words) if word not in ("and", "but", "while", "so", "since")), 0)
    first = part[start]
    if first.kind is Kind.TITLE and len(part) > start + 1 and part[start + 1].word in SUBJECT_VERBS - {"and", "or"}:
        first.is_done = True
        return _record(first, case)
    if first.kind is Kind.TITLE and len(part) == start + 1 and start == 0 and before is None:
        first.is_done = True  # "Heat, from 1995, is …"
        return _record(first, case)
    if before is not None and len(before.pieces) == 1 and before.pieces[0].kind is Kind.TITLE:
        return before.subject
    if words[start : start + 1] == ["is"] and before is not None and before.subject is not case.record:
        return before.subject
    if words[start : start + 2] == ["that", "one"] and case.spoken_of:
        return case.spoken_of
    if first.word in _RELATIVES and before and before.pieces[-1].kind is Kind.TITLE:
        return _record(before.pieces[-1], case)
    return case.record


def _record(title: Piece, case: Case) -> Record:
    own = case.record.item.id
    return case.record if own in title.item_ids else case.index.record(title.item_ids[0])


def _note_spoken_of(clause: Clause, case: Case) -> None:
    others = [
        piece for piece in clause.pieces if piece.kind is Kind.TITLE and case.record.item.id not in piece.item_ids
    ]
    if others:
        case.spoken_of = _record(others[-1], case)


def _joined(clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses that only say of what another one of the sentence holds as well ("like Heat") go into that one."""
    joined: list[Clause] = []
    waiting: list[Piece] = []
    for place, clause in enumerate(clauses):
        same_behind = place + 1 < len(clauses) and clauses[place + 1].sentence == clause.sentence
        same_before = bool(joined) and joined[-1].sentence == clause.sentence
        if _only_measures(clause) and same_behind and (not same_before or clause.pieces[0].word in ("and", "but")):
            waiting = clause.pieces
        elif _only_measures(clause) and same_before:
            joined[-1].pieces.extend(clause.pieces)
        else:
            clause.pieces = [*waiting, *clause.pieces]
            waiting = []
            joined.append(clause)
    return joined


def _only_measures(clause: Clause) -> bool:
    titles = [piece for piece in clause.pieces if piece.kind is Kind.TITLE]
    if not titles or not any(word in _MEASURES for word in clause.words()):
        return False
    rest = [piece for piece in clause.pieces if piece.kind not in (Kind.TITLE, Kind.WORD)]
    shares = clause.has("same") and any(piece.word in role_words() for piece in clause.pieces)
    return (
        not rest
        and not shares
        and not any(True for _ in content_of(clause))
        and not clause.has("you")
        and (not clause.has("same") or clause.has("as"))
    )
