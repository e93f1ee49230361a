"""The API as one application. It wires routes to given services and knows nothing of how those are made."""

from typing import Any

from fastapi import FastAPI

from server import addresses, errors
from server.middleware import BodyMiddleware, RequestMiddleware
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
    errors.install(app)
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
