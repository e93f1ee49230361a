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
from collections.abc import Mapping, Sequence

from agent.claims.attested import stated_by
from agent.ways import Relation, ways_to_say
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
        chance = self._chance(chosen[0])
        said = [self._said(text, chance) for text in texts[:SENTENCES]]
        count = len(said) + 1 if wish else len(said)
        repeats = len(said) > 1 and _repeats(chosen[count - 1], " ".join(texts[:1]))
        return self._together(said, chance, repeats=repeats), tuple(piece.id for piece in chosen[:count])

    def say(self, piece: Evidence, known: str = "") -> str:
        """One piece of evidence; what `known` has told already is left out."""
        return self._said(_news(piece.text, known), self._chance(piece))

    def note(self, reason: str) -> None:
        """Count the form of a reason that was written elsewhere."""
        self._begun[_opening(reason)] += 1

    def _chance(self, piece: Evidence) -> random.Random:
        return random.Random(zlib.crc32(f"{piece.item_id}\n{self._person}".encode()))

    def _said(self, text: str, chance: random.Random) -> str:
        ways = ways_to_say(text, self._known)
        form, said = min(ways, key=lambda way: (self._used[_opening(way[1])], self._used[way[0]], chance.random()))
        self._used.update([form, _opening(said)])
        return said

    def _together(self, sentences: Sequence[str], chance: random.Random, *, repeats: bool) -> str:
        """One or two sentences as prose; the second one first where too many reasons begin like the first one.

        One that `repeats` what the first says of the item stays behind it, and apart.
        """
        first, second = (*sentences, "")[:2]
        if (
            second
            and not repeats
            and self._begun[_opening(second)] < self._begun[_opening(first)]
            and _stands_alone(second)
        ):
            first, second = second, first
        self._begun[_opening(first)] += 1
        if not second:
            return first
        joints = _JOINTS if not repeats and _can_be_joined(first, second) else _JOINTS[:1]
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


def adds_to(known: str, text: str) -> bool:
    """Whether a text states anything that the known text does not."""
    return not stated_by(text) <= stated_by(known)


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
    telling = [piece for piece in others if adds_to(said, piece.text)]
    # "Like Heat, it is a thriller" says little more than "It is a thriller".
    return [*chosen, *(sorted(telling, key=lambda piece: _repeats(piece, said))[: SENTENCES - 1])]


def _repeats(piece: Evidence, said: str) -> bool:
    """Whether a comparison has nothing in common to tell but what was said."""
    _, comma, ground = piece.text.partition(", ")
    return piece.kind is EvidenceKind.GRAPH and bool(comma) and not adds_to(said, ground)


def _are_wishes(pieces: Sequence[Evidence]) -> bool:
    return len(pieces) == 2 and all(piece.kind is EvidenceKind.REQUEST for piece in pieces)


def _as_one_wish(first: str, second: str) -> str | None:
    """Two wishes as one sentence, "As you asked, it is a comedy from 1979."; None where that doesn't read well."""
    one, other = _AS_ASKED.match(first), _AS_ASKED.match(second)
    if not one or re.search(r"[,;:]", one[1]):
        return None
    if not other:
        return f"{first[:-1]}, and {second[0].lower()}{second[1:]}"
    if not one[1].startswith("is "):
        return f"As you asked, it {one[1]} and {other[1]}."
    second = other[1].removeprefix("is ")
    return f"As you asked, it {one[1]}{' ' if second.startswith('from ') else ' and '}{second}."


def _opening(sentence: str) -> str:
    """How a sentence begins: its first two words, numbers as one."""
    return " ".join("0" if word[0].isdigit() else word for word in sentence.split()[:2])


def _stands_alone(sentence: str) -> bool:
    """Whether a sentence may come first: one that lost its ground, told before, may not."""
    return not re.match(r"It (?:suits|fits) your wish for something [\w-]+\.$", sentence)


def _can_be_joined(first: str, second: str) -> bool:
    joinable = (second.startswith(_OPENERS) or second[0].isdigit()) and not re.search(r"[:;]|, and ", second)
    plain = first.endswith(".") and not re.search(r"[:;…]|, (?:and|so) ", first) and not re.search(r"[.!?] ", first)
    return joinable and plain and len(first) + len(second) <= _LONGEST_JOINED
