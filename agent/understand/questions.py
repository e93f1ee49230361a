"""Questions about items in a masked message: which of its sentences ask, what, and about which items."""

import re
from dataclasses import dataclass

from agent.understand import asking, short_messages
from agent.understand.context import Context
from agent.understand.masked import Masked, sentences
from core.intent import Asked, TurnKind


@dataclass(frozen=True, slots=True)
class Question:
    """The sentences of a message that ask about items; `kind` is None when there are none."""

    kind: TurnKind | None = None
    spans: tuple[tuple[int, int], ...] = ()
    asked: Asked | None = None
    about: tuple[str, ...] = ()


def find_question(masked: Masked, context: Context) -> Question:
    """All that a message asks about items; the first aspect that it names counts for all of it."""
    found = Question()
    for start, end in sentences(masked.text):
        sentence = masked.text[start:end]
        marks = [int(mark) for mark in re.findall(r"@(\d+)", sentence)]
        part = (
            _about_named(sentence, marks, masked, context) if marks else _about_unnamed(sentence, found.about, context)
        )
        if part is None:
            continue
        found = Question(
            TurnKind.COMPARE if TurnKind.COMPARE in (part.kind, found.kind) else TurnKind.ASK,
            (*found.spans, (start, end)),
            part.asked if found.asked in (None, Asked.GENERAL) else found.asked,
            tuple(dict.fromkeys((*found.about, *part.about))),
        )
    return found


def _about_unnamed(sentence: str, before: tuple[str, ...], context: Context) -> Question | None:
    """A question without a title: of our last answer, of "it", or which of those shown to take."""
    shown = context.shown
    if of_answer := asking.asks_about_answer(sentence):
        items = before or ((shown.focus,) if shown.focus else shown.answer)
        # "Why not something funny?" is a wish; "what about Heat, why isn't it here?" is none.
        is_question = items and (before or of_answer is Asked.MOVE)
        return Question(TurnKind.ASK, asked=of_answer, about=tuple(items)) if is_question else None
    if (bare := short_messages.bare_aspect(sentence)) and shown.single:
        return Question(TurnKind.ASK, asked=bare, about=(shown.single,))
    if asking.compares(sentence) and len(set(shown.answer)) > 1:
        asked = asking.asked_about(f"{sentence} @0") or asking.aspect(sentence) or Asked.GENERAL
        return Question(TurnKind.COMPARE, asked=asked, about=shown.answer)
    return None


def _about_named(sentence: str, marks: list[int], masked: Masked, context: Context) -> Question | None:
    """A question about the items that it names, or a comparison of them."""
    aspect = asking.asked_about(sentence)
    if aspect is None and (context.asked or context.has_answer) and short_messages.asks_the_same(sentence):
        aspect = context.asked or Asked.GENERAL  # "and Fargo?"
    if aspect in (Asked.WHY_NOT, Asked.MOVE):
        marks = _asked_marks(sentence, marks, masked)
    compares = asking.compares(sentence)
    items = [item for mark in marks for item in masked.items[mark]]
    if compares and not items:
        items = list(context.shown.answer)
    is_comparison = compares and len(set(items)) + sum(mark in masked.unknown for mark in marks) > 1
    if not is_comparison and aspect is None:
        return None
    asked = aspect or asking.aspect(sentence) or Asked.GENERAL
    return Question(TurnKind.COMPARE if is_comparison else TurnKind.ASK, asked=asked, about=tuple(items))


def _asked_marks(sentence: str, marks: list[int], masked: Masked) -> list[int]:
    """Of a question about an answer, the marks that are asked about: not "them", nor what was taken instead."""
    if (passed_over := asking.preferred_mark(sentence)) is not None:
        return [passed_over]
    return [mark for mark in marks if mark not in masked.referred] or marks
