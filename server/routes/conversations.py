"""`/v1/conversations/{id}`: a kept conversation, for the person whose it is."""

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from core.conversation import Feedback
from core.errors import NotFoundError
from server.errors import not_found, responses
from server.fields import ConversationId, UserName
from server.openai_answers import WireRecommendation
from server.services import Services
from server.state import PersonKey

Id = Annotated[ConversationId, Path(examples=["conversation-1"])]
User = Annotated[UserName, Query(examples=["ann"], description="Whose conversation it is.")]


class KeptMessage(BaseModel):
    """A message as it was said or answered."""

    role: str
    content: str
    recommendations: list[WireRecommendation]
    details: dict[str, Any] | None


class ConversationResponse(BaseModel):
    """A conversation, oldest message first, with all verdicts of its person."""

    id: str
    messages: list[KeptMessage]
    feedback: list[Feedback]


def routes(services: Services) -> APIRouter:
    """The conversations."""
    router = APIRouter(tags=["conversations"])

    @router.get("/v1/conversations/{conversation_id}", responses=responses(400, 404, 503))
    async def get_conversation(conversation_id: Id, user: User, request: Request) -> ConversationResponse:
        """A conversation's last messages."""
        person = _person(request, user)
        try:
            messages = await run_sync(
                lambda: services.state.conversation(person, conversation_id, last=services.settings.max_messages)
            )
        except NotFoundError as error:
            raise _not_found(error) from error
        return ConversationResponse(
            id=conversation_id,
            messages=[
                KeptMessage(
                    role=message.role,
                    content=message.content,
                    recommendations=(message.data or {}).get("recommendations", []),
                    details=(message.data or {}).get("details"),
                )
                for message in messages
            ],
            feedback=list(await run_sync(services.state.feedback, person)),
        )

    @router.delete("/v1/conversations/{conversation_id}", status_code=204, responses=responses(400, 404, 503))
    async def delete_conversation(conversation_id: Id, user: User, request: Request) -> Response:
        """Forget a conversation. Feedback stays."""
        try:
            await run_sync(services.state.forget_conversation, _person(request, user), conversation_id)
        except NotFoundError as error:
            raise _not_found(error) from error
        return Response(status_code=204)

    return router


def _person(request: Request, user: str) -> PersonKey:
    return PersonKey(request.state.owner, user)


def _not_found(error: NotFoundError) -> Exception:
    return not_found(str(error), "conversation_id", "conversation_not_found")
