"""Says what evidence says in many ways: subjects, orders of clauses, openings and joints, drawn at random.

Each sentence of evidence is taken apart into what it holds for (a lead such as "Like Heat (1995)") and what it says (a
predicate such as "is directed by Michael Mann"), and put together again. Only the form changes, so what comes out is as
true as the evidence. Sentences of other shapes, such as plots, stay whole.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.artifacts import Wording
from core.evidence import Evidence

_LED = re.compile(r"^(?P<lead>Like (?P<other>[^,]+)|As you asked), it (?P<predicate>[^;:]+)\.$")
_MOOD = re.compile(r"^It suits your wish for (?P<wish>something [\w-]+): it (?P<predicate>[^;:]+)\.$")
_CROWD = re.compile(r"^People who chose (?P<other>.+?) (?P<often>often )?(?:also chose it|chose it too)\.$")
_PLAIN = re.compile(r"^It (?P<predicate>[^;:]+)\.$")


@dataclass(frozen=True)
class Fact:
    """A sentence of evidence in its parts. Where `predicate` is empty, only `whole` can be said."""

    whole: str
    predicate: str = ""
    lead: str = ""  # "like Heat (1995)", "as you asked"; begins in lower case
    other: str = ""  # the title that it is compared with
    often: bool = False
    is_crowd: bool = False


Form = Callable[[Fact, str], str]

_SIMPLE: tuple[Form, ...] = (lambda fact, it: f"{it} {fact.predicate}.",)
_LEADING: tuple[Form, ...] = (
    lambda fact, it: f"{_capital(fact.lead)}, {_small(it)} {fact.predicate}.",
    lambda fact, it: f"{it} {fact.predicate}, {fact.lead}.",
    lambda fact, it: f"{it} {fact.predicate}, just {fact.lead}.",
)
_CHOSEN: tuple[Form, ...] = (
    lambda fact, it: f"You chose {fact.other}, and like it, {_small(it)} {fact.predicate}.",
    lambda fact, it: f"You chose {fact.other}; {_small(it)} {fact.predicate} too.",
)
_CROWDS: tuple[Form, ...] = (
    lambda fact, it: f"People who chose {fact.other} {'often ' if fact.often else ''}chose {_small(it)} too.",
    lambda fact, it: f"People who chose {fact.other} {'often ' if fact.often else ''}also chose {_small(it)}.",
    lambda fact, it: f"Others who chose {fact.other} {'often ' if fact.often else ''}chose {_small(it)} too.",
)
_AND = "{clause}, and {rest}"
_JOINTS = ("{first} {second}", "{first} {second}", _AND, "{clause}; {rest}", "also")


def fact_of(piece: Evidence) -> Fact:
    """A piece of evidence in its parts."""
    text = piece.prompt_text
    if match := _LED.match(text):
        lead = _small(match["lead"])
        return Fact(text, match["predicate"], lead, match["other"] or "")
    if match := _MOOD.match(text):
        return Fact(text, match["predicate"], f"for your wish for {match['wish']}")
    if match := _CROWD.match(text):
        return Fact(text, other=match["other"], often=bool(match["often"]), is_crowd=True)
    if match := _PLAIN.match(text):
        return Fact(text, match["predicate"])
    return Fact(text)


def say(fact: Fact, it: str, rng: np.random.Generator, *, chosen: Sequence[str] = ()) -> str:
    """One of the ways to say a fact of the subject `it`; `chosen` are the titles that the person is known to like."""
    if fact.is_crowd:
        forms = _CROWDS
    elif not fact.predicate:
        return fact.whole
    elif fact.lead:
        forms = (*_LEADING, *(_CHOSEN if fact.other in chosen else ()))
    else:
        forms = _SIMPLE
    return forms[int(rng.integers(len(forms)))](fact, it)


def subjects(title: str, wording: Wording) -> tuple[str, ...]:
    """What an item can be called; a title with commas or marks of its own would break a sentence."""
    by_name = (title,) if re.fullmatch(r"[\w' -]+", title) else ()
    return ("It", "It", "This one", f"This {wording.item}", *by_name)


def together(sentences: Sequence[str], rng: np.random.Generator) -> str:
    """One or two sentences as prose."""
    if len(sentences) == 1:
        return sentences[0]
    first, second = sentences
    # Only a pronoun loses its capital behind a joint, and a first sentence of several clauses takes no more.
    joinable = second.startswith(("It ", "This ", "People ", "Others ", "You ")) and not re.search(r"[:;…,]", first)
    joint = _JOINTS[int(rng.integers(len(_JOINTS)))] if joinable else _JOINTS[0]
    if joint == "also":
        joint, second = _AND, second.replace("It is ", "It is also ", 1) if second.startswith("It is ") else second
    return joint.format(first=first, second=second, clause=first[:-1], rest=_small(second))


def _small(text: str) -> str:
    """Pronouns and leads in small letters; a title keeps its capital."""
    starts = ("It", "This ", "Like ", "As ", "People ", "Others ", "You ")
    return f"{text[0].lower()}{text[1:]}" if text == "It" or text.startswith(("It ", *starts[1:])) else text


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
