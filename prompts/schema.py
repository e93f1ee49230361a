"""The schema of the model's answer: reasoning, where it is asked for, then items out of the candidates with evidence.

An item that is not a candidate, and evidence that belongs to another item, can't be generated under this schema.
"""

from typing import Any

from core.candidate import Candidate
from prompts.payload import evidence_names

REASONING_CHARS = 100
REASON_CHARS = 140


def recommend_schema(
    labels: dict[str, str], candidates: tuple[Candidate, ...], *, count: int, reasoned: bool = True
) -> dict[str, Any]:
    """JSON schema for `count` items out of `labels` (the candidates' names in the prompt → item ids).

    Where all of them are wanted there is nothing to choose, and they come in their order.
    """
    by_id = {candidate.item_id: candidate for candidate in candidates}
    choices = [_choice(label, by_id[item_id]) for label, item_id in labels.items()]
    which = {"prefixItems": choices, "items": False} if len(choices) == count else {"items": {"anyOf": choices}}
    items = {"type": "array", "minItems": count, "maxItems": count, **which}
    reasoning = {"type": "string", "minLength": 20, "maxLength": REASONING_CHARS}
    return _object({"reasoning": reasoning, "items": items} if reasoned else {"items": items})


def _choice(label: str, candidate: Candidate) -> dict[str, Any]:
    names = list(evidence_names(candidate))
    evidence: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"enum": names}}
    if not names:
        evidence = {"type": "array", "maxItems": 0}
    reason = {"type": "string", "minLength": 20, "maxLength": REASON_CHARS}
    return _object({"item": {"const": label}, "evidence": evidence, "reason": reason})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
