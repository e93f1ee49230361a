"""Checks what a reason says of the person: what they liked, chose and asked for."""

import re
from collections.abc import Iterable
from itertools import pairwise

from agent.claims.case import Case, Clause, content_of, support
from agent.claims.claim import ClaimKind
from agent.claims.piece import Kind, Piece
from agent.claims.text import groups, words_of
from core.intent import Preferences
from index.moods import AUDIENCES, MOODS

_LIKED = frozenset("liked loved enjoyed adored favourite favorite favourites favorites taste fan fond keen".split())
_LIKE = frozenset("like likes love loves enjoy enjoys adore adores".split())
_BEFORE_LIKE = frozenset("you to also really i always do not dont did didnt never and".split())
_LIMITS = frozenset(["limit", "budget"])
_DISLIKED = frozenset("hated disliked hate dislike detest detested".split())
_CHOSE = frozenset("watched watch saw seen read bought chose chosen picked played owned own tried finished".split())
_ASKED = frozenset(
    "said ask asked asking want wanted wants wanting wish wished wishes request requested requesting looking search "
    "searching named prefer prefers preferred mood limit budget mentioned craving fancy fancied seeking "
    "hope hoped hoping interested curious".split()
)
_MODALS = frozenset("might may could will should would can ll".split())
# A part of an intent that a word stands for.
_FACETS = {
    "year": "years", "years": "years", "decade": "years", "period": "years", "genre": "categories",
    "category": "categories", "kind": "categories", "director": "people", "actor": "people", "author": "people",
    "price": "numbers", "budget": "numbers", "limit": "numbers", "length": "numbers", "pages": "numbers",
}  # fmt: skip
_SHARE_OF_A_TASTE = 0.5
_TALK = frozenset(
    "told tell said say named name mentioned mood limit budget pay spend stated seem gave set big huge great "
    "real".split()
)
_YOU = frozenset("you your youve youd youre youll".split())
_BE_OR_HAVE = frozenset("is are was were has have had".split())
# Before "you", what makes a clause say only that somebody may.
_IF = frozenset("if when whenever whether".split())
_AS_ASKED = re.compile(
    r"\bas (?:requested|asked|wished|wanted)(?: for)?\b|"
    r"\b(?:as|like|what|which|that) you (?:(?:had|have|just|also|were) )?"
    r"(?:(?:said|told me|mentioned) (?:that )?you )?"
    r"(?:asked|asking|wanted|wished|requested|wish|want|ask|hoped|hoping|looking)(?: for)?\b(?! to\b)"
)


def mark_as_asked(clause: Clause) -> bool:
    """Take "as you asked", "that you wanted" and the like out of a clause; whether it stood there."""
    text = " ".join(clause.words())
    match = _AS_ASKED.search(text)
    if match is None or (match[0].startswith("that ") and clause.words()[0] in ("you", "your")):
        return False
    first, count = text[: match.start()].count(" "), match[0].count(" ") + 1
    at = 0
    for piece in clause.pieces:  # a piece may be several words
        width = piece.word.count(" ") + 1
        if first <= at < first + count:
            piece.is_done = True
        at += width
    return True


def check_as_asked(clause: Clause, case: Case) -> None:
    """As in "as you asked, it is …": something of that must have been asked for, and each category."""
    wanted = [piece for piece in clause.pieces if piece.kind is not Kind.SIGN and _was_wished(piece, case)]
    unasked = [piece for piece in clause.pieces if piece.kind is Kind.CATEGORY and not _follows(piece, case)]
    for before, piece in pairwise(clause.pieces):
        piece.is_done |= before.word in ("something", "anything") and piece.kind is Kind.WORD and piece in wanted
    held = bool(wanted) and not unasked
    case.add(ClaimKind.PERSONAL, clause.pieces[:1], support(held), field="intent.wishes" if held else "")


def check_personal(clause: Clause, case: Case) -> bool:
    """Claims about the person; False where a clause makes none. A claim accounts for the whole clause."""
    relation = _relation(_words(clause, case), clause)
    case.speaks_of_person = relation is not None
    if relation is None:
        return False
    told = [piece for piece in clause.pieces if not piece.is_done]
    objects = [piece for piece in told if _is_object(piece, clause)]
    if not objects and relation == "asked" and clause.subject is case.record:
        case.as_asked = True  # "perfect for your wish: …": of what follows, something must have been asked for
        return True
    held = bool(objects) and all(_holds(relation, piece, clause, case) for piece in objects)
    if not objects:  # "Heat is a film that you liked", "and since you liked it before"
        held = clause.subject.item.id in _items(relation, case)
    if relation == "asked" and not any(_was_wished(piece, case) for piece in objects):
        held = False
    case.add(ClaimKind.PERSONAL, told, support(held), field=f"intent.{relation}" if held else "")
    return True


def _words(clause: Clause, case: Case) -> list[str]:
    """The words of a clause, with the "you" that it leaves out behind another one: "you like X and are after Y"."""
    words = clause.words()
    if words[0] == "having":
        return ["you", *words[1:]]
    joined = case.speaks_of_person and words[0] in ("and", "but") and len(words) > 1
    return ["you", *words[1:]] if joined and words[1] in _BE_OR_HAVE | _LIKED | _LIKE | _DISLIKED | _ASKED else words


def _relation(words: list[str], clause: Clause) -> str | None:
    """What the clause says that the person did: liked, disliked, chose or asked; None where it says nothing of them."""
    places = [place for place, word in enumerate(words) if word in _YOU]
    if not places:
        return None
    if places[0] and words[places[0] - 1] in _IF:
        return None
    negated = any(piece.is_negated for piece in clause.pieces)
    behind = words[places[0] + 1 :]
    if _has_like(words):
        would = any(word in ("would", "youd") for word in words)
        modal = any(word in _MODALS for word in behind)
        if modal and not would:
            return None
        return "asked" if would else "disliked" if negated else "liked"
    if any(word in _DISLIKED for word in behind):
        return "disliked"
    if any(word in _LIKED for word in behind):
        return "disliked" if negated and not _negates_object(clause) else "liked"
    if any(word in _LIMITS for word in words) or any(word in _ASKED for word in behind) or _was_after(words, places[0]):
        return "asked"
    if any(word in _CHOSE for word in behind) or _has(clause, places[0]):
        if any(word in _MODALS for word in behind):
            return None
        return "chose"
    return None


def _has(clause: Clause, place: int) -> bool:
    """As in "you have Heat already"."""
    behind = [piece for piece in clause.pieces[place + 1 :] if piece.word not in ("already", "got", "the", "a")]
    return len(behind) > 1 and behind[0].word in ("have", "had") and behind[1].kind is Kind.TITLE


def _has_like(words: list[str]) -> bool:
    return any(word in _LIKE and place and words[place - 1] in _BEFORE_LIKE for place, word in enumerate(words))


def _was_after(words: list[str], place: int) -> bool:
    return words[place + 1 : place + 3] in (["were", "after"], ["are", "after"])


def _negates_object(clause: Clause) -> bool:
    return clause.has("no", "without")


def _is_object(piece: Piece, clause: Clause) -> bool:
    """Whether a piece is what the person is said to have liked or asked for, rather than how that is said."""
    if piece.kind in (Kind.TITLE, Kind.PERSON, Kind.CATEGORY, Kind.FACT, Kind.YEARS, Kind.NUMBER):
        return True
    if piece.word in _FACETS and clause.has("that", "the", "your", "within"):
        return True
    verbs = _LIKED | _LIKE | _DISLIKED | _CHOSE | _ASKED | _TALK | _MODALS
    return piece.word not in verbs and any(piece is word for word in content_of(clause))


def _holds(relation: str, piece: Piece, clause: Clause, case: Case) -> bool:
    if relation == "asked":
        return _was_wished(piece, case) or _is_true_number(piece, clause)
    if piece.kind is Kind.TITLE:
        return any(item_id in _items(relation, case) for item_id in piece.item_ids)
    if piece.kind is Kind.CATEGORY and relation == "liked":
        return _share_of_taste(piece.names, case) >= _SHARE_OF_A_TASTE
    if piece.kind is Kind.CATEGORY and relation == "disliked":
        return _meets(case.intent.vetoes.categories, piece.names)
    return piece.kind is Kind.PERSON and relation == "liked" and _meets(case.intent.wishes.people, piece.names)


def _items(relation: str, case: Case) -> frozenset[str]:
    """The items that the person liked, disliked or chose. Who liked something knows it."""
    intent = case.intent
    if relation == "liked":
        return frozenset(intent.liked)
    if relation == "disliked":
        return frozenset(intent.disliked)
    return frozenset((*case.history, *intent.seen, *intent.liked, *intent.disliked))


def _was_wished(piece: Piece, case: Case) -> bool:
    """Whether the person asked for this; behind a "no", whether they ruled it out."""
    wishes = case.intent.vetoes if piece.is_negated else case.intent.wishes
    if piece.kind is Kind.TITLE:
        return any(item_id in case.intent.similar_to for item_id in piece.item_ids) and not piece.is_negated
    if piece.kind is Kind.PERSON:
        return _meets(wishes.people, piece.names)
    if piece.kind is Kind.YEARS:
        return any((years.first or 0) <= piece.last and piece.first <= (years.last or 9999) for years in wishes.years)
    if piece.kind is Kind.NUMBER:
        own = case.record.item.numbers
        return any(
            piece.first in (bounds.first, bounds.last) or (piece.first == own.get(name) and piece.first in bounds)
            for name, bounds in case.intent.wishes.numbers.items()
        )
    if piece.kind in (Kind.CATEGORY, Kind.FACT) and _meets(wishes.categories, piece.names):
        return True
    if piece.kind is Kind.FACT and any(_meets(wishes.facts.get(name, ()), [value]) for name, value in piece.facts):
        return True
    if piece.word in _FACETS:
        return bool(getattr(wishes, _FACETS[piece.word]))
    if piece.kind is Kind.FACT and any(
        (piece.word,) in group and any((word.word,) in group for word in words_of(case.intent.query))
        for group in groups("countries")
    ):
        return True
    return piece.stem in _words_of_wish(case, wishes, negated=piece.is_negated)


def _follows(piece: Piece, case: Case) -> bool:
    """Whether a category was asked for, shows a mood or audience that was, or is one of what the item is to be like."""
    if _was_wished(piece, case):
        return True
    no, wishes = piece.is_negated, case.intent.vetoes if piece.is_negated else case.intent.wishes
    meant = [rule.ruled_out if no else rule.wanted | rule.hints for rule in map(MOODS.__getitem__, wishes.moods)]
    if wishes.audience:
        audience = AUDIENCES[wishes.audience]
        meant.append(audience.ruled_out if no else audience.wanted)
    like = [] if no else [case.index.record(each).categories for each in case.intent.similar_to if each in case.index]
    return any(_meets(names, piece.names) for names in (*meant, *like))


def _words_of_wish(case: Case, wishes: Preferences, *, negated: bool) -> set[str]:
    said: list[str] = [*wishes.moods, *([wishes.audience] if wishes.audience else [])]
    said += [] if negated else [case.intent.query]
    return {word.stem for text in said for word in words_of(str(text))}


def _is_true_number(piece: Piece, clause: Clause) -> bool:
    """A number of the item beside the one that was asked for: "189 is below your limit of 200"."""
    return piece.kind is Kind.NUMBER and piece.first in clause.subject.item.numbers.values()


def _meets(wished: Iterable[str], names: Iterable[str]) -> bool:
    return bool({name.casefold() for name in wished} & {name.casefold() for name in names})


def _share_of_taste(categories: Iterable[str], case: Case) -> float:
    """How many of the items that the person liked or chose are of any of these categories."""
    known = [case.index.record(each) for each in {*case.intent.liked, *case.history} if each in case.index]
    wanted = set(categories)
    return sum(bool(record.categories & wanted) for record in known) / len(known) if known else 0.0
