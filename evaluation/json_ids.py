"""Ids in answers, in the type of the file that they answer: text, or JSON numbers where the file writes numbers."""

# More digits are no number that every JSON reader keeps whole.
_MOST_DIGITS = 15


def as_number(item_id: str) -> str | int:
    """The number that an id is written like; the id itself where the number would be written otherwise ("007")."""
    return int(item_id) if is_whole_number(item_id) else item_id


def is_whole_number(text: str) -> bool:
    """Whether a text is how a whole number is written, so that the number stands for this text and no other."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS and str(int(text)) == text
