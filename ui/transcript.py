"""Answers as HTML. Pure functions: values in, text out, with everything from outside escaped.

A turn is painted in named parts ("text", "card-0", "why-0", …) so that the page touches only what changed while an
answer streams in: pictures stay, an opened "Why this?" stays open. Knows nothing of Gradio or of the API's addresses.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.artifacts import Wording
from core.evidence import EvidenceKind
from core.recommendation import Source
from ui.wire import Card, ChatMessage, Details, EvidenceLine

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
_VERDICTS = (("up", "I like {}", ""), ("down", "Not for me: {}", ""), ("seen", "Seen it: {}", "Seen it"))
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_RULE = re.compile(r"[|\s:-]+")  # the line between a table's head and its rows


def answer_parts(answer: ChatMessage, wording: Wording) -> Parts:
    """The parts of an answer, finished (with details) or not."""
    parts = {"text": prose(answer.content, answer.recommendations)}
    for number, card in enumerate(answer.recommendations):
        parts[f"card-{number}"] = card_html(card, number)
        parts[f"reason-{number}"] = escape(card.reason)
        if answer.details:
            parts[f"why-{number}"] = why_html(card, answer.details)
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


def spoken(answer: ChatMessage) -> str:
    """A finished answer as plain text, for people who listen to it."""
    own = _own_lines(answer.content, answer.recommendations)
    lines = [_told(line) for line in own if not (_in_table(line) and _RULE.fullmatch(line))]
    cards = [f"{_label(card)}: {card.reason}" for card in answer.recommendations]
    return " ".join(line for line in (*lines, *cards) if line.strip())


def prose(text: str, cards: Sequence[Card]) -> str:
    """Text as paragraphs, lists and tables. Lines that only say what a card shows are left to the card."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(_own_lines(text, cards))):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if lines and all(_BULLET.match(line) for line in lines):
            blocks.append("<ul>" + "".join(f"<li>{_inline(_BULLET.sub('', line))}</li>" for line in lines) + "</ul>")
        elif lines and all(_in_table(line) for line in lines):
            blocks.append(_table([_cells(line) for line in lines if not _RULE.fullmatch(line)]))
        elif lines:
            blocks.append(f"<p>{'<br>'.join(_inline(line) for line in lines)}</p>")
    return "".join(blocks)


def card_html(card: Card, number: int) -> str:
    """A recommended item. Its reason and what that rests on may come later, into slots of their own."""
    title = escape(card.title)
    facts = [str(card.year)] if card.year else []
    facts += [escape(category) for category in card.categories]
    # A dot stays with the fact before it: none begins a line.
    told = [f"<span>{fact} <span aria-hidden='true'>·</span></span>" for fact in facts[:-1]]
    meta = " ".join([*told, *(f"<span>{fact}</span>" for fact in facts[-1:])])
    return (
        f'<article class="card" data-item="{escape(card.item_id)}" aria-label="{escape(_label(card))}">'
        f'<div class="poster">{_picture(card)}</div>'
        f'<div class="about"><h3>{title}</h3><p class="meta">{meta}</p>'
        f'<p class="reason" data-slot="reason-{number}"></p>'
        f'<div class="verdicts" role="group" aria-label="Your opinion of {title}">'
        + "".join(_verdict_button(verdict, label.format(card.title), text) for verdict, label, text in _VERDICTS)
        + f'</div></div><div class="why" data-slot="why-{number}"></div></article>'
    )


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
    """Notices that the text didn't bring, who chose, how long it took, and the candidates that lost."""
    unsaid = [notice for notice in details.notices if notice not in answer.content]
    notices = "".join(f'<p class="notice">{escape(notice)}</p>' for notice in unsaid)
    if not answer.recommendations:
        return notices
    seconds = _total_seconds(details)
    told = _SOURCES[details.source] + (f" in {seconds:.1f} s" if seconds else "")
    if not details.not_chosen:
        return f'{notices}<p class="facts">{told}</p>'
    lost = "".join(f"<li>{escape(candidate.title)}</li>" for candidate in details.not_chosen)
    explained = f"{escape(wording.items).capitalize()} that were close and not chosen, best first:"
    return (
        f'{notices}<details class="facts"><summary><span>{told}</span> '
        f'<span class="more">Also considered: {len(details.not_chosen)}</span></summary>'
        f"<p>{explained}</p><ol>{lost}</ol></details>"
    )


def _label(card: Card) -> str:
    return f"{card.title} ({card.year})" if card.year else card.title


def _picture(card: Card) -> str:
    # Pictures come from this server alone: an address of another host would tell it who looks at what.
    if not card.image.startswith("/") or card.image.startswith("//"):
        return ""
    return (
        f'<img src="{escape(card.image)}" alt="Picture of {escape(card.title)}" width="120" height="180" '
        'loading="lazy" decoding="async">'
    )


def _verdict_button(verdict: str, label: str, text: str) -> str:
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


def _in_table(line: str) -> bool:
    return line.lstrip().startswith("|")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _told(line: str) -> str:
    """A line without what only the eye reads."""
    return (", ".join(filter(None, _cells(line))) if _in_table(line) else line).replace("**", "")


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, of which the first row and the first column are heads; the last row may not be whole yet."""
    head, *body = rows or [[]]
    columns = "".join(f'<th scope="col">{_inline(cell)}</th>' if cell else "<td></td>" for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{_inline(name)}</th>{"".join(f"<td>{_inline(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in body
    )
    # It may be wider than a phone, and is then scrolled: with the keyboard too.
    return (
        '<div class="table" role="region" aria-label="Comparison" tabindex="0">'
        f"<table><thead><tr>{columns}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _inline(line: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", escape(line.strip()))


def _own_lines(text: str, cards: Sequence[Card]) -> list[str]:
    return [line for line in text.split("\n") if not any(_speaks_of(line, card) for card in cards)]


def _speaks_of(line: str, card: Card) -> bool:
    """Whether a line, perhaps not finished yet, is an entry of a list that begins with the card's title."""
    entry = _BULLET.sub("", line)
    words = entry.replace("**", "").strip()
    if entry == line and not line.lstrip().startswith("**"):
        # Without a list's mark, it must go on like an entry: "Heat (1995): …", not "Heat is a film …".
        return bool(re.match(re.escape(card.title) + r"(?: \(\d{4}\))?\s*(?::|[-\u2013\u2014]\s|$)", words))
    return bool(words) and (words.startswith(card.title) or card.title.startswith(words))
