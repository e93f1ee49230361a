"""Reasons as the model wrote them, for a person to read: what its checker of claims finds and misses among them.

The sentences of `tests/agent/claims` are written to be hard. These are what the checker really reads. The sheet shows
none of its verdicts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.item import ItemTable
from core.values import Value
from evaluation.explanations.generate import Generated
from evaluation.explanations.judged import read_lines
from evaluation.explanations.measure import Explained, Reason

SAMPLE = 240


class Verdict(Value):
    """What a reader found in one drafted reason."""

    item_id: str
    text: str
    supported: bool  # every claim of it follows from what is known


@dataclass(frozen=True)
class Agreement:
    """How often the checker and a reader agree; "unsupported" is the positive class."""

    found: int  # unsupported, and flagged
    missed: int
    wrongly_flagged: int
    passed: int  # supported, and not flagged

    @property
    def read(self) -> int:
        return self.found + self.missed + self.wrongly_flagged + self.passed


def drafts_sheet(
    answers: Mapping[str, Explained], texts: Mapping[str, Generated], items: ItemTable, seed: int
) -> list[dict[str, Any]]:
    """Drafted reasons drawn at random, each with all that is known of its item and of the person."""
    found = {(one.item_id, one.text): (number, one) for number, each in answers.items() for one in each.drafted}
    drawn = np.random.default_rng([seed, 1]).permutation(len(found))[:SAMPLE]
    each = list(found.values())
    return [_line(texts[number], reason, items) for number, reason in (each[int(place)] for place in drawn)]


def _line(given: Generated, reason: Reason, items: ItemTable) -> dict[str, Any]:
    def labels(ids: Sequence[str]) -> list[str]:
        return [items[item_id].label for item_id in ids if item_id in items]

    return {
        "said": given.said,
        "wishes": given.intent.wishes.model_dump(mode="json", exclude_defaults=True),
        "chose": labels(given.history),
        "liked": labels(given.intent.liked),
        "similar_to": labels(given.intent.similar_to),
        "item": items[reason.item_id].model_dump(mode="json", exclude_defaults=True),
        "evidence": list(reason.evidence),
        "item_id": reason.item_id,
        "text": reason.text,
    }


def agreement(path: Path, answers: Mapping[str, Explained]) -> Agreement | None:
    """A reader's verdicts beside the checker's of today; None without any. Raises InputError for a damaged file."""
    flagged = {(one.item_id, one.text): bool(one.unsupported) for each in answers.values() for one in each.drafted}
    counts = {(True, False): 0, (False, False): 0, (True, True): 0, (False, True): 0}  # flagged, supported
    mend = "Give item_id and text as in drafts_to_judge.jsonl, and supported: true or false."
    verdicts = read_lines(path, Verdict, "verdict", mend=mend)
    for key, supported in {(each.item_id, each.text): each.supported for each in verdicts}.items():
        if key in flagged:
            counts[flagged[key], supported] += 1
    found = Agreement(counts[True, False], counts[False, False], counts[True, True], counts[False, True])
    return found if found.read else None


def as_lines(sheet: Sequence[Mapping[str, Any]]) -> str:
    """The sheet as JSON lines."""
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in sheet)
