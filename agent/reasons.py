"""A reason composed from evidence: what stands in for a reason of the model that nothing supports, or without a model.

The same facts can be said in several ways and joined in several ways; which is chosen depends on the item and the
person alone, so that an answer is the same when it is asked for again, and a list of answers doesn't sound like a form.
"""

import random
import re
import zlib
from collections.abc import Sequence

from agent.claims.attested import stated_by
from core.evidence import Evidence

SENTENCES = 2
# Evidence below it, such as a poor rating, is worth knowing but speaks for nothing.
LEAST_SCORE = 0.1
# A longer sentence stands alone.
_LONGEST_JOINED = 130

# How a sentence of `index.evidence` may be said; each way says the same. The first that fits counts.
_WAYS = tuple(
    (re.compile(pattern), ways)
    for pattern, ways in (
        (
            r"^As you asked, it (?P<rest>[^,;:]+)\.$",
            ("As you asked, it {rest}.", "It {rest}, as you asked.", "It {rest}, just as you asked."),
        ),
        (
            r"^It suits your wish for something (?P<mood>[\w-]+): it (?P<rest>.+)\.$",
            (
                "It suits your wish for something {mood}: it {rest}.",
                "You wanted something {mood}, and it {rest}.",
                "For your wish for something {mood}: it {rest}.",
            ),
        ),
        (
            r"^It suits your wish for something (?P<mood>[\w-]+)\.$",
            ("It suits your wish for something {mood}.", "It fits your wish for something {mood}."),
        ),
        (
            r"^Like (?P<other>[^,]+), it (?P<rest>[^,;:]+)\.$",
            ("Like {other}, it {rest}.", "It {rest}, like {other}.", "Just like {other}, it {rest}."),
        ),
        (
            r"^It is rated (?P<mean>\S+) of (?P<top>\S+) by (?P<people>[\d,]+ people)\.$",
            (
                "It is rated {mean} of {top} by {people}.",
                "{people} rated it {mean} of {top} on average.",
                "{people} gave it {mean} of {top} on average.",
            ),
        ),
        (
            r"^People who chose (?P<other>.+) often chose it too: (?P<both>[\d,]+) of (?P<of>[\d,]+)\.$",
            (
                "People who chose {other} often chose it too: {both} of {of}.",
                "{both} of the {of} people who chose {other} chose it too.",
                "Of the {of} people who chose {other}, {both} also chose it.",
            ),
        ),
        (
            r"^Of (?P<of>[\d,]+) people who chose (?P<other>.+), (?P<both>[\d,]+) also chose it\.$",
            (
                "Of {of} people who chose {other}, {both} also chose it.",
                "{both} of the {of} people who chose {other} chose it too.",
            ),
        ),
        (
            r"^It has the same (?P<what>[\w ]+) as (?P<other>.+)\.$",
            ("It has the same {what} as {other}.", "It and {other} have the same {what}."),
        ),
        (
            r"^It is (?P<verb>directed|written|designed) by (?P<name>[^,]+)\.$",
            ("It is {verb} by {name}.", "It was {verb} by {name}."),
        ),
        (r"^It is (?P<kind>an? [^,;:]+)\.$", ("It is {kind}.", "This is {kind}.")),
    )
)
_JOINTS = ("{first} {second}", "{first} {second}", "{clause}, and {rest}", "{clause}; {rest}")
# Only these may lose their capital behind a joint.
_OPENERS = ("It ", "This ", "People ", "Of ", "Like ", "Just ", "As ", "You ", "For ")


def reason_from_evidence(evidence: Sequence[Evidence], person: str = "") -> tuple[str, tuple[str, ...]]:
    """A reason and the ids of its evidence: the best pieces of different kinds, none of which repeats those before it.

    `person` is anything that names who reads it, or what they said; the same words come out for the same one.
    """
    chosen = _telling(evidence)
    if not chosen:
        return "", ()
    chance = _chance(chosen[0], person)
    known = [" ".join(piece.text for piece in chosen[:place]) for place in range(len(chosen))]
    said = [_say(_news(piece.text, before), chance) for piece, before in zip(chosen, known, strict=True)]
    return _together(said, chance), tuple(piece.id for piece in chosen)


def say(piece: Evidence, person: str = "", known: str = "") -> str:
    """One piece of evidence in one of the ways to say it; what `known` has told already is left out."""
    return _say(_news(piece.text, known), _chance(piece, person))


def adds_to(known: str, text: str) -> bool:
    """Whether a text states anything that the known text does not."""
    return not stated_by(text) <= stated_by(known)


def _news(text: str, known: str) -> str:
    """A text without the ground that it gives behind a colon, where that was told: "It suits …: it is a thriller."."""
    claim, colon, ground = text.partition(": ")
    return f"{claim}." if known and colon and not adds_to(known, ground) else text


def _telling(evidence: Sequence[Evidence]) -> list[Evidence]:
    chosen: list[Evidence] = []
    said = ""
    for piece in sorted(evidence, key=lambda piece: -piece.score):
        if len(chosen) == SENTENCES or (chosen and piece.score < LEAST_SCORE):
            break
        if piece.kind not in {other.kind for other in chosen} and (not said or adds_to(said, piece.text)):
            chosen.append(piece)
            said = f"{said} {piece.text}".strip()
    return chosen


def _chance(piece: Evidence, person: str) -> random.Random:
    return random.Random(zlib.crc32(f"{piece.item_id}\n{person}".encode()))


def _say(text: str, chance: random.Random) -> str:
    for pattern, ways in _WAYS:
        if match := pattern.match(text):
            return chance.choice(ways).format(**match.groupdict())
    return text


def _together(sentences: Sequence[str], chance: random.Random) -> str:
    """One or two sentences as prose."""
    if len(sentences) == 1:
        return sentences[0]
    first, second = sentences
    joint = chance.choice(_JOINTS)
    joinable = second.startswith(_OPENERS) or second[0].isdigit()
    plain = first.endswith(".") and not re.search(r"[:;…]|, and ", first) and not re.search(r"[.!?] ", first)
    if not (joinable and plain) or len(first) + len(second) > _LONGEST_JOINED:
        joint = _JOINTS[0]
    return joint.format(first=first, second=second, clause=first[:-1], rest=f"{second[0].lower()}{second[1:]}")
