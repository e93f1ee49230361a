"""The schemas of answers that rank candidates, by name, and how such an answer is read.

Candidates are called by letters: a token each, where a title would be ten. An item that is no candidate can't be
generated under the schema; JSON schema can't forbid a letter that comes twice, so repeats are left out when read.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from core.values import Value

_TOKENS_PER_CHAR = 1.0  # digits are a token each for some models; others need a third of that


class AnswerSchema(Value):
    """One kind of answer: texts that come before and after the ranking, each with its longest length."""

    before: dict[str, int] = Field(default_factory=dict)
    after: dict[str, int] = Field(default_factory=dict)
    scores: bool = False  # "log_probabilities" of the labels stand beside the ranking, which comes from them

    def json_schema(self, labels: Sequence[str], count: int) -> dict[str, Any]:
        """The JSON schema for a ranking of `count` out of `labels`."""
        ranking = {"type": "array", "minItems": count, "maxItems": count, "items": {"enum": list(labels)}}
        properties = {
            **{name: _text(longest) for name, longest in self.before.items()},
            "ranking": ranking,
            **{name: _text(longest) for name, longest in self.after.items()},
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def max_tokens(self, count: int) -> int:
        """More than any answer under the schema needs."""
        texts = {**self.before, **self.after}
        return 4 * count + 20 + sum(int(longest * _TOKENS_PER_CHAR) + 10 for longest in texts.values())


ANSWERS = {
    "ranking": AnswerSchema(),
    "reasoned-ranking": AnswerSchema(before={"reasoning": 200}),
    # The reason speaks of the first item of the ranking.
    "explained-ranking": AnswerSchema(after={"reason": 140}),
    # Nothing is generated but one letter: the ranking is that of the letters' probabilities.
    "choice": AnswerSchema(scores=True),
}


class RankingAnswer(Value):
    """An answer as it was read."""

    valid: bool  # the whole text is JSON of the schema's shape, whichever labels it names
    labels: tuple[str, ...] = ()  # as named, repeats and strangers among them
    reasoning: str = ""
    reason: str = ""


def read_answer(text: str, answer: str) -> RankingAnswer:
    """Read a raw answer. Where JSON stands among other text, it is read but is not valid."""
    found = _parsed(text)
    valid = isinstance(found, dict)
    if not isinstance(found, dict):
        start, end = text.find("{"), text.rfind("}")
        found = _parsed(text[start : end + 1]) if 0 <= start < end else None
    if not isinstance(found, dict):
        return RankingAnswer(valid=False)
    ranking = found.get("ranking")
    labels = [label for label in ranking if isinstance(label, str)] if isinstance(ranking, list) else []
    schema = ANSWERS[answer]
    texts = {name: found.get(name) for name in (*schema.before, *schema.after)}
    complete = isinstance(ranking, list) and len(labels) == len(ranking) > 0
    complete = (
        complete
        and all(isinstance(value, str) for value in texts.values())
        and len(found) == len(texts) + 1 + schema.scores
    )
    return RankingAnswer(
        valid=valid and complete,
        labels=tuple(labels),
        **{name: value for name, value in texts.items() if isinstance(value, str)},
    )


def example_answer(answer: str, labels: Sequence[str], texts: dict[str, str] | None = None) -> str:
    """An answer of that kind as a model should write it; `texts` are what it says beside the ranking."""
    schema = ANSWERS[answer]
    said = texts or {}
    parts = {
        **{name: said.get(name, "") for name in schema.before},
        "ranking": list(labels),
        **{name: said.get(name, "") for name in schema.after},
    }
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 20, "maxLength": longest}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
