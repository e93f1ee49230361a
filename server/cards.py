"""The drawn card of an item that has no picture: its title on colours that are its own.

The same item always gets the same card. A page shows it a hundred pixels wide, so there is nothing smaller than the
title on it. Widths of letters are estimated, since the font is the reader's.
"""

import hashlib
from xml.sax.saxutils import escape

from core.item import Item

WIDTH, HEIGHT = 400, 600  # 2:3, as film posters are
_MARGIN = 36
_SIZES = (60, 52, 45, 38, 32)
_MAX_LINES = 6
# Widths of letters in a wide bold sans-serif, as parts of the font size.
_NARROW, _USUAL, _CAPITAL, _WIDE, _FULL = 0.4, 0.66, 0.76, 1.0, 1.0


def draw_card(item: Item) -> str:
    """An SVG document of 400 by 600."""
    hue, second, angle = _colours(item)
    own = _digest(item.id).hex()[:8]  # a page may hold many cards in one document
    size, lines = _fit_title(item.title)
    top = HEIGHT - _MARGIN - 12 - (len(lines) - 1) * size * 1.16
    title = "".join(
        f'<text x="{_MARGIN}" y="{top + row * size * 1.16:.0f}" font-size="{size}" font-weight="700" '
        f'fill="hsl({hue} 40% 96%)">{_text(line)}</text>'
        for row, line in enumerate(lines)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" \
width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{_text(item.label)}" \
font-family="system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif">
<defs>
<linearGradient id="ground-{own}" gradientTransform="rotate({angle} .5 .5)">
<stop offset="0" stop-color="hsl({hue} 46% 34%)"/><stop offset="1" stop-color="hsl({second} 52% 14%)"/>
</linearGradient>
<linearGradient id="shade-{own}" x2="0" y2="1">
<stop offset=".3" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".55"/>
</linearGradient>
</defs>
<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#ground-{own})"/>
{_ornament(item, second)}
<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#shade-{own})"/>
{title}
</svg>"""


def _colours(item: Item) -> tuple[int, int, int]:
    """Two hues and an angle. The first hue is the first category's, so that a category is known by its colour."""
    category, own = _digest(item.categories[0] if item.categories else item.title), _digest(item.label)
    hue = (int.from_bytes(category[:2], "big") + own[0] % 24) % 360
    return hue, (hue + 30 + own[1] % 60) % 360, 20 + own[2] % 140


def _ornament(item: Item, hue: int) -> str:
    """Three large rings whose places are the item's own."""
    own = _digest(item.label)
    rings = (
        f'<circle cx="{own[at] * WIDTH // 255}" cy="{own[at + 1] * 330 // 255}" r="{60 + own[at + 2] % 120}"/>'
        for at in (3, 6, 9)
    )
    return f'<g fill="none" stroke="hsl({hue} 70% 78%)" stroke-opacity=".2" stroke-width="26">{"".join(rings)}</g>'


def _fit_title(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines; the end of a very long one is left out."""
    width = WIDTH - 2 * _MARGIN
    for size in _SIZES:
        lines = _wrap(title, size, width)
        if len(lines) <= min(_MAX_LINES, 3 + _SIZES.index(size)) and all(_width(x, size) <= width for x in lines):
            return size, lines
    size = _SIZES[-1]
    lines = [part for line in _wrap(title, size, width) for part in _break_word(line, size, width)]
    if len(lines) > _MAX_LINES:
        lines = [*lines[: _MAX_LINES - 1], _clip(f"{lines[_MAX_LINES - 1]}…", size, width)]
    return size, lines


def _wrap(title: str, size: int, width: float) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _break_word(line: str, size: int, width: float) -> list[str]:
    """A line whose one word is too long, in pieces."""
    pieces = [""]
    for letter in line:
        if pieces[-1] and _width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _clip(text: str, size: int, width: float) -> str:
    if _width(text, size) <= width:
        return text
    while text and _width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip(' …')}…"


def _width(text: str, size: int) -> float:
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    if letter in "iljI.,:;'!|()[]ft ":
        return _NARROW
    if ord(letter) >= 0x2E80:  # Chinese, Japanese and Korean letters fill a square
        return _FULL
    return _WIDE if letter in "mwMW@%" else _USUAL if letter.islower() or letter.isdigit() else _CAPITAL


def _text(text: str) -> str:
    """Text for XML, whose characters exclude most of the control ones."""
    allowed = "".join(letter for letter in text if letter.isprintable())
    return escape(allowed, {'"': "&quot;"})


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
