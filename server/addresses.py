"""Keeps the API's addresses the API's own: a page that is mounted at `/` would else answer what no route takes."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

# Where clients ask whose address of the API lacks its `/v1`.
_WITHOUT_VERSION = ("/chat/completions", "/completions", "/responses", "/embeddings", "/models")


def close(app: FastAPI) -> None:
    """Answer 405 for other methods of the routes that `app` has, and 404 for other addresses under `/v1` or near it.

    Call it after the last route of the API and before a page is mounted.
    """
    own = dict.fromkeys(route.path for route in app.routes if isinstance(route, Route))
    for path in (*own, "/v1", "/v1/{rest:path}", *_WITHOUT_VERSION):
        app.router.routes.append(Route(path, _Refuse(), include_in_schema=False))


def allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    """The methods that an address takes, of all its routes."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    found = [route.methods or () for route in routes if route.matches(scope)[0] is not Match.NONE]
    return sorted({method for methods in found for method in methods})


class _Refuse:
    """Refuses every method. It is no function, for which Starlette would take GET alone."""

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HTTPException(405 if allowed_methods(scope["app"], scope) else 404)
