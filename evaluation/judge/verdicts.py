"""What came back from the judge: scores or a preference, and how probable they were. What is malformed is None."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from core.values import Value
from evaluation.judge.questions import FIRST, SECOND
from evaluation.judge.rubric import SCORES
from evaluation.judge.samples import Side


class Verdict(Value):
    """One reply. `values` are scores by aspect, or the letter under "better"; None where the reply is no judgement.

    `confidence` is the probability of each value among the allowed ones; empty where no probabilities came.
    """

    values: dict[str, int | str] | None
    confidence: dict[str, float] = Field(default_factory=dict)
    reason: str = ""

    @property
    def preference(self) -> Side | None:
        """Which explanation was found better, as they were shown."""
        if self.values is None:
            return None
        return "first" if self.values["better"] == FIRST else "second"


def read_scores(text: str, logprobs: Any, names: Sequence[str]) -> Verdict:
    """Scores of these aspects."""
    return _read(text, logprobs, dict.fromkeys(names, SCORES))


def read_preference(text: str, logprobs: Any) -> Verdict:
    """Which one is better."""
    return _read(text, logprobs, {"better": (FIRST, SECOND)})


def _read(text: str, logprobs: Any, allowed: Mapping[str, Sequence[int | str]]) -> Verdict:
    try:
        found = json.loads(text)
        values = {name: found[name] for name in allowed}
    except (ValueError, LookupError, TypeError):
        return Verdict(values=None)
    for name, value in values.items():
        if isinstance(value, bool) or value not in allowed[name]:
            return Verdict(values=None)
    tokens = _tokens(text, logprobs)
    confidence = {
        name: share
        for name, value in values.items()
        if (share := _share(text, tokens, name, str(value), [str(one) for one in allowed[name]])) is not None
    }
    return Verdict(values=values, confidence=confidence, reason=str(found.get("reason", "")))


def _tokens(text: str, logprobs: Any) -> list[tuple[int, dict[str, float]]]:
    """Where each token ends, and the logarithms of what might have stood there; empty where unknown."""
    content = (logprobs or {}).get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return []
    found: list[tuple[int, dict[str, float]]] = []
    end = 0
    for token in content:
        try:
            end += len(token["token"])
            found.append((end, {one["token"]: float(one["logprob"]) for one in token.get("top_logprobs") or [token]}))
        except (LookupError, TypeError, ValueError):
            return []
    # Special tokens at the end may be missing in the text, but the text must begin with what the tokens say.
    return found if end >= len(text) else []


def _share(
    text: str, tokens: Sequence[tuple[int, dict[str, float]]], name: str, value: str, allowed: Sequence[str]
) -> float | None:
    """The probability of a value among the allowed ones, at the token that wrote it; None where it can't be told."""
    written = None
    for written in re.finditer(rf'"{re.escape(name)}"\s*:\s*"?', text):  # noqa: B007 - the last one is the field's
        pass
    if written is None:
        return None
    place = written.end()  # of the value's first letter
    alternatives = next((options for end, options in tokens if end > place), None)
    if alternatives is None:
        return None
    # A token may hold what comes before the value as well, such as ':"A'.
    shares = dict.fromkeys(allowed, 0.0)
    for token, logarithm in alternatives.items():
        core = token.strip().lstrip(':" ').rstrip('",} ')
        if core in shares:
            shares[core] += math.exp(logarithm)
    total = sum(shares.values())
    return shares[value] / total if total > 0 and shares[value] > 0 else None
