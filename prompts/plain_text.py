"""Text from the chat and the catalogue as prompts may show it: data that can't be taken for anything else."""

import unicodedata

# They join or part letters of Persian, Hindi and other scripts, and the parts of an emoji: without them it is another.
_JOINERS = "\u200c\u200d"


def plain(text: str) -> str:
    """Text on one line, in which nothing can be taken for a marker of soft tokens or a special token.

    Control characters, private use and unassigned ones become spaces, and invisible marks go; `<`, with which special
    tokens and content blocks of templates begin, becomes a character of its looks.
    """
    return " ".join("".join(map(_shown, text)).split()).replace("<", "‹").replace(">", "›")


def _shown(one: str) -> str:
    """A character as it may stand in a prompt: itself, a space, or nothing."""
    category = unicodedata.category(one)
    if category == "Cf" and one not in _JOINERS:
        return ""
    return " " if category in ("Cc", "Cn", "Co", "Cs") else one
