"""Reasons composed from evidence: in place of one that nothing supports or that only repeats its evidence, or without
a model.

The same facts can be said and joined in several ways (`agent.ways`). Which is taken depends on the item, the person and
what this answer has used already: so an answer is the same when it is asked for again, and its reasons don't sound like
a form.
"""

import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from agent.alike import JOINED, adds_to, opening, states
from agent.claims.english import sentences
from agent.ways import Relation, other_of, ways_to_say
from core.evidence import Evidence, EvidenceKind

SENTENCES = 2
# Evidence below it, such as a poor rating, is worth knowing but speaks for nothing.
LEAST_SCORE = 0.1
# Fewer of those who chose another item than this are no reason either, although they may be more than chance.
LEAST_SHARE = 0.1
_SHARE = re.compile(r"^Of (?P<of>[\d,]+) people who chose .+, (?P<both>[\d,]+) also chose it\.$")
# A longer sentence stands alone.
_LONGEST_JOINED = 130
_JOINTS = ("{first} {second}", "{first} {second} ", "{clause}, and {rest}", "{clause}; {rest}")
# Only these may lose their capital behind a joint.
_OPENERS = ("It ", "Its ", "This ", "People ", "Of ", "Like ", "Just ", "As ", "You ", "For ")
_AS_ASKED = re.compile(r"^As you asked, it (.+)\.$")
_KIND = re.compile(r"^It is (?:an? |listed under )")
_LIKE = re.compile(r"^Like .+, it (.+)\.$")


class ReasonWriter:
    """Writes the reasons of one answer."""

    def __init__(self, person: str = "", known: Mapping[str, Relation] | None = None) -> None:
        """`person` is anything that names who reads it, or what they said; the same words come out for the same one.

        `known` are the labels of items that they chose, liked or asked for something like.
        """
        self._person = person
        self._known = dict(known or {})
        self._used: Counter[str] = Counter()  # forms and openings of sentences, and joints
        self._begun: Counter[str] = Counter()  # openings of reasons

    def write(self, evidence: Sequence[Evidence], first: Sequence[Evidence] = ()) -> tuple[str, tuple[str, ...]]:
        """A reason and the ids of its evidence: `first`, else the best, and then the best of another kind.

        Nothing is said twice. Empty where there is no evidence.
        """
        chosen = _telling(evidence, first)
        if not chosen:
            return "", ()
        texts = [_news(piece.text, " ".join(each.text for each in chosen[:n])) for n, piece in enumerate(chosen)]
        wish = _as_one_wish(texts[0], texts[1]) if _are_wishes(chosen[:2]) else None
        if wish:
            texts = [wish, *texts[2:]]
        count = len(texts[:SENTENCES]) + bool(wish)
        leans = len(texts) > 1 and _repeats(chosen[count - 1], texts[0])
        texts, of_one = _of_one_other(texts[:SENTENCES])
        chance = self._chance(chosen[0])
        said = [self._said(text, chance, leans=leans and n > 0) for n, text in enumerate(texts)]
        leans |= of_one
        return self._together(said, chance, leans=leans), tuple(piece.id for piece in chosen[:count])

    def say(self, piece: Evidence, known: str = "") -> str:
        """One piece of evidence; what `known` has told already is left out."""
        return self._said(_news(piece.text, known), self._chance(piece))

    def told(self, reason: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence that a reason tells in words that `write` has too; empty where it has words of its own."""
        pieces = [(text, (piece,)) for piece in evidence for text in (piece.text, piece.brief) if text]
        wishes = [piece for piece in evidence if piece.kind is EvidenceKind.REQUEST]
        both = [(_as_one_wish(one.text, other.text) or "", (one, other)) for one, other in combinations(wishes, 2)]
        met = [(f"It {match[1]}.", (piece,)) for piece in wishes if (match := _AS_ASKED.match(piece.text))]
        said = {
            _flat(sentence): told
            for text, told in reversed([*pieces, *both, *met])
            for known in ("", text)
            for _, sentence in ways_to_say(_news(text, known), self._known)
        }
        found: list[Evidence] = []
        for sentence in sentences(reason):
            each = ([said.get(_flat(part)) for part in parts] for parts in _parted(sentence))
            if (pieces_of := next(filter(all, each), None)) is None:
                return []
            found += [piece for told in pieces_of if told for piece in told]
        return list(dict.fromkeys(found))

    def note(self, reason: str) -> None:
        """Count the form of a reason that was written elsewhere."""
        self._begun[opening(reason)] += 1
        self._used.update(map(opening, sentences(reason)))

    def _chance(self, piece: Evidence) -> random.Random:
        return random.Random(zlib.crc32(f"{piece.item_id}\n{self._person}".encode()))

    def _said(self, text: str, chance: random.Random, *, leans: bool = False) -> str:
        """A sentence in the way that was used least; one that `leans` on what was said says "too" where it can."""
        ways = ways_to_say(text, self._known)
        if leans:
            ways = [way for way in ways if way[0].endswith(" too.")] or ways
        form, said = min(ways, key=lambda way: (self._used[opening(way[1])], self._used[way[0]], chance.random()))
        self._used.update([form, opening(said)])
        return said

    def _together(self, sentences: Sequence[str], chance: random.Random, *, leans: bool) -> str:
        """One or two sentences as prose; the second one first where too many reasons begin like the first one.

        One that `leans` on what the first says stays behind it, and apart.
        """
        first, second = (*sentences, "")[:2]
        if (
            second
            and not leans
            and self._begun[opening(second)] < self._begun[opening(first)]
            and _stands_alone(second)
        ):
            first, second = second, first
        self._begun[opening(first)] += 1
        if not second:
            return first
        joints = _JOINTS if not leans and _can_be_joined(first, second) else _JOINTS[:1]
        joint = min(joints, key=lambda joint: (self._used[joint], chance.random()))
        self._used[joint] += 1
        rest = f"{second[0].lower()}{second[1:]}"
        return joint.format(first=first, second=second, clause=first[:-1], rest=rest).strip()


def speaks_for(piece: Evidence) -> bool:
    """Whether a sentence is a reason to choose an item: not a poor rating, nor that nine of 300 others chose it."""
    share = _SHARE.match(piece.text)
    few = share and _number(share["both"]) < LEAST_SHARE * _number(share["of"])
    return piece.score >= LEAST_SCORE and not few


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


def _of_one_other(texts: Sequence[str]) -> tuple[list[str], bool]:
    """Two sentences that name the same other item, it once: "People who chose Heat often … It is a thriller as well.".

    And whether the second leans on the first.
    """
    names = [other_of(text) for text in texts]
    if len(names) < SENTENCES or not names[0] or names[0] != names[1]:
        return list(texts), False
    likes = [_LIKE.match(text) for text in texts]
    like = next((match for match in likes if match), None)
    if like is None or all(likes):
        return list(texts), False
    others = [text for text, match in zip(texts, likes, strict=True) if not match]
    return [*others, f"It {like[1]} as well."], True


def _news(text: str, known: str) -> str:
    """A text without the ground that it gives behind a colon, where that was told: "It suits …: it is a thriller."."""
    claim, colon, ground = text.partition(": ")
    return f"{claim}." if known and colon and not adds_to(known, ground) else text


def _telling(evidence: Sequence[Evidence], first: Sequence[Evidence]) -> list[Evidence]:
    """Up to two wishes that an item meets, or the best piece, and the best piece of another kind that says more."""
    ranked = sorted(evidence, key=lambda piece: (piece not in first, -piece.score))
    chosen: list[Evidence] = ranked[:1]
    if chosen and chosen[0].kind is EvidenceKind.REQUEST:
        wishes = [piece for piece in ranked[1:] if piece.kind is EvidenceKind.REQUEST]
        chosen += [piece for piece in wishes if adds_to(chosen[0].text, piece.text)][:1]
    others = [
        piece
        for piece in ranked[1:]
        if piece.kind not in {each.kind for each in chosen} and (piece in first or speaks_for(piece))
    ]
    said = " ".join(piece.text for piece in chosen)
    telling = [piece for piece in others if adds_to(said, piece.text) and not _is_closer(piece, said)]
    # "Like Heat, it is a thriller" says little more than "It is a thriller".
    return [*chosen, *(sorted(telling, key=lambda piece: _repeats(piece, said))[: SENTENCES - 1])]


def _repeats(piece: Evidence, said: str) -> bool:
    """Whether a comparison has in common what was said, perhaps closer."""
    _, comma, ground = piece.text.rpartition(", ")
    return piece.kind is EvidenceKind.GRAPH and bool(comma) and bool(states(ground) & states(said))


def _is_closer(piece: Evidence, said: str) -> bool:
    """Whether it says again what was said, only closer: "It is a war drama" behind "As you asked, it is a drama"."""
    return bool(_KIND.match(piece.text)) and bool(states(piece.text) & states(said))


def _are_wishes(pieces: Sequence[Evidence]) -> bool:
    return len(pieces) == 2 and all(piece.kind is EvidenceKind.REQUEST for piece in pieces)


def _as_one_wish(first: str, second: str) -> str | None:
    """Two wishes as one sentence, "As you asked, it is a comedy from 1979."; None where that doesn't read well."""
    one, other = _AS_ASKED.match(first), _AS_ASKED.match(second)
    if states(first) <= states(second):
        return second  # "It suits your wish for something dark: it is a crime thriller." of who wants a thriller
    if not one or not other or re.search(r"[,;:]", one[1]):
        return None
    told, also = sorted((one[1], other[1]), key=lambda wish: wish.startswith("is from "))
    if not told.startswith("is "):
        return f"As you asked, it {told} and {also}."
    also = also.removeprefix("is ")
    return f"As you asked, it {told}{' ' if also.startswith('from ') else ' and '}{also}."


def _parted(sentence: str) -> Iterator[tuple[str, ...]]:
    """A sentence whole, and as the two that it may have been joined of."""
    yield (sentence,)
    for joint in JOINED.finditer(sentence):
        yield sentence[: joint.start()], sentence[joint.end() :]


def _flat(sentence: str) -> str:
    return sentence.casefold().rstrip(". ")


def _stands_alone(sentence: str) -> bool:
    """Whether a sentence may come first: one that lost its ground, told before, may not."""
    return not re.match(r"It (?:suits|fits) your wish for something [\w-]+\.$", sentence)


def _can_be_joined(first: str, second: str) -> bool:
    joinable = (second.startswith(_OPENERS) or second[0].isdigit()) and not re.search(r"[:;]|, and ", second)
    plain = first.endswith(".") and not re.search(r"[:;…]|, (?:and|so) ", first) and not re.search(r"[.!?] ", first)
    return joinable and plain and len(first) + len(second) <= _LONGEST_JOINED
