"""`/v1/feedback`: what a person thinks of an item; it counts in their next turn."""

from typing import Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel

from core.conversation import Feedback, Verdict
from server.errors import not_found, responses
from server.fields import ConversationId, ItemId, UserName
from server.middleware import JSON_BODY
from server.openai_requests import RequestModel
from server.services import Services
from server.state import PersonKey


class FeedbackRequest(RequestModel):
    """A verdict; null takes it back."""

    user: UserName
    item_id: ItemId
    verdict: Literal["up", "down", "seen"] | None
    conversation_id: ConversationId | None = None


class FeedbackResponse(BaseModel):
    """All verdicts of a person, oldest first."""

    user: str
    feedback: list[Feedback]


def routes(services: Services) -> APIRouter:
    """The feedback."""
    router = APIRouter(tags=["feedback"])

    @router.post("/v1/feedback", dependencies=JSON_BODY, responses=responses(400, 404, 413, 415, 503))
    async def give_feedback(body: FeedbackRequest, request: Request) -> FeedbackResponse:
        """Keep a verdict."""
        if body.item_id not in services.items:
            raise not_found(f"There is no item '{body.item_id}'.", "item_id", "item_not_found")
        verdict = Verdict(body.verdict) if body.verdict else None
        person = PersonKey(request.state.owner, body.user)
        kept = await run_sync(services.state.give_feedback, person, body.item_id, verdict, body.conversation_id)
        return FeedbackResponse(user=body.user, feedback=list(kept))

    return router
