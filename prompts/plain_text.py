"""Text from the chat and the catalogue as prompts may show it: data that can't be taken for anything else."""

import unicodedata


def plain(text: str) -> str:
    """Text on one line, in which nothing can be taken for a marker of soft tokens or a special token.

    Control characters, private use and unassigned ones go; `<`, with which special tokens and content blocks of
    templates begin, becomes a character of its looks.
    """
    kept = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)
    return " ".join(kept.split()).replace("<", "‹").replace(">", "›")
