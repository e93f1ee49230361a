"""What pydantic refuses in a request, in words for who wrote it, without repeating what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.errors import ApiError, bad_request

# Fields that OpenAI knows and that mean nothing here: what to tell who sets them.
_REFUSALS = {
    "n": "One answer a request is given: leave out 'n' or set it to 1.",
    "tools": "Tools are not supported: leave out 'tools'.",
    "tool_choice": "Tools are not supported: leave out 'tool_choice'.",
    "functions": "Functions are not supported: leave out 'functions'.",
    "function_call": "Functions are not supported: leave out 'function_call'.",
    "logprobs": "Log probabilities are not given: leave out 'logprobs'.",
    "top_logprobs": "Log probabilities are not given: leave out 'top_logprobs'.",
    "logit_bias": "Biases on tokens are not supported: leave out 'logit_bias'.",
    "audio": "Answers are text: leave out 'audio'.",
    "modalities": "Answers are text: leave out 'modalities' or set it to [\"text\"].",
    "prediction": "Predicted output is not supported: leave out 'prediction'.",
    "web_search_options": "Answers come from the catalogue alone: leave out 'web_search_options'.",
    "moderation": "Moderation is not offered: leave out 'moderation'.",
    "service_tier": "There is one tier: leave out 'service_tier'.",
    "store": "Completions are not stored: leave out 'store'; 'metadata.conversation_id' keeps a conversation.",
    "messages.role": "A message is of the role 'system', 'developer', 'user' or 'assistant'; tools are not supported.",
    "messages.tool_calls": "Tools are not supported: leave out messages that call them, and their answers.",
    "messages.function_call": "Functions are not supported: leave out messages that call them, and their answers.",
    "messages.content.type": "Text and pictures (`image_url`) are understood: leave out audio and files.",
}


# What is wrong with a value, by pydantic's name of it, in words for who wrote the JSON. Others are told in pydantic's.
_SAYS = {
    "string_type": "It must be a string, in quotes",
    "int_type": "It must be a whole number",
    "int_from_float": "It must be a whole number",
    "float_type": "It must be a number",
    "finite_number": "It must be a finite number",
    "bool_type": "It must be true or false",
    "list_type": "It must be a list",
    "dict_type": "It must be an object",
    "model_type": "It must be an object",
    "model_attributes_type": "It must be an object",
    "string_too_short": "It must hold at least {min_length} character(s)",
    "string_too_long": "It must hold at most {max_length} characters",
    "greater_than_equal": "It must be at least {ge}",
    "less_than_equal": "It must be at most {le}",
    "literal_error": "It must be {expected}",
}

# Some clients of embeddings turn words into tokens of OpenAI's own models first.
_NO_TOKENS = "It must be words: tokens are not read (for LangChain, set check_embedding_ctx_length=False)"

_INDEX = re.compile(r"\[\d+\]")


def from_validation(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    """The first fault of a body or of a parameter that pydantic refused, told without repeating what was sent."""
    # The error that goes deepest is the branch of a union that was meant; one of a wrong type is the least likely.
    first = (
        max(errors, key=lambda error: (len(error["loc"]), not error["type"].endswith("_type")))
        if _same_field(errors)
        else errors[0]
    )
    param = _param(first["loc"])
    if first["type"].startswith("union_tag_"):
        param += ".type"
    if first["type"] == "json_invalid":
        return bad_request("The body is not valid JSON.", None, "invalid_json")
    if first["type"] == "extra_forbidden":
        return bad_request(f"Unrecognized request argument supplied: {param}", param, "unknown_parameter")
    if not param:
        return bad_request("The body must be a JSON object.", None, "invalid_type")
    if first["type"] == "missing":
        return bad_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    field = _INDEX.sub("", param)
    if refusal := _REFUSALS.get(field):
        return bad_request(refusal, param, "unsupported_parameter")
    says = _NO_TOKENS if (field, first["type"]) == ("input", "string_type") else _fault(first)
    return bad_request(f"Invalid '{param}': {says}.", param)


def _fault(error: Mapping[str, Any]) -> str:
    known = error.get("ctx", {})
    if error["type"] == "too_short":
        return f"It must hold at least {known['min_length']}, and holds {known['actual_length'] or 'nothing'}"
    if error["type"] == "too_long":
        return f"It must hold at most {known['max_length']}, and holds {known['actual_length'] or 'more'}"
    says = _SAYS.get(error["type"])
    return says.format_map(known) if says else str(error["msg"])


def _same_field(errors: Sequence[Mapping[str, Any]]) -> bool:
    return len({_param(error["loc"]).split("[", 1)[0] for error in errors}) == 1


def _param(loc: Sequence[int | str]) -> str:
    """`("body", "messages", 0, "content", "str")` is `messages[0].content`: names of types in a union are left out."""
    path, before = "", None
    for part in loc[1:]:
        if part == before:  # the tag of a content part, then its field of the same name
            continue
        before = part
        if isinstance(part, int):
            path += f"[{part}]" if path else ""  # without a path it is a position in invalid JSON
        elif part in {"str", "int", "float", "bool"} or not part.isidentifier() or part[:1].isupper():
            continue
        elif len(part) <= 64:
            path += f".{part}" if path else part
    return path
