"""`/v1/feedback`: what a person thinks of an item; it counts in their next turn."""

from typing import Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from core.conversation import Feedback, Verdict
from server.chat_request import CONVERSATION_ID, read_user
from server.errors import bad_request, not_found, responses
from server.middleware import JSON_BODY
from server.openai_types import RequestModel, Text
from server.services import Services
from server.state import PersonKey


class FeedbackRequest(RequestModel):
    """A verdict; null takes it back."""

    user: Text = Field(min_length=1)
    item_id: Text = Field(max_length=512)
    verdict: Literal["up", "down", "seen"] | None
    conversation_id: Text | None = Field(None, pattern=CONVERSATION_ID)


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
        user = read_user(body.user, "user")
        if user is None:
            raise bad_request("Feedback is someone's: name the 'user'.", "user", "missing_user")
        if body.item_id not in services.items:
            raise not_found(f"There is no item '{body.item_id}'.", "item_id", "item_not_found")
        verdict = Verdict(body.verdict) if body.verdict else None
        person = PersonKey(request.state.owner, user)
        kept = await run_sync(services.state.give_feedback, person, body.item_id, verdict, body.conversation_id)
        return FeedbackResponse(user=user, feedback=list(kept))

    return router
