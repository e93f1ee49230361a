"""Checks what a reason says of the person: what they liked, chose and asked for."""

from collections.abc import Iterable

from agent.claims.case import Case, Clause, content_of, support
from agent.claims.claim import ClaimKind
from agent.claims.pieces import Kind, Piece
from agent.claims.text import words_of
from core.intent import Preferences

_LIKED = frozenset("liked loved enjoyed adored favourite favorite favourites favorites taste fan fond".split())
_LIKE = frozenset("like love enjoy adore".split())
_BEFORE_LIKE = frozenset("you to also really i always do not dont did didnt never and".split())
_DISLIKED = frozenset("hated disliked hate dislike detest detested".split())
_CHOSE = frozenset("watched watch saw seen read bought chose chosen picked played owned own tried finished".split())
_ASKED = frozenset(
    "ask asked want wanted wants wish wished wishes request requested looking search searching named name need needed "
    "prefer preferred mood limit budget mentioned craving".split()
)
_MODALS = frozenset("might may could will should would can ll".split())
# A part of an intent that a word stands for.
_FACETS = {
    "year": "years", "years": "years", "decade": "years", "period": "years", "genre": "categories",
    "category": "categories", "kind": "categories", "director": "people", "actor": "people", "author": "people",
    "price": "numbers", "budget": "numbers", "limit": "numbers", "length": "numbers", "pages": "numbers",
}  # fmt: skip
_SHARE_OF_A_TASTE = 0.5
_TALK = frozenset("told tell said say named name mentioned mood limit budget pay spend stated seem".split())


def mark_as_asked(clause: Clause) -> bool:
    """Take "as you asked" out of a clause; whether it stood there."""
    words = clause.words()
    for place in range(len(words) - 2):
        if words[place : place + 2] == ["as", "you"] and words[place + 2] in _ASKED:
            for piece in clause.pieces[place : place + 3]:
                piece.is_done = True
            return True
    return False


def check_as_asked(clause: Clause, case: Case) -> None:
    """As in "as you asked, it is …": something of that must have been asked for."""
    wanted = [piece for piece in clause.pieces if piece.kind is not Kind.SIGN and _was_wished(piece, case)]
    first = clause.pieces[:1]
    case.add(ClaimKind.PERSONAL, first, support(bool(wanted)), field="intent.wishes" if wanted else "")


def check_personal(clause: Clause, case: Case) -> bool:
    """Claims about the person; False where a clause makes none. A claim accounts for the whole clause."""
    relation = _relation(clause)
    if relation is None:
        return False
    if relation == "filler":
        return False
    told = [piece for piece in clause.pieces if not piece.is_done]
    objects = [piece for piece in told if _is_object(piece, clause)]
    held = bool(objects) and all(_holds(relation, piece, clause, case) for piece in objects)
    if relation == "asked" and not any(_was_wished(piece, case) for piece in objects):
        held = False
    case.add(ClaimKind.PERSONAL, told, support(held), field=f"intent.{relation}" if held else "")
    return True


def _relation(clause: Clause) -> str | None:
    """What the clause says that the person did: liked, disliked, chose or asked; None where it says nothing of them."""
    words = clause.words()
    places = [place for place, word in enumerate(words) if word in ("you", "your", "youve", "youd")]
    if not places:
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
    if any(word in _ASKED for word in behind) or _was_after(words, places[0]):
        return "asked"
    if any(word in _CHOSE for word in behind) and not any(word in _MODALS for word in behind):
        return "chose"
    return None


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
        return any(piece.first in (bounds.first, bounds.last) for bounds in wishes.numbers.values())
    if piece.kind in (Kind.CATEGORY, Kind.FACT) and _meets(wishes.categories, piece.names):
        return True
    if piece.word in _FACETS:
        return bool(getattr(wishes, _FACETS[piece.word]))
    return piece.stem in _words_of_wish(case, wishes, negated=piece.is_negated)


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
