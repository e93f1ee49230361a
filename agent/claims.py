"""Whether a reason says only what evidence says.

A deliberately strict reader: every word of a reason that carries meaning must stand in the evidence of that item or in
its title. So a reason may leave things out and join facts, but not add any. It does not understand sentences; what it
can't trace back to evidence counts as unsupported.
"""

import re
from collections.abc import Sequence

from core.evidence import Evidence

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")

# Words that join facts or address the person, and claim nothing about an item by themselves.
_NEUTRAL = frozenset(
    """
    a about also an and are as at be because been by came choice chose chosen come comes fact film films for from has
    have here his her in into is it item items its just makes many of often on one or other others out people person
    shares so some suit suits than that the their them then there these they this those title to too was were what
    when where which who whose with would you your book books product products good great match matches pick
    """.split()
)
# Words that turn a fact around. They are never neutral.
_NEGATIONS = frozenset("not no never neither nor without isn't doesn't don't didn't wasn't hardly unlike".split())


def words_of(text: str) -> list[str]:
    """The words and numbers of a text in order, in lower case."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _stem(word: str) -> str:
    """Plural and possessive endings off, so that "comedies" meets "comedy"."""
    word = word.removesuffix("'s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _stated(text: str) -> set[str]:
    """What a text states: the stem of each word, and each number with the word before it and the word behind it."""
    words = words_of(text)
    stated = {_stem(word) for word in words if not word[0].isdigit()}
    for position, word in enumerate(words):
        if word[0].isdigit():
            stated |= _number_in_place(words, position)
    return stated


def _number_in_place(words: Sequence[str], position: int) -> set[str]:
    """A number beside its neighbours, so that "4.2 of 5 by 508 people" does not support "508 of 5"."""
    around = set()
    if position > 0:
        around.add(f"{_stem(words[position - 1])} {words[position]}")
    if position + 1 < len(words):
        around.add(f"{words[position]} {_stem(words[position + 1])}")
    return around


def _claims(text: str) -> list[frozenset[str]]:
    """What needs support, claim by claim; any one of a claim's forms supports it."""
    words = words_of(text)
    claims = []
    for position, word in enumerate(words):
        if word[0].isdigit():
            claims.append(frozenset(_number_in_place(words, position)))
        elif word in _NEGATIONS or word not in _NEUTRAL:
            claims.append(frozenset({_stem(word)}))
    return claims


def supporting_evidence(reason: str, title: str, evidence: Sequence[Evidence]) -> tuple[str, ...] | None:
    """The ids of the evidence that a reason rests on, in the order of `evidence`; None when something is unsupported.

    A reason that claims nothing at all is unsupported too.
    """
    named = _stated(title)
    open_claims = [claim for claim in _claims(reason) if not claim & named]
    if not open_claims:
        return None
    found: list[str] = []
    for piece in evidence:
        stated = _stated(piece.text)
        still_open = [claim for claim in open_claims if not claim & stated]
        if len(still_open) < len(open_claims):
            found.append(piece.id)
        open_claims = still_open
    return tuple(found) if not open_claims else None


def adds_to(known: str, text: str) -> bool:
    """Whether a text claims anything that the known text does not state."""
    stated = _stated(known)
    return any(not claim & stated for claim in _claims(text))


def ends_a_sentence(text: str) -> bool:
    """Whether a text is whole: a reason that was cut at its length limit is not."""
    return text.rstrip().endswith((".", "!", "?", ".”", '."'))
