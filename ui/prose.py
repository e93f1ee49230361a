"""The text of an answer, as HTML and as words to listen to. Pure functions; everything from outside is escaped."""

import re
from collections.abc import Sequence
from html import escape

from core.markdown import BOLD, unescaped
from ui.wire import Card, ChatMessage

_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_RULE = re.compile(r"[|\s:-]+")  # the line between a table's head and its rows


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


def spoken(answer: ChatMessage) -> str:
    """A finished answer as plain text, for people who listen to it."""
    own = _own_lines(answer.content, answer.recommendations)
    lines = [_told(line) for line in own if not (_in_table(line) and _RULE.fullmatch(line))]
    cards = [f"{label(card)}: {card.reason}" for card in answer.recommendations]
    return " ".join(line for line in (*lines, *cards) if line.strip())


def label(card: Card) -> str:
    return f"{card.title} ({card.year})" if card.year else card.title


def _in_table(line: str) -> bool:
    return line.lstrip().startswith("|")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _told(line: str) -> str:
    """A line without what only the eye reads."""
    return _plain(", ".join(filter(None, _cells(line))) if _in_table(line) else line)


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
    parts = BOLD.split(line.strip())  # every second one is bold
    return "".join(
        f"<strong>{escape(unescaped(part))}</strong>" if place % 2 else escape(unescaped(part))
        for place, part in enumerate(parts)
    )


def _plain(line: str) -> str:
    return unescaped(line.replace("**", ""))


def _own_lines(text: str, cards: Sequence[Card]) -> list[str]:
    return [line for line in text.split("\n") if not any(_speaks_of(line, card) for card in cards)]


def _speaks_of(line: str, card: Card) -> bool:
    """Whether a line, perhaps not finished yet, is an entry of a list that begins with the card's title."""
    entry = _BULLET.sub("", line)
    words = _plain(entry).strip()
    if entry == line and not line.lstrip().startswith("**"):
        # Without a list's mark, it must go on like an entry: "Heat (1995): …", not "Heat is a film …".
        return bool(re.match(re.escape(card.title) + r"(?: \(\d{4}\))?\s*(?::|[-\u2013\u2014]\s|$)", words))
    return bool(words) and (words.startswith(card.title) or card.title.startswith(words))
