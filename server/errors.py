"""Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}` with the right status."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import TastemakerError
from server.addresses import allowed_methods
from server.openai_types import ErrorBody, ErrorResponse

log = logging.getLogger(__name__)

_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}

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


class ApiError(TastemakerError):
    """An error of a request, with the field at fault and a code that programs can tell apart."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = status
        self.param = param
        self.code = code
        self.headers = dict(headers or {})


def bad_request(message: str, param: str | None, code: str = "invalid_value") -> ApiError:
    """A 400 that names the field at fault."""
    return ApiError(400, message, param=param, code=code)


def not_found(message: str, param: str | None, code: str) -> ApiError:
    """A 404 that names what does not exist here."""
    return ApiError(404, message, param=param, code=code)


def describe(error: Exception) -> tuple[int, ErrorResponse, dict[str, str]]:
    """The status, body and headers that tell an error. What nobody expected is logged and told as a plain 500."""
    match error:
        case ApiError():
            return error.http_status, _body(error.http_status, str(error), error.param, error.code), error.headers
        case TastemakerError():
            return error.http_status, _body(error.http_status, str(error)), {}
        case HTTPException():
            code = "invalid_json" if error.status_code == 400 else None
            return error.status_code, _body(error.status_code, _detail(error), code=code), dict(error.headers or {})
        case _:
            log.error("A request failed unexpectedly.", exc_info=error)
            return 500, _body(500, "Something went wrong here. The server's log says what."), {}


def error_response(error: Exception) -> JSONResponse:
    """The response that tells an error."""
    status, body, headers = describe(error)
    return JSONResponse(body.model_dump(), status, headers)


def install(app: FastAPI) -> None:
    """Let every error of `app` be told in OpenAI's shape."""

    async def tell(_: Request, error: Exception) -> JSONResponse:
        return error_response(error)

    async def tell_invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler is registered for
        return error_response(from_validation(error.errors()))

    app.add_exception_handler(TastemakerError, tell)

    async def tell_http(request: Request, error: Exception) -> JSONResponse:
        response = error_response(error)
        if response.status_code == 405:
            response.headers["Allow"] = ", ".join(allowed_methods(app, request.scope))
        return response

    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(RequestValidationError, tell_invalid)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the errors that a route tells, and that any other error has the same shape."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorResponse, "description": _DESCRIPTIONS[status]} for status in statuses
    }
    for family in ("4XX", "5XX"):
        described[family] = {"model": ErrorResponse, "description": "Any other error."}
    return described


_DESCRIPTIONS = {
    400: "The request can't be used as it is; `param` names the field.",
    401: "The API key is missing or unknown.",
    404: "The named thing does not exist here.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    429: "Too many turns are running; try again shortly.",
    503: "A part that is needed can't be reached now; try again shortly.",
}


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


def _detail(error: HTTPException) -> str:
    if error.status_code == 400:
        return "The body can't be read as JSON."
    if error.status_code == 404:
        return "There is nothing at this address. Chat is at /v1/chat/completions; /openapi.json lists the rest."
    if error.status_code == 405:
        return "This address does not take this method."
    return str(error.detail)


def _body(status: int, message: str, param: str | None = None, code: str | None = None) -> ErrorResponse:
    message = message.encode("utf-8", "replace").decode()  # it may name what was sent
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return ErrorResponse(error=ErrorBody(message=message, type=kind, param=param, code=code))
