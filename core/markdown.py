"""Plain text as a part of Markdown, and back: titles such as "*batteries not included" are shown as they are."""

import re

_SIGNS = re.compile(r"[\\`*_~\[\]<]|&(?=#?\w+;)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# What stands between two pairs of asterisks, none of them escaped.
BOLD = re.compile(r"\*\*((?:\\.|[^\\\n])+?)\*\*")


def escaped(text: str) -> str:
    """Plain text such that no sign of it is read as Markdown or HTML."""
    return _SIGNS.sub(r"\\\g<0>", text)


def unescaped(markdown: str) -> str:
    """Text without the backslashes that `escaped` puts before signs."""
    return _ESCAPED.sub(r"\1", markdown)


def bold(text: str) -> str:
    """Plain text in bold, as answers name items."""
    return f"**{escaped(text)}**"
