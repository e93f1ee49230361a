"""Candidates: the items that the language model may choose among."""

from pydantic import Field

from core.evidence import Evidence
from core.values import Value


class Move(Value):
    """What corrections did to a candidate's place in its list; places count from 1."""

    before: int | None  # without any correction; None: it would not have been among the candidates that are looked at
    after: int
    # By correction, such as "popularity" and "parity": what it added to the score or took away.
    shifts: dict[str, float]


class Candidate(Value):
    """An item of the shortlist with the scores that put it there, for "why" and for audits."""

    item_id: str
    score: float  # what the list is sorted by
    history_score: float = 0.0  # from the person's history
    retrieval_score: float = 0.0  # from the words of the conversation
    move: Move | None = None  # None where no correction was on
    evidence: tuple[Evidence, ...] = ()


class Standing(Value):
    """Where an item stands for a person, whether or not it was recommended: for "why not" and for comparing items."""

    item_id: str
    score: float  # the sum of its parts
    # By name: "history", "liked", "similar", "words", "heard", "wishes", "crowd", "doubt", "known", "taste", "against",
    # "picture", "shown", "version", "misses", and the corrections that are on. Parts that are 0 are left out.
    parts: dict[str, float]
    is_eligible: bool  # nothing rules it out, and it meets the wishes that were kept
    place: int | None  # among the eligible by score, counted from 1
    of: int  # how many are eligible
    # Why an eligible item is not in the list although its score would do: "version" (another version of it is in the
    # list), "series" (enough of its series are), "shown" (before, and enough others are new), or nothing.
    held_back: str = ""


class Shortlist(Value):
    """Candidates, best first, with what the person should be told about how they came about."""

    candidates: tuple[Candidate, ...] = Field(repr=False)
    # Wishes that left too few items and were relaxed, in the order in which they were given up.
    relaxed: tuple[str, ...] = ()
    fitting: tuple[str, ...] = ()  # the first candidates, where these meet every wish and wishes were relaxed for more
    again: tuple[str, ...] = ()  # candidates that this search has shown before: too few others meet the wishes
    weak_retrieval: bool = False
    unordered: bool = False  # nothing here has the value that the person wants the list in the order of
