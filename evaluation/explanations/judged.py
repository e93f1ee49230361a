"""Answers that a person reads against their evidence: a random sample as a sheet, and the verdicts that come back.

The sheet shows no verdict of the checker. A verdict counts only for the texts that were read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import ValidationError

from core.errors import InputError
from core.item import ItemTable
from core.values import Value
from evaluation.explanations.generate import Generated
from evaluation.explanations.measure import Explained

SAMPLE = 60
_Line = TypeVar("_Line", bound=Value)


class Judgement(Value):
    """What a reader found in one answer."""

    answer: str  # its number
    shown: tuple[str, ...]  # the reasons that were read
    unsupported: str = ""  # the claims that nothing supports; empty: none


def sample(answers: Mapping[str, Explained], seed: int, kept: Path, count: int = SAMPLE) -> list[str]:
    """The numbers of the answers to read, drawn at random among those that show reasons.

    They are drawn once, and `kept` in a file: what was read stays the sample when more answers come.
    """
    if kept.is_file():
        return [number for number in kept.read_text(encoding="utf-8").split() if number in answers]
    numbers = [number for number, answer in answers.items() if answer.shown]
    chosen = np.random.default_rng(seed).permutation(len(numbers))[:count]
    drawn = [numbers[int(place)] for place in sorted(chosen)]
    kept.write_text("\n".join(drawn), encoding="utf-8")
    return drawn


def sheet(
    numbers: list[str], answers: Mapping[str, Explained], texts: Mapping[str, Generated], items: ItemTable
) -> str:
    """The answers to read with all that is known: what was said and chosen, the items' records and their evidence."""
    lines = ["# Answers to read against their evidence", ""]
    for number in numbers:
        answer, given = answers[number], texts[number]
        named = {"chose": given.history[-8:], "liked": given.intent.liked, "similar to": given.intent.similar_to}
        lines += [f"## {number}: {answer.said}", "", f"wishes: {given.intent.wishes.model_dump(exclude_defaults=True)}"]
        for relation, ids in named.items():
            if titles := [items[item_id].label for item_id in ids if item_id in items]:
                lines.append(f"{relation}: {'; '.join(titles)}")
        for reason in answer.shown:
            lines += ["", f"**{reason.title}** {', '.join(items[reason.item_id].categories)}", f"> {reason.text}"]
            lines += [f"- {text}" for text in reason.evidence]
        lines.append("")
    return "\n".join(lines)


def read_judgements(path: Path, answers: Mapping[str, Explained]) -> list[Judgement]:
    """The verdicts on answers as they are shown now. Raises InputError for a damaged file."""
    found = []
    for judgement in read_lines(path, Judgement, "judgement", mend="Give answer, shown and unsupported."):
        answer = answers.get(judgement.answer)
        if answer and judgement.shown == tuple(reason.text for reason in answer.shown):
            found.append(judgement)
    return found


def read_lines(path: Path, kind: type[_Line], what: str, *, mend: str) -> list[_Line]:
    """What a person wrote, a line of JSON each; nothing where there is no file. Raises InputError for a broken line."""
    if not path.is_file():
        return []
    found = []
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            raise InputError(f"Line {place} of {path} is no {what}.", mend=mend) from error
    return found
