"""What is judged: explanations with what was asked and what is known, and the ones that a person has labelled."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from core.errors import InputError
from core.values import Value
from evaluation.validation import read_lines

LABELS = Path(__file__).parent / "labels" / "explanations-v1.jsonl"
Side = Literal["first", "second"]

_FORM = 'Write lines of {"id", "asked", "item", "facts", "text"}'


class Explanation(Value):
    """Why an item was recommended. `facts` are what is known of the item."""

    id: str
    asked: str
    item: str
    facts: tuple[str, ...] = ()
    text: str


class Labelled(Value):
    """An explanation with a person's scores by aspect, 1 to 5, and why they gave them."""

    explanation: Explanation
    kind: str  # such as "true", "vague" or "broken"
    scores: dict[str, int]
    why: str


class Pair(Value):
    """Two explanations of one item, and which one a person found better."""

    first: Explanation
    second: Explanation
    better: Side
    why: str = ""

    @property
    def id(self) -> str:
        """Both ids."""
        return f"{self.first.id} {self.second.id}"

    def swapped(self) -> "Pair":
        """The same pair the other way round."""
        better: Side = "second" if self.better == "first" else "first"
        return Pair(first=self.second, second=self.first, better=better, why=self.why)


class Labels(Value):
    """A person's labels."""

    scored: tuple[Labelled, ...]
    pairs: tuple[Pair, ...]


class _Text(Value):
    id: str
    kind: str
    text: str
    helpfulness: int = Field(ge=1, le=5)
    coherence: int = Field(ge=1, le=5)
    persuasiveness: int = Field(ge=1, le=5)
    why: str = Field(min_length=1)

    @property
    def scores(self) -> dict[str, int]:
        return {"helpfulness": self.helpfulness, "coherence": self.coherence, "persuasiveness": self.persuasiveness}


class _Preference(Value):
    first: str
    second: str
    better: Side
    why: str = Field(min_length=1)


class _Group(Value):
    """A line of the file of labels: several explanations for one request."""

    id: str
    asked: str
    item: str
    facts: tuple[str, ...]
    texts: tuple[_Text, ...]
    pairs: tuple[_Preference, ...] = ()


def read_labels() -> Labels:
    """The labels that are kept here."""
    scored: list[Labelled] = []
    pairs: list[Pair] = []
    for group in read_lines(LABELS, _Group, "Mend the line"):
        by_id = {
            one.id: Explanation(id=one.id, asked=group.asked, item=group.item, facts=group.facts, text=one.text)
            for one in group.texts
        }
        scored += [Labelled(explanation=by_id[t.id], kind=t.kind, scores=t.scores, why=t.why) for t in group.texts]
        pairs += [
            Pair(first=by_id[one.first], second=by_id[one.second], better=one.better, why=one.why)
            for one in group.pairs
        ]
    return Labels(scored=tuple(scored), pairs=tuple(pairs))


def read_explanations(path: Path) -> list[Explanation]:
    """Lines of {"id", "asked", "item", "facts", "text"}. Raises InputError, naming the line, for one that is broken."""
    found = list(read_lines(path, Explanation, _FORM))
    if repeated := len(found) - len({one.id for one in found}):
        raise InputError(f"{path} has {repeated} ids twice.", mend=f"{_FORM}, each id once.")
    return found
