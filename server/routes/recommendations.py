"""`/v1/recommendations`: recommendations without a language model, for programs."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from core.conversation import Feedback
from server.answers import write_recommendation
from server.errors import bad_request, responses
from server.fields import WHOLE, ItemId, OptionalUserName, Text
from server.middleware import JSON_BODY
from server.openai_answers import WireRecommendation
from server.openai_requests import RequestModel
from server.services import Services
from server.state import PersonKey

_MAX_NAMED = 5


class RecommendationsRequest(RequestModel):
    """A history (ids of the catalogue, oldest first), words to search for, or both."""

    history: list[ItemId] = Field(default_factory=list)
    query: Text | None = None
    user: OptionalUserName = Field(None, description="Names the person, whose feedback then counts.")
    k: Annotated[int, Field(ge=1, le=100), WHOLE] = 10
    popularity_correction: float | None = Field(None, ge=0, le=1, description="0 is off.")


class RecommendationsResponse(BaseModel):
    """Items, best first."""

    recommendations: list[WireRecommendation]
    notices: list[str]


def routes(services: Services) -> APIRouter:
    """The recommendations."""
    router = APIRouter(tags=["recommendations"])

    @router.post("/v1/recommendations", dependencies=JSON_BODY, responses=responses(400, 413, 415, 503))
    async def recommend(body: RecommendationsRequest, request: Request) -> RecommendationsResponse:
        """Items for a history, a query, or both."""
        _check(body, services.settings.max_history, services.settings.max_message_chars)
        known = [item_id for item_id in body.history if item_id in services.items]
        feedback: tuple[Feedback, ...] = ()
        if body.user:
            feedback = await run_sync(services.state.feedback, PersonKey(request.state.owner, body.user))
        answer = await services.recommend(
            known,
            body.query or "",
            body.k,
            feedback=feedback,
            user=body.user or None,
            popularity_correction=body.popularity_correction,
        )
        return RecommendationsResponse(
            recommendations=[write_recommendation(chosen, services.items) for chosen in answer.recommendations],
            notices=[*_unknown(body.history, known), *answer.notices],
        )

    return router


def _check(body: RecommendationsRequest, max_history: int, max_chars: int) -> None:
    if len(body.history) > max_history:
        raise bad_request(f"'history' holds {len(body.history)} items; at most {max_history} are read.", "history")
    if len(body.query or "") > max_chars:
        raise bad_request(f"'query' is too long; at most {max_chars} characters are read.", "query")


def _unknown(history: list[str], known: list[str]) -> list[str]:
    unknown = [item_id for item_id in dict.fromkeys(history) if item_id not in set(known)]
    if not unknown:
        return []
    more = f" and {len(unknown) - _MAX_NAMED} more" if len(unknown) > _MAX_NAMED else ""
    return [f"Not in the catalogue and left out: {', '.join(unknown[:_MAX_NAMED])}{more}."]
