"""`/healthz`, `/readyz` and `/metrics`: for those who run the server."""

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

from server.engine import EngineState
from server.errors import responses
from server.services import Services


class Health(BaseModel):
    """The server runs."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Where the language model stands. In every state but `ready`, chat answers from retrieval."""

    status: EngineState
    detail: str = ""


def routes(services: Services) -> APIRouter:
    """Health, readiness and metrics."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", responses=responses())
    async def get_health() -> Health:
        """Always 200 while the server runs."""
        return Health()

    @router.get("/readyz", response_model=Readiness, responses={**responses(), 503: {"model": Readiness}})
    async def get_readiness() -> Response:
        """200 once the language model answers, or where the operator wants none."""
        now = services.engine.status
        body = Readiness(status=now.state, detail=now.detail)
        ready = now.state in (EngineState.READY, EngineState.OFF)
        return JSONResponse(body.model_dump(mode="json"), 200 if ready else 503, {} if ready else {"Retry-After": "5"})

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **responses()},
    )
    async def get_metrics() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(services.metrics.render(services.engine.status), media_type=CONTENT_TYPE_LATEST)

    return router
