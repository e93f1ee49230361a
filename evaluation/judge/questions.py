"""What the judge is asked: bodies of /v1/chat/completions. What is judged is data between marks that it can't close."""

import hashlib
import json
from typing import Any

from evaluation.judge.rubric import SCORES, Rubric
from evaluation.judge.samples import Explanation, Pair

REASON_CHARS = 160
MAX_TOKENS = 160
TOP = 10  # tokens whose probabilities are asked for
FIRST, SECOND = "A", "B"


def score_question(
    rubric: Rubric, one: Explanation, model: str, *, reversed_order: bool = False, temperature: float = 0.0
) -> dict[str, Any]:
    """Ask for a reason and a score by aspect. `reversed_order` names the aspects the other way round."""
    names = rubric.names[::-1] if reversed_order else rubric.names
    scores = {name: {"type": "integer", "enum": list(SCORES)} for name in names}
    data = {"asked": one.asked, "item": one.item, "facts": list(one.facts), "explanation": one.text}
    prompt = _filled(rubric.score, rubric.criteria(reversed_order=reversed_order), data)
    return _body(rubric, prompt, scores, model, temperature)


def compare_question(rubric: Rubric, pair: Pair, model: str) -> dict[str, Any]:
    """Ask which of two explanations is better, by the letters A and B."""
    shared = pair.first
    data = {
        "asked": shared.asked,
        "item": shared.item,
        "facts": list(shared.facts),
        FIRST: pair.first.text,
        SECOND: pair.second.text,
    }
    better = {"better": {"type": "string", "enum": [FIRST, SECOND]}}
    return _body(rubric, _filled(rubric.compare, rubric.criteria(), data), better, model, 0.0)


def as_data(value: Any) -> str:
    """JSON in which no mark can be opened or closed."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _filled(template: str, criteria: str, data: Any) -> str:
    text = as_data(data)
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return template.strip().format(criteria=criteria, data=text, mark=mark)


def _body(rubric: Rubric, prompt: str, fields: dict[str, Any], model: str, temperature: float) -> dict[str, Any]:
    # The reason comes first, so that the scores can follow from it.
    properties = {"reason": {"type": "string", "maxLength": REASON_CHARS}, **fields}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {
        "model": model,
        "messages": [{"role": "system", "content": rubric.system.strip()}, {"role": "user", "content": prompt}],
        "temperature": temperature,
        "seed": 0,
        "max_tokens": MAX_TOKENS,
        "logprobs": True,
        "top_logprobs": TOP,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "judgement", "schema": schema, "strict": True},
        },
    }
