"""The page's client of the API. It knows addresses and errors, and nothing of what a page looks like."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from core.conversation import Verdict
from core.errors import TastemakerError
from ui.wire import AnswerDelta, ChatMessage, Conversation

MODEL = "tastemaker"
# What is sent back of a long conversation: the newest messages, well inside the API's default bounds.
HISTORY_MESSAGES = 100
HISTORY_CHARS = 60_000
# A stream may be silent while the language model writes a reason; everything else answers at once.
STREAM_TIMEOUT = httpx.Timeout(120, connect=5, pool=None)
CALL_TIMEOUT = httpx.Timeout(10, connect=5, pool=None)

UNREADABLE = "The recommender answered in a way that this page can't read."


class ApiError(TastemakerError):
    """The API can't be reached or refused; the message is for the person at the page."""


class ApiClient:
    """Calls the API at `api_url` (without `/v1`), as any client would. Every call may raise ApiError."""

    def __init__(self, api_url: str, api_key: str | None) -> None:
        self._http = httpx.AsyncClient(
            base_url=api_url,
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=CALL_TIMEOUT,
            # Each chat holds a connection while it streams; none is kept after its call, so there is nothing to close.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,  # proxies of the environment are for the world outside; the API is near
        )

    async def answer(
        self,
        messages: Sequence[ChatMessage],
        *,
        user: str,
        conversation_id: str,
        popularity_correction: float | None = None,
    ) -> AsyncGenerator[AnswerDelta]:
        """The next answer, piece by piece. Closing the iterator cancels it."""
        body = {
            "model": MODEL,
            "messages": _on_the_wire(newest(messages)),
            "stream": True,
            "user": user,
            "metadata": {"conversation_id": conversation_id},
            "popularity_correction": popularity_correction,
        }
        try:
            request = self._http.stream("POST", "/v1/chat/completions", json=body, timeout=STREAM_TIMEOUT)
            async with request as response:
                if not response.is_success:
                    await response.aread()
                    raise _refusal(response)
                async with aclosing(_deltas(response)) as deltas:
                    async for delta in deltas:
                        yield delta
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    async def conversation(self, conversation_id: str, *, user: str) -> Conversation:
        """What was said; empty when nothing is kept under this id for this person."""
        path = f"/v1/conversations/{quote(conversation_id, safe='')}"
        response = await self._call("GET", path, params={"user": user})
        if response.status_code == httpx.codes.NOT_FOUND:
            return Conversation()
        if not response.is_success:
            raise _refusal(response)
        try:
            return Conversation.model_validate_json(response.content)
        except ValidationError as error:
            raise ApiError(UNREADABLE) from error

    async def feedback(self, item_id: str, verdict: Verdict | None, *, user: str, conversation_id: str) -> None:
        """Say what the person thinks of an item; None takes it back."""
        body = {"user": user, "item_id": item_id, "verdict": verdict, "conversation_id": conversation_id}
        response = await self._call("POST", "/v1/feedback", json=body)
        if not response.is_success:
            raise _refusal(response)

    async def readiness(self) -> str:
        """Where the language model stands, in the API's words: `ready`, `loading`, `off`, `failed`, …"""
        response = await self._call("GET", "/readyz")
        return str(_object(response.content).get("status") or "")

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error


def newest(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The end of a conversation that fits into one request, beginning with a message of the person."""
    first, room = len(messages), HISTORY_CHARS
    for number in range(len(messages) - 1, max(len(messages) - HISTORY_MESSAGES, 0) - 1, -1):
        room -= len(messages[number].content)
        if room < 0:
            break
        if messages[number].role == "user":
            first = number
    return list(messages[min(first, len(messages) - 1) :])


async def _deltas(response: httpx.Response) -> AsyncGenerator[AnswerDelta]:
    """What the server-sent events of a stream add to the answer."""
    async for line in response.aiter_lines():
        if not line.startswith("data:") or line == "data: [DONE]":
            continue
        event = _object(line.removeprefix("data:"))
        if "error" in event:
            raise ApiError(_told(event) or "The answer broke off.", mend="Please try again.")
        for choice in event.get("choices", ()):
            try:
                yield AnswerDelta.model_validate(choice["delta"])
            except (ValidationError, LookupError, TypeError) as error:
                raise ApiError(UNREADABLE) from error


def _on_the_wire(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Messages in OpenAI's shape. Of the pictures only the last one counts, so only that one goes along."""
    pictured = [number for number, message in enumerate(messages) if message.picture][-1:]
    return [_body(message, with_picture=number in pictured) for number, message in enumerate(messages)]


def _body(message: ChatMessage, *, with_picture: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": message.content}
    if with_picture:
        picture = {"type": "image_url", "image_url": {"url": message.picture}}
        body["content"] = [{"type": "text", "text": message.content}, picture]
    if message.recommendations:
        body["recommendations"] = [{"item_id": card.item_id} for card in message.recommendations]
    return body


def _object(text: str | bytes) -> dict[str, Any]:
    """A JSON object; empty when it is anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _told(body: dict[str, Any]) -> str:
    """The API's own line about what went wrong, in OpenAI's shape."""
    error = body.get("error")
    return str(error.get("message") or "") if isinstance(error, dict) else ""


def _refusal(response: httpx.Response) -> ApiError:
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return ApiError("The recommender did not accept this page's API key.")
    return ApiError(_told(_object(response.content)) or f"The recommender could not do that ({response.status_code}).")


def _unreachable(error: httpx.HTTPError) -> ApiError:
    if isinstance(error, httpx.TimeoutException):
        return ApiError("The recommender took too long.", mend="Please try again.")
    return ApiError("The connection to the recommender was lost.", mend="Please try again in a moment.")
