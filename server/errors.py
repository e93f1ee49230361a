"""Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}` with the right status."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from core.errors import TastemakerError

log = logging.getLogger(__name__)


class ErrorBody(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorResponse(BaseModel):
    """An error in OpenAI's shape."""

    error: ErrorBody


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
    kind = "server_error" if status >= 500 else "requests" if status == 429 else "invalid_request_error"
    return ErrorResponse(error=ErrorBody(message=message, type=kind, param=param, code=code))
