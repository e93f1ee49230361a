"""`/v1/chat/completions`: the chat, as OpenAI's clients speak it."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from server.chat_request import read_chat
from server.chat_turn import ChatTurns
from server.completions import CompletionResponse, StreamResponse
from server.errors import responses
from server.middleware import JSON_BODY
from server.openai_answers import ChatCompletion
from server.openai_requests import ChatRequest
from server.services import Services

# An event, as OpenAPI 3.1 and its tools describe streams.
_EVENT = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
_STREAM = {
    "description": "The answer; with `stream`, server-sent events of chat completion chunks that end with `[DONE]`.",
    "content": {"text/event-stream": {"schema": _EVENT}},
}


def routes(services: Services) -> APIRouter:
    """The chat."""
    router = APIRouter(tags=["chat"])
    turns = ChatTurns(services)

    @router.post(
        "/v1/chat/completions",
        dependencies=JSON_BODY,
        response_model=ChatCompletion,
        responses={200: _STREAM, **responses(400, 404, 413, 415, 429, 503)},
    )
    async def create_chat_completion(body: ChatRequest, request: Request) -> Response:
        """Answer a conversation with recommendations, a question or information."""
        # In a thread: a picture takes a while to be read.
        call = await run_sync(read_chat, body, services.settings, services.model_name)
        events = turns.run(call, request.state.owner)
        return StreamResponse(events, call) if call.stream else CompletionResponse(events, call)

    return router
