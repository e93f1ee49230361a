"""A conversation about items as a ranker reads it: who said what, and which items were named."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one side said before the other spoke again. The titles that it named are left out of its words."""

    by_person: bool  # by the one who looks for something, not by the one who recommends
    words: str
    rows: tuple[int, ...] = ()  # the items that it named, as rows of the item table, in order
    disliked: tuple[int, ...] = ()  # those that the person spoke against


# In the order of speaking.
Dialogue = Sequence[Utterance]
