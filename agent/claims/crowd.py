"""Checks what a clause says of other people: how they rated an item, how many chose it, and who."""

import itertools
from collections.abc import Iterable, Sequence
from itertools import pairwise

from agent.claims.amounts import is_near
from agent.claims.case import Case, Clause, content_of, support
from agent.claims.catalogue import forms_of
from agent.claims.claim import ClaimKind
from agent.claims.crowd_evidence import Told, read
from agent.claims.piece import Kind, Piece
from agent.claims.text import word_list
from index.evidence import OFTEN

# From these shares of the best rating on, an item is well, or highly, rated; from so many people on, popular.
WELL, HIGHLY, MANY = 0.7, 0.8, 100
_NEVER_SAID = frozenset("critics critic everybody everyone reviewers reviewer fans fan favourite favorite".split())
_JUDGES = frozenset("highly well good high top best poorly badly low".split())
_QUANTIFIERS = {
    "most": (0.5, 1.0),
    "half": (0.45, 0.55),
    "third": (0.28, 0.39),
    "quarter": (0.2, 0.3),
    "many": (0.33, 1.0),
    "often": (OFTEN, 1.0),
}
# They make a small part of "people who chose X", which alone speaks of them all.
_SOME = frozenset("some several few".split())
# How far off a spoken share may be, as in "two thirds".
_SHARE = 0.03
_OF = (["of"], ["out", "of"])
_UNITS = frozenset(["star", "stars", "point", "points"])
_EVERY = frozenset("all every always".split())
_GLUE = (
    frozenset(
        "out average total whole go goes went going tend tends did enjoys popular share more less than few bit "
        "lot".split()
    )
    | _JUDGES
    | _EVERY
    | _QUANTIFIERS.keys()
)


def check_crowd(clause: Clause, case: Case) -> bool:
    """A claim about others; False where a clause makes none. It accounts for the whole clause."""
    if not _speaks_of_others(clause, case):
        return False
    told = [found for piece in case.evidence if (found := read(piece))]
    titles = _titles(clause, case)
    said = [piece for piece in clause.pieces if not piece.is_done]
    supporting = next((each.id for each in told if _agrees(clause, each, titles, rated=case.rates)), None)
    case.rates |= bool(word_list("rates") & set(clause.words())) or _gives_a_mean(clause)
    ids = (supporting,) if supporting else ()
    case.add(ClaimKind.CROWD, said or clause.pieces, support(supporting is not None), evidence_ids=ids)
    return True


def _speaks_of_others(clause: Clause, case: Case) -> bool:
    """Whether a clause holds a verb of choosing or rating with people as its subject, or a word such as "popular"."""
    plot = clause.subject.positions
    words = [
        piece.word
        for piece in clause.pieces
        if piece.kind is Kind.WORD
        and not piece.is_done
        and not piece.is_possessive  # "other people's lives"
        and not _is_of_a_fact(piece, clause)
        and not (piece.word in _NEVER_SAID and piece.stem in plot)
    ]
    people = any(word in word_list("people_nouns") for word in words) or _those_who(words)
    if any(piece.kind is Kind.FACT and not piece.is_done for piece in clause.pieces) and not people:
        return False
    if any(word in ("popular", "popularity") for word in words) or _is_most_chosen(words):
        return True
    if ("average" in words or "mean" in words) and any(piece.kind is Kind.NUMBER for piece in clause.pieces):
        return True
    rated = any(word in ("rated", "rating", "ratings", "stars", "rates") for word in words)
    numbers = any(piece.kind is Kind.NUMBER for piece in clause.pieces)
    if _gives_a_mean(clause):
        return True
    if rated and "rated" in words and (numbers or any(word in _JUDGES for word in words)):
        return True
    if any(word in ("rating", "ratings") for word in words):
        return True
    if "you" in words or "your" in words:
        return False
    if (
        numbers
        and case.rates
        and (people or {"them", *word_list("rates")} & set(words))
        and not any(True for _ in clause.open(Kind.TITLE))
    ):
        return True  # "rated 4.3, from 480 people", "and there were 480 of them"
    told = {piece.word for piece in clause.pieces if forms_of(piece.stem) & plot.keys()} & word_list("chooses")
    judging = word_list("chooses") | word_list("rates") | word_list("likes")
    judged = any(word in judging - told for word in words)
    some = any(word in ("some", "many", "most", "few", "half") for word in words) or numbers
    return (people and judged) or (judged and some and "who" in words) or any(word in _NEVER_SAID for word in words)


def _gives_a_mean(clause: Clause) -> bool:
    """As in "3.1 of 5 from 300 people": a number that is not whole, of another one."""
    return any(
        one.first % 1 and [piece.word for piece in clause.pieces if one.start < piece.start < top.start] in _OF
        for one, top in pairwise(piece for piece in clause.pieces if piece.kind is Kind.NUMBER and not piece.unit)
    )


def _is_of_a_fact(piece: Piece, clause: Clause) -> bool:
    """As in "an R rating", which is a certificate."""
    before = [each.kind for each in clause.pieces if each.start < piece.start][-1:]
    return piece.word == "rating" and before == [Kind.FACT]


def _those_who(words: list[str]) -> bool:
    return ("those", "who") in pairwise(words)


def _is_most_chosen(words: list[str]) -> bool:
    """As in "the most watched" and "widely read": of a crowd that is not named."""
    return any(
        word in ("most", "widely", "much", "often") and after in word_list("chooses") | word_list("likes")
        for word, after in pairwise(words)
    )


def _titles(clause: Clause, case: Case) -> list[frozenset[str]]:
    """What each name of another item may mean, or the one that was spoken of where "who chose it" points to it."""
    named = [
        frozenset(case.index.record(item_id).item.label for item_id in piece.item_ids)
        for piece in clause.pieces
        if piece.kind is Kind.TITLE and case.record.item.id not in piece.item_ids
    ]
    if not named and case.spoken_of and "who" in clause.words() and clause.has("this"):
        named = [frozenset([case.spoken_of.item.label])]
    return named


def _agrees(clause: Clause, told: Told, titles: Sequence[frozenset[str]], *, rated: bool) -> bool:
    """Whether one piece of evidence says all that the clause does, of each item that it names.

    "People who chose Heat often chose Alien" is nothing that is known of a third item, whatever its evidence.
    """
    words = frozenset(piece.word for piece in clause.pieces if piece.kind is Kind.WORD)
    if words & _NEVER_SAID or words & _EVERY or any(piece.is_negated for piece in clause.pieces):
        return False
    if not all(_is_said_of_crowds(piece.word) for piece in content_of(clause)):
        return False
    rates = rated or bool(words & (word_list("rates") | _JUDGES)) or _gives_a_mean(clause)
    likes = bool(words & (word_list("likes") - {"like", "enjoys"}))
    if (
        likes
        or (rates and not told.is_rating)
        or any(told.title not in each for each in titles)
        or (told.title and not titles)
    ):
        return False
    if _is_most_chosen([piece.word for piece in clause.pieces]) and not told.title:
        return False  # no count says that it is the most
    if "popular" in words:
        return (told.people or 0) >= MANY and not titles
    if told.is_rating and not rates:
        return False
    numbers = [piece for piece in clause.pieces if piece.kind is Kind.NUMBER]
    facets = any(piece.kind in (Kind.CATEGORY, Kind.PERSON, Kind.YEARS, Kind.FACT) for piece in clause.pieces)
    if not (numbers or told.is_rating or _is_fair_of_all(words, told)):
        return False
    return _numbers_agree(clause, numbers, told) and _share_agrees(words, told) and not (facets and not numbers)


def _is_said_of_crowds(word: str) -> bool:
    lists = ("people_nouns", "chooses", "rates")
    return word in _GLUE or any(word in word_list(name) for name in lists)


def _numbers_agree(clause: Clause, numbers: list[Piece], told: Told) -> bool:
    """Whether every number is the one that the evidence has in that part: "K of N", "N people", "rated M of T"."""
    following = {id(piece): _behind(piece, clause) for piece in numbers}
    taken: set[int] = set()
    for piece, other in pairwise(numbers):
        between = [p.word for p in clause.pieces if piece.start < p.start < other.start and p.word not in _UNITS]
        if between in ([], ["of"], ["of", "the"], ["out", "of"], ["of", "all"], ["from", "the"]):
            pair = (told.mean, told.top) if told.is_rating else (told.both, told.of)
            if (piece.first, other.first) != pair:
                return False
            taken |= {id(piece), id(other)}
    for piece in numbers:
        if piece.unit == "share" and not _is_share(piece, told):
            return False
        if id(piece) in taken or piece.unit:
            continue
        people = any(word in word_list("people_nouns") or word == "them" for word in following[id(piece)])
        if not any(is_near(one, piece.first, piece.bound) for one in _allowed(told, clause, people=people) if one):
            return False
    return True


def _behind(number: Piece, clause: Clause) -> list[str]:
    """The next words behind a number, up to the next number."""
    behind = itertools.takewhile(
        lambda piece: piece.kind is not Kind.NUMBER, (each for each in clause.pieces if each.start > number.start)
    )
    return [piece.word for piece in behind][:3]


def _is_share(piece: Piece, told: Told) -> bool:
    """Whether a share, as in "two thirds of those who chose X", is that of the evidence."""
    return bool(told.both and told.of) and is_near((told.both or 0) / (told.of or 1), piece.first, piece.bound, _SHARE)


def _allowed(told: Told, clause: Clause, *, people: bool) -> Iterable[float | None]:
    """The numbers that may stand alone, beside "people" or not."""
    if told.is_rating:
        return (told.people,) if people else (told.mean,)
    if told.of is None:
        return (told.people,)
    of_all = any(piece.word == "of" for piece in clause.pieces[:2])
    return (told.of,) if people and of_all else (told.both,)


def _is_fair_of_all(words: frozenset[str], told: Told) -> bool:
    """Whether "people who chose X chose it", without a figure, says no more than the evidence."""
    is_part = words & (_SOME | _QUANTIFIERS.keys())
    return bool(is_part) or not told.of or (told.both or 0) >= OFTEN * told.of


def _share_agrees(words: frozenset[str], told: Told) -> bool:
    """Whether "most", "half" or "highly" are fair words for what the evidence says."""
    if told.is_rating and told.mean is not None and told.top:
        share = told.mean / told.top
        if words & {"highly", "top", "best", "high"}:
            return share >= HIGHLY and not words & {"best", "top"}
        return share >= WELL if words & {"well", "good"} else not words & _JUDGES
    for word in words & _QUANTIFIERS.keys():
        if told.both is None or not told.of:
            return False
        low, high = _QUANTIFIERS[word]
        low, high = (0.5, 1.0) if word == "half" and {"more", "than"} <= words else (low, high)
        if not low <= told.both / told.of <= high:
            return False
    return True
