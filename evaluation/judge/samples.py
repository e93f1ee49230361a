"""What is judged: explanations with what was asked and what is known, and the ones that a person has labelled."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from core.errors import InputError
from core.values import Value

LABELS = Path(__file__).parent / "labels" / "explanations-v1.jsonl"
Side = Literal["first", "second"]


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


def read_labels(path: Path = LABELS) -> Labels:
    """Raises InputError, naming the line, for one that is broken."""
    scored: list[Labelled] = []
    pairs: list[Pair] = []
    for number, line in _lines(path):
        try:
            group = _Group.model_validate(line)
        except ValidationError as error:
            raise _broken(path, number, error) from error
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
    found: list[Explanation] = []
    for number, line in _lines(path):
        try:
            found.append(Explanation.model_validate(line))
        except ValidationError as error:
            raise _broken(path, number, error) from error
    repeated = len(found) - len({one.id for one in found})
    if repeated or not found:
        cause = f"{path} has {repeated} ids twice." if found else f"{path} has no explanation."
        raise InputError(cause, mend='Write lines of {"id", "asked", "item", "facts", "text"}, each id once.')
    return found


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read.", mend="Name a file of JSON lines.") from error
    except ValueError as error:
        raise InputError(f"{path}, line {number} is no JSON.", mend="Mend the line.") from error


def _broken(path: Path, number: int, error: ValidationError) -> InputError:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return InputError(f"{path}, line {number}: {where}: {first['msg']}.", mend="Mend the line.")
