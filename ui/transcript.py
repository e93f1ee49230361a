"""Answers as HTML. Pure functions: values in, text out, with everything from outside escaped.

A turn is painted in named parts ("text", "card-0", "why-0", …) so that the page touches only what changed while an
answer streams in: pictures stay, an opened "Why this?" stays open. Knows nothing of Gradio or of the API's addresses.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.artifacts import Wording
from core.evidence import EvidenceKind
from core.markdown import unescaped
from core.recommendation import AnswerKind, Source
from ui.prose import label, prose
from ui.wire import Card, ChatMessage, Details, EvidenceLine, NotChosen

Parts = dict[str, str]

_KINDS = {
    EvidenceKind.METADATA: "Catalogue",
    EvidenceKind.GRAPH: "In common",
    EvidenceKind.CROWD: "Other people",
    EvidenceKind.REQUEST: "Your wish",
}
_SOURCES = {Source.MODEL: "Chosen by the language model", Source.RETRIEVAL: "Chosen by search"}
# What the page calls the kinds of data of a fused embedding.
_MODALITIES = {
    "text": "Words",
    "image": "Picture",
    "behaviour": "What people chose with it",
    "graph": "Connections",
    "time": "When it is from",
    "place": "Where it is",
}
LEAST_SHARE = 0.02
GO_ON = "Something else"  # goes on with the list that came before
# How someone says that they know an item already.
_KNOWN = {"film": "Seen it", "book": "Read it", "game": "Played it", "song": "Heard it", "album": "Heard it"}
_KNOWN_ELSE = "Have it"


def answer_parts(answer: ChatMessage, wording: Wording, lead: int | None = None) -> Parts:
    """The parts of an answer, finished (with details) or not.

    `lead` characters came before the first card. What comes later stands below the cards, and moves none of them.
    """
    parts = {"text": prose(answer.content[:lead], answer.recommendations)}
    for number, card in enumerate(answer.recommendations):
        parts[f"card-{number}"] = card_html(card, number, wording)
        parts[f"reason-{number}"] = escape(card.reason)
        if answer.details:
            parts[f"why-{number}"] = why_html(card, answer.details)
    if lead is not None and (late := prose(answer.content[lead:], answer.recommendations)):
        parts["late"] = late
    if answer.details:
        parts["end"] = end_html(answer, answer.details, wording)
    return parts


def failure_parts(message: str) -> Parts:
    """The line that stands where an answer should be, with a way on."""
    return {"note": f'<p class="failure">{escape(message)}</p><button type="button" data-retry>Try again</button>'}


def turns(messages: Sequence[ChatMessage], wording: Wording) -> list[dict[str, Any]]:
    """A kept conversation, as one question and the parts of its answer per turn."""
    shown: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "user":
            shown.append({"question": message.content, "parts": {}})
        elif shown:
            shown[-1]["parts"] |= answer_parts(message, wording)
    for turn in shown:
        turn["parts"] = turn["parts"] or failure_parts("This answer was interrupted.")
    return shown


def card_html(card: Card, number: int, wording: Wording) -> str:
    """A recommended item. Its reason and what that rests on may come later, into slots of their own."""
    title = escape(card.title)
    known = _KNOWN.get(wording.item, _KNOWN_ELSE)
    return (
        f'<article class="card" data-item="{escape(card.item_id)}" aria-label="{escape(label(card))}">'
        f'<div class="poster">{_picture(card)}</div>'
        f'<div class="about"><h3 dir="auto" title="{title}">{title}</h3><p class="meta">{_meta(card)}</p>'
        f'<p class="reason" data-slot="reason-{number}"></p>'
        f'<div class="verdicts" role="group" aria-label="Your opinion of {title}">'
        + _verdict_button("up", f"I like {card.title}")
        + _verdict_button("down", f"Not for me: {card.title}")
        + _verdict_button("seen", f"{known}: {card.title}", known)
        + f'</div></div><div class="why" data-slot="why-{number}"></div></article>'
    )


def _meta(card: Card) -> str:
    """Price, year and categories in one line. A dot stays with the fact before it: none begins a line."""
    facts = [f"<b>{escape(_price(card.price, card.currency))}</b>"] if card.price is not None else []
    facts += [str(card.year)] if card.year else []
    facts += [escape(category) for category in card.categories]
    told = [f"<span>{fact} <span aria-hidden='true'>·</span></span>" for fact in facts[:-1]]
    return " ".join([*told, *(f"<span>{fact}</span>" for fact in facts[-1:])])


def _price(price: float, currency: str | None) -> str:
    """An amount as price tags have it: "EUR 39.90", "Price 12"."""
    return f"{currency or 'Price'} {price:,.2f}".removesuffix(".00")


def why_html(card: Card, details: Details) -> str:
    """What is known of a recommended item; the sentences that the reason rests on come first and are marked.

    Then, what corrections for bias did to its place, and what its embedding is made of.
    """
    lines = [line for line in details.evidence if line.item_id == card.item_id]
    if not lines:
        return ""
    lines.sort(key=lambda line: (line.id not in card.evidence_ids, -line.score))
    items = "".join(_evidence_item(line, used=line.id in card.evidence_ids) for line in lines)
    moved = "".join(
        f'<p class="moved">{escape(move.text)}</p>'
        for move in details.moves
        if move.item_id == card.item_id and move.text
    )
    shares = next((one.shares for one in details.modalities if one.item_id == card.item_id), {})
    note = '<p class="note">Written from the evidence below: the model\'s own words had no support.</p>'
    return (
        f"<details><summary>Why this?<span class='hidden'> {escape(card.title)}</span></summary>"
        f'{note if card.repaired else ""}<ul class="evidence">{items}</ul>'
        '<p class="legend"><svg aria-hidden="true"><use href="#icon-check"/></svg> The reason rests on these.</p>'
        f"{moved}{_shares(shares)}</details>"
    )


def _shares(shares: Mapping[str, float]) -> str:
    """How much each kind of data counts, the most first, as a bar and in words."""
    told = [(name, share) for name, share in sorted(shares.items(), key=lambda each: -each[1]) if share >= LEAST_SHARE]
    if len(told) < 2:
        return ""
    parts = "".join(f'<span style="flex-grow:{share:.3f}"></span>' for _, share in told)
    words = "".join(
        f"<li><i></i>{escape(_MODALITIES.get(name, name.capitalize()))} {share:.0%}</li>" for name, share in told
    )
    return (
        '<div class="shares"><p>What it is compared by</p>'
        f'<div class="mix" aria-hidden="true">{parts}</div><ul>{words}</ul></div>'
    )


def end_html(answer: ChatMessage, details: Details, wording: Wording) -> str:
    """Notices that the text didn't bring, who chose, how long it took, the candidates that lost, and what to ask."""
    unsaid = [notice for notice in details.notices if notice not in unescaped(answer.content)]
    notices = "".join(f'<p class="notice">{escape(notice)}</p>' for notice in unsaid)
    if not answer.recommendations:
        return notices + (_asked_on([GO_ON]) if details.kind == AnswerKind.INFORMATION else "")
    seconds = _total_seconds(details)
    told = _SOURCES[details.source] + (f" in {seconds:.1f} s" if seconds >= 0.1 else "")
    return f"{notices}{_considered(told, details, wording)}{_next_questions(answer, details)}"


def _considered(told: str, details: Details, wording: Wording) -> str:
    """Who chose and, where others lost, these: each can be asked about."""
    if not details.not_chosen:
        return f'<p class="facts">{told}</p>'
    lost = "".join(
        f'<li><button type="button" data-ask="{escape(_why_not(candidate))}">{escape(candidate.title)}</button></li>'
        for candidate in details.not_chosen
    )
    explained = f"{escape(wording.items).capitalize()} that were close and not chosen, best first. Why not …?"
    return (
        f'<details class="facts"><summary><span>{told}</span> '
        f'<span class="more">Also considered: {len(details.not_chosen)}</span></summary>'
        f"<p>{explained}</p><ol>{lost}</ol></details>"
    )


def _next_questions(answer: ChatMessage, details: Details) -> str:
    """What can be asked of this answer, and is answered from what was computed for it."""
    asked = []
    if len(answer.recommendations) > 1:
        asked.append("Compare the first two")
    if details.not_chosen:
        asked.append(_why_not(details.not_chosen[0]))
    return _asked_on([*asked, GO_ON])


def _asked_on(questions: Sequence[str]) -> str:
    buttons = "".join(f'<li><button type="button" data-ask>{escape(question)}</button></li>' for question in questions)
    return f'<ul class="next" aria-label="Ask on">{buttons}</ul>'


def _why_not(candidate: NotChosen) -> str:
    # The year tells namesakes apart; behind a full stop it would not be read.
    year = f" ({candidate.year})" if candidate.year and not candidate.title.endswith(".") else ""
    return f"Why not {candidate.title}{year}?"


def _picture(card: Card) -> str:
    # Pictures come from this server alone: an address of another host would tell it who looks at what.
    if not card.image.startswith("/") or card.image.startswith("//"):
        return ""
    return (
        f'<img src="{escape(card.image)}" alt="Picture of {escape(card.title)}" width="120" height="180" '
        'loading="lazy" decoding="async">'
    )


def _verdict_button(verdict: str, label: str, text: str = "") -> str:
    shown = f"<span>{text}</span>" if text else ""
    return (
        f'<button type="button" data-verdict="{verdict}" aria-pressed="false" aria-label="{escape(label)}" '
        f'title="{escape(label)}"><svg aria-hidden="true"><use href="#icon-{verdict}"/></svg>{shown}</button>'
    )


def _evidence_item(line: EvidenceLine, *, used: bool) -> str:
    said = f'<span class="said">{escape(line.text)} <span class="kind">{_KINDS[line.kind]}</span></span>'
    if not used:
        return f"<li><span></span>{said}</li>"
    mark = '<svg role="img" aria-label="The reason rests on this:"><use href="#icon-check"/></svg>'
    return f'<li class="used">{mark}{said}</li>'


def _total_seconds(details: Details) -> float:
    return details.seconds.get("total", sum(details.seconds.values()))
