"""How a sentence of `index.evidence` may be said; each way says the same, and claims nothing more.

Where the other item of a sentence is one that the person chose, liked or asked for, it may say so: that is why it suits
this person. Tests check every way against the checker of claims.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.intent import Intent
from core.item import ItemTable


class Relation(StrEnum):
    """What a person has to do with an item."""

    LIKED = "liked"
    CHOSEN = "chosen"
    SIMILAR = "similar"  # they asked for something like it


@dataclass(frozen=True)
class Ways:
    """The ways to say what matches `pattern`, and those where the person knows the item that it calls `other`."""

    pattern: re.Pattern[str]
    ways: tuple[str, ...]
    personal: Mapping[Relation, tuple[str, ...]] = field(default_factory=dict)


_OPENINGS = {
    Relation.LIKED: "You liked {other}",
    Relation.CHOSEN: "You chose {other}",
    Relation.SIMILAR: "You asked for something like {other}",
}


def _personal(*ends: str) -> dict[Relation, tuple[str, ...]]:
    return {relation: tuple(f"{opening}{end}" for end in ends) for relation, opening in _OPENINGS.items()}


def _of_those_who_chose(*ends: str) -> dict[Relation, tuple[str, ...]]:
    """Behind "you chose", "who did" is who chose it: so only of what this person chose, else "who chose it"."""
    others = tuple(end.replace("who did", "who chose it") for end in ends)
    return {**_personal(*others), Relation.CHOSEN: _personal(*ends)[Relation.CHOSEN]}


WAYS = (
    Ways(
        re.compile(r"^As you asked, it is from (?P<year>\d+)\.$"),
        (
            "As you asked, it is from {year}.",
            "It is from {year}, as you asked.",
            "It is from {year}, within the years that you asked for.",
        ),
    ),
    Ways(
        re.compile(r"^As you asked, it (?P<rest>[^,;:]+)\.$"),
        (
            "As you asked, it {rest}.",
            "It {rest}, as you asked.",
            "It {rest}, just as you asked.",
            "It {rest}, which is what you asked for.",
        ),
    ),
    Ways(
        re.compile(r"^It suits your wish for something (?P<mood>[\w-]+): it (?P<rest>.+)\.$"),
        (
            "It suits your wish for something {mood}: it {rest}.",
            "You wanted something {mood}, and it {rest}.",
            "You asked for something {mood}: it {rest}.",
            "It {rest}, so it suits your wish for something {mood}.",
        ),
    ),
    Ways(
        re.compile(r"^It suits your wish for something (?P<mood>[\w-]+)\.$"),
        ("It suits your wish for something {mood}.", "It fits your wish for something {mood}."),
    ),
    Ways(
        re.compile(r"^It may suit (?P<who>[^:]+): it (?P<rest>.+)\.$"),
        (
            "It may suit {who}: it {rest}.",
            "It {rest}, so it may suit {who}.",
            "As it {rest}, it may suit {who}.",
        ),
    ),
    Ways(
        re.compile(r"^Like (?P<other>.+), it (?P<rest>[^,;:]+)\.$"),
        ("Like {other}, it {rest}.", "It {rest}, like {other}.", "Just like {other}, it {rest}."),
        _personal(", and this {rest} too.", ": this {rest} too."),
    ),
    Ways(
        re.compile(r"^It is rated (?P<mean>\S+) of (?P<top>\S+) by (?P<people>[\d,]+ people)\.$"),
        (
            "It is rated {mean} of {top} by {people}.",
            "{people} rated it {mean} of {top} on average.",
            "{people} gave it {mean} of {top} on average.",
            "Its rating is {mean} of {top}, from {people}.",
        ),
    ),
    Ways(
        re.compile(r"^People who chose (?P<other>.+) often chose it too: (?P<both>[\d,]+) of (?P<of>[\d,]+)\.$"),
        (
            "People who chose {other} often chose it too: {both} of {of}.",
            "{both} of the {of} people who chose {other} chose it too.",
            "Of the {of} people who chose {other}, {both} also chose it.",
        ),
        _of_those_who_chose(
            ", and people who did often chose this too: {both} of {of}.",
            ", and {both} of the {of} people who did also chose this.",
        ),
    ),
    Ways(
        re.compile(r"^Of (?P<of>[\d,]+) people who chose (?P<other>.+), (?P<both>[\d,]+) also chose it\.$"),
        (
            "Of {of} people who chose {other}, {both} also chose it.",
            "{both} of the {of} people who chose {other} chose it too.",
        ),
        _of_those_who_chose(", and {both} of the {of} people who did also chose this."),
    ),
    Ways(
        re.compile(r"^It is rated (?P<mean>\S+) of (?P<top>\S+)\.$"),
        (
            "It is rated {mean} of {top}.",
            "People rated it {mean} of {top} on average.",
            "People gave it {mean} of {top} on average.",
            "Its rating is {mean} of {top}.",
        ),
    ),
    Ways(
        re.compile(r"^People who chose (?P<other>.+) often chose it too\.$"),
        ("People who chose {other} often chose it too.", "Others who chose {other} often chose it too."),
        _of_those_who_chose(", and people who did often chose this too."),
    ),
    Ways(
        re.compile(r"^Some people who chose (?P<other>.+) also chose it\.$"),
        (
            "Some people who chose {other} also chose it.",
            "Some of those who chose {other} chose it too.",
            "Some who chose {other} also chose it.",
        ),
        _of_those_who_chose(
            ", and some people who did chose this too.",
            ", and some of those who did also chose this.",
        ),
    ),
    Ways(
        re.compile(r"^It has the same (?P<what>[\w ]+) as (?P<other>.+)\.$"),
        ("It has the same {what} as {other}.", "It and {other} have the same {what}."),
        _personal(", and this has the same {what}."),
    ),
    Ways(
        re.compile(r"^It is (?P<verb>directed|written|designed) by (?P<name>[^,]+)\.$"),
        ("It is {verb} by {name}.", "It was {verb} by {name}."),
    ),
    Ways(re.compile(r"^It is (?P<kind>an? [^,;:]+)\.$"), ("It is {kind}.", "This is {kind}.")),
)


def relations(intent: Intent, history: Sequence[str], items: ItemTable) -> dict[str, Relation]:
    """Labels and titles of the items that the person named or chose, with what they have to do with them."""
    known = [(Relation.CHOSEN, history), (Relation.SIMILAR, intent.similar_to), (Relation.LIKED, intent.liked)]
    return {
        name: relation
        for relation, ids in known
        for item_id in ids
        if item_id in items
        for name in (items[item_id].title, items[item_id].label)
    }


def ways_to_say(text: str, known: Mapping[str, Relation]) -> Sequence[tuple[str, str]]:
    """(form, sentence) for each way to say a sentence of evidence; the sentence itself where none is known.

    `known` are the labels of items that the person has to do with; ways that say so are added for them.
    """
    for each in WAYS:
        if match := each.pattern.match(text):
            said = match.groupdict(default="")
            relation = known.get(said.get("other", ""))
            forms = (*each.ways, *(each.personal.get(relation, ()) if relation else ()))
            return [(form, form.format(**said)) for form in forms]
    return [(text, text)]


def other_of(text: str) -> str:
    """The other item that a sentence of evidence names; empty where it names none, or isn't known."""
    found = (match for each in WAYS if (match := each.pattern.match(text)))
    return next((match.groupdict(default="").get("other", "") for match in found), "")
