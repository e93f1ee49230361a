"""Who may ask: API keys, the Host header, and the headers that keep a browser from being used against the server.

All of it is plain ASGI, before a body is read. Only `/v1` and `/metrics` ask for a key; a page that is mounted
beside them does not.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import ApiError, error_response

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Pictures are loaded by a browser, which sends no key.
_OPEN_IMAGE = re.compile(r"/v1/items/.+/image")

_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def key_hash(key: str) -> str:
    """The name under which a key's people are kept: the key itself is never stored or logged."""
    return hashlib.sha256(b"tastemaker:" + key.encode("utf-8", "surrogateescape")).hexdigest()


def split_keys(secret: str) -> tuple[str, ...]:
    """The keys of `Settings.api_keys`."""
    return tuple(key for part in secret.split(",") if (key := part.strip()))


def needs_key(method: str, path: str) -> bool:
    """Whether an address is closed to those without a key."""
    if method in {"GET", "HEAD"} and _OPEN_IMAGE.fullmatch(path):
        return False
    return path == "/metrics" or path.startswith("/v1/")


class ApiKeyMiddleware:
    """Lets in who has a key, and notes its hash as the request's `owner`. Without keys everyone is one owner."""

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self._app = app
        self._hashes = [key_hash(key) for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        owner = self._owner(Headers(scope=scope).get("authorization", ""))
        if owner is None and needs_key(scope["method"], scope["path"]):
            return await error_response(_unauthorized())(scope, receive, send)
        scope.setdefault("state", {})["owner"] = owner or ""
        return await self._app(scope, receive, send)

    def _owner(self, authorization: str) -> str | None:
        if not self._hashes:
            return ""
        scheme, _, key = authorization.partition(" ")
        given = key_hash(key.strip())
        # Every hash is compared, so that the time taken says nothing.
        found = [known for known in self._hashes if hmac.compare_digest(known, given)]
        return found[0] if found and scheme.lower() == "bearer" else None


class HostMiddleware:
    """On loopback, refuses names that are not loopback's: a page elsewhere could rebind its own name to this server."""

    def __init__(self, app: ASGIApp, bound_to: str) -> None:
        self._app = app
        self._bound_to = bound_to.lower().strip("[]")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and self._bound_to in _LOOPBACK:
            host = _host_name(Headers(scope=scope).get("host", ""))
            if host not in _LOOPBACK:
                error = ApiError(421, "This server is only reached as localhost or 127.0.0.1.", code="unknown_host")
                if scope["type"] == "websocket":
                    return await send({"type": "websocket.close", "code": 1008})
                return await error_response(error)(scope, receive, send)
        return await self._app(scope, receive, send)


class SafeHeadersMiddleware:
    """Adds the headers that tell a browser not to guess, frame or leak; what a route has set stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


def _host_name(header: str) -> str:
    """The name in a Host header: the port and the brackets of IPv6 left out."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _unauthorized() -> ApiError:
    return ApiError(
        401,
        "The API key is missing or unknown. Send it as 'Authorization: Bearer KEY'.",
        code="invalid_api_key",
        headers={"WWW-Authenticate": "Bearer"},
    )
