"""The API as one application. It wires routes to given services and knows nothing of how those are made."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import TastemakerError
from server import addresses
from server.errors import error_response
from server.middleware import BodyMiddleware, RequestMiddleware
from server.refusals import from_validation
from server.routes import chat, conversations, embeddings, feedback, health, items, models, recommendations
from server.security import ApiKeyMiddleware, HostMiddleware, SafeHeadersMiddleware, needs_key, split_keys
from server.services import Services

_DESCRIPTION = (
    "Recommendations from one catalogue, by chat or by history. OpenAI's clients work unmodified; an answer's "
    "`recommendations` and `details` stand beside its text. Every error has OpenAI's shape."
)


def create_app(services: Services) -> FastAPI:
    """The API. A page may be mounted on it; only `/v1` and `/metrics` ask for a key."""
    settings = services.settings
    keys = split_keys(settings.api_keys.get_secret_value())
    # The documentation pages of FastAPI load scripts from elsewhere; /openapi.json describes the same.
    app = (_KeyedApi if keys else FastAPI)(
        title="Tastemaker",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    _tell_errors(app)
    for noun in (chat, models, embeddings, recommendations, feedback, items, conversations, health):
        app.include_router(noun.routes(services))
    addresses.close(app)
    # The last one added is the first to see a request.
    app.add_middleware(BodyMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(ApiKeyMiddleware, keys=keys)
    app.add_middleware(HostMiddleware, bound_to=settings.host)
    app.add_middleware(SafeHeadersMiddleware)
    app.add_middleware(RequestMiddleware, metrics=services.metrics)
    return app


def _tell_errors(app: FastAPI) -> None:
    """Let every error be told in OpenAI's shape."""

    @app.exception_handler(TastemakerError)
    @app.exception_handler(HTTPException)
    async def tell(request: Request, error: Exception) -> JSONResponse:
        response = error_response(error)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(addresses.allowed_methods(app, request.scope))
        return response

    @app.exception_handler(RequestValidationError)
    async def tell_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return error_response(from_validation(error.errors()))


class _KeyedApi(FastAPI):
    """Says in OpenAPI which addresses ask for a key. `ApiKeyMiddleware` is what asks, before a body is read."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schema.setdefault("components", {})["securitySchemes"] = {"ApiKey": {"type": "http", "scheme": "bearer"}}
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                if needs_key(method.upper(), path):
                    operation["security"] = [{"ApiKey": []}]
                    operation["responses"]["401"] = operation["responses"]["4XX"] | {"description": "No known API key."}
        return schema
