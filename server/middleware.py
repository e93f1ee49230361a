"""What every request passes: a number, a count, a last catch for errors, and bounds on its body."""

import re
import uuid

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import ApiError, error_response
from server.metrics import Metrics

# The API's addresses; the page's have their own ways with HEAD.
_OWN = re.compile(r"/(?:v1/.+|healthz|readyz|metrics|openapi\.json)$")
CLIENT_GONE = 499  # what is counted when there was nobody left to answer


class RequestMiddleware:
    """Numbers and counts requests, and answers with a plain 500 what nothing else has caught."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        method = scope["method"]
        if method == "HEAD" and _OWN.match(scope["path"]):
            scope = {**scope, "method": "GET"}  # the server sends its answer's head alone
        status = CLIENT_GONE
        request_id = f"req_{uuid.uuid4().hex}"

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        except Exception as error:
            response = error_response(error)
            if status == CLIENT_GONE:
                await response(scope, receive, send_numbered)
        finally:
            route = getattr(scope.get("route"), "path_format", "other")
            self._metrics.requests.labels(method, route, str(status)).inc()


class BodyMiddleware:
    """Refuses bodies of the API that are too large, before they are read or as soon as they grow too large."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length) > self._max_bytes:
            return await error_response(self._too_large())(scope, receive, send)
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                refusal = self._too_large()
                raise HTTPException(refusal.http_status, str(refusal), refusal.headers)
            return message

        return await self._app(scope, receive_bounded, send)

    def _too_large(self) -> ApiError:
        return ApiError(
            413,
            f"The body is larger than {self._max_bytes} bytes.",
            code="body_too_large",
            headers={"Connection": "close"},
        )


async def require_json(request: Request) -> None:
    """Refuse bodies of another type, as a dependency of routes that take one.

    A browser sends other types across sites without asking first: this keeps other sites from writing here.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ApiError(415, "The body must be sent as 'Content-Type: application/json'.", code="wrong_content_type")


JSON_BODY = [Depends(require_json)]
