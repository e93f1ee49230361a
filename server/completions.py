"""Gives a chat answer to its client: as one completion, or as a stream of server-sent events."""

import json
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.chat_request import ChatCall
from server.chat_turn import ChatEvent, Finished, Words
from server.disconnect import ClientGoneError, while_connected
from server.errors import describe, error_response
from server.openai_answers import (
    AnswerMessage,
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChunkChoice,
    CompletionUsage,
    Delta,
    WireReason,
    WireRecommendation,
)


async def complete(events: AsyncGenerator[ChatEvent], call: ChatCall) -> ChatCompletion:
    """The whole answer as one completion."""
    text: list[str] = []
    recommendations: list[WireRecommendation] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case Words():
                    text.append(event.text)
                case WireRecommendation():
                    recommendations.append(event)
                case WireReason():
                    recommendations = [_explained(one, event) for one in recommendations]
                case Finished():
                    message = AnswerMessage(
                        content="".join(text), recommendations=recommendations, details=event.details
                    )
                    choice = Choice(message=message, finish_reason=event.reason)
                    return ChatCompletion(
                        id=_new_id(), created=int(time.time()), model=call.model, choices=[choice], usage=event.usage
                    )
    raise RuntimeError("The answer has no end.")


async def stream(events: AsyncGenerator[ChatEvent], call: ChatCall) -> AsyncGenerator[ChatCompletionChunk]:
    """The answer in chunks. The first one comes with the first event, so that an early error has its own status."""
    chunks = _Chunks(call)
    begun = False
    async with aclosing(events):
        async for event in events:
            if not begun:
                yield chunks.delta(Delta(role="assistant", content=""))
                begun = True
            match event:
                case Words():
                    yield chunks.delta(Delta(content=event.text))
                case WireRecommendation():
                    yield chunks.delta(Delta(recommendations=[event]))
                case WireReason():
                    yield chunks.delta(Delta(reasons=[event]))
                case Finished():
                    if event.details:
                        yield chunks.delta(Delta(details=event.details))
                    yield chunks.delta(Delta(), event.reason)
                    if call.include_usage:
                        yield chunks.usage(event.usage)


class CompletionResponse(Response):
    """One completion; the turn is cancelled when the client goes away."""

    media_type = "application/json"

    def __init__(self, events: AsyncGenerator[ChatEvent], call: ChatCall) -> None:
        super().__init__()
        self._events = events
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            completion = await while_connected(receive, complete(self._events, self._call))
        except ClientGoneError:
            return
        response = Response(completion.model_dump_json(), media_type=self.media_type, headers=_NO_CACHE)
        await response(scope, receive, send)


class StreamResponse(Response):
    """Server-sent events; the turn is cancelled when the client goes away.

    An error before the first chunk is a response of its own; a later one is told as a chunk.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[ChatEvent], call: ChatCall) -> None:
        super().__init__(headers=_NO_CACHE)
        del self.headers["content-length"]
        self._chunks = stream(events, call)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await while_connected(receive, self._send(scope, receive, send))
        except ClientGoneError:
            return

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False
        async with aclosing(self._chunks) as chunks:
            try:
                async for chunk in chunks:
                    if not begun:
                        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                        begun = True
                    await send(_data(_as_json(chunk)))
            except OSError:  # the connection broke while something was sent
                return
            except Exception as error:  # told to the client, and logged where unexpected
                if not begun:
                    await error_response(error)(scope, receive, send)
                    return
                await send(_data(describe(error)[1].model_dump_json()))
        await send(_data("[DONE]"))
        await send({"type": "http.response.body", "body": b""})


_NO_CACHE = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}


def _explained(recommendation: WireRecommendation, reason: WireReason) -> WireRecommendation:
    """The recommendation with the reason, where it is of the same item."""
    return recommendation.model_copy(update=dict(reason) if reason.item_id == recommendation.item_id else {})


class _Chunks:
    """Makes the chunks of one stream."""

    def __init__(self, call: ChatCall) -> None:
        self._id = _new_id()
        self._created = int(time.time())
        self._model = call.model

    def delta(self, delta: Delta, finish: Literal["stop", "length"] | None = None) -> ChatCompletionChunk:
        return self._chunk([ChunkChoice(delta=delta, finish_reason=finish)])

    def usage(self, usage: CompletionUsage) -> ChatCompletionChunk:
        return self._chunk([], usage)

    def _chunk(self, choices: list[ChunkChoice], usage: CompletionUsage | None = None) -> ChatCompletionChunk:
        return ChatCompletionChunk(id=self._id, created=self._created, model=self._model, choices=choices, usage=usage)


def _as_json(chunk: BaseModel) -> str:
    """A chunk without the fields of its delta that say nothing; the rest of it is always there."""
    data = chunk.model_dump(mode="json")
    if data.get("usage") is None:
        data.pop("usage", None)
    for choice in data["choices"]:
        choice["delta"] = {name: value for name, value in choice["delta"].items() if value is not None}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _data(text: str) -> dict[str, object]:
    return {"type": "http.response.body", "body": f"data: {text}\n\n".encode(), "more_body": True}


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"
