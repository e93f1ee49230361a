"""Answers on their way from the API to a page, each of which can be stopped. Knows nothing of Gradio."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

from core.artifacts import Wording
from core.values import Value
from ui.client import ApiClient, ApiError
from ui.prose import spoken
from ui.transcript import answer_parts, failure_parts
from ui.wire import AnswerDelta, ChatMessage

log = logging.getLogger(__name__)

# What comes faster is painted together: more often would cost time and show nothing more.
PAINT_SECONDS = 0.05
UNEXPECTED = "Something went wrong on this page. Please try again."

News = dict[str, Any]  # what the page's script paints: "parts", "state" and "spoken"


class Visitor(Value):
    """Who is at the page and in which conversation; random names that the browser keeps."""

    user: str
    conversation: str


class Question(Visitor):
    """A message of the person; `turn` is the browser's random name for the turn that it opens."""

    turn: str
    text: str
    picture: str | None = None  # a data URL
    popularity_correction: float | None = None  # None: the server's setting


@dataclass(frozen=True)
class Progress:
    """An answer as far as it has come."""

    answer: ChatMessage
    lead: int | None = None  # how many characters came before the first card
    state: Literal["streaming", "done", "failed"] = "streaming"
    failure: str = ""


@dataclass
class Memory:
    """What one open tab has said and heard so far."""

    conversation: str = ""
    messages: list[ChatMessage] = field(default_factory=list)


class Answering:
    """The turns that are being answered now."""

    def __init__(self, client: ApiClient, wording: Wording) -> None:
        self._client = client
        self._wording = wording
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopped_early: deque[str] = deque(maxlen=256)  # stopped before they had begun here

    async def run(self, question: Question, memory: Memory) -> AsyncGenerator[News]:
        """What to paint while the answer comes in. Closing the iterator stops the answer."""
        if question.turn in self._stopped_early:
            return
        told: asyncio.Queue[Progress | None] = asyncio.Queue()
        task = asyncio.create_task(self._answer(question, memory, told.put_nowait))
        task.add_done_callback(lambda _: told.put_nowait(None))
        self._running[question.turn] = task
        try:
            arrived: list[Progress | None] = []
            while arrived[-1:] != [None]:
                arrived = await _arrived(told)
                if newest := next(filter(None, reversed(arrived)), None):
                    yield self._news(newest)
                    await asyncio.sleep(PAINT_SECONDS)
        finally:
            task.cancel()
            del self._running[question.turn]

    async def stop(self, turn: str) -> None:
        """Stop an answer; when this returns, its memory holds the answer as far as it came."""
        if task := self._running.get(turn):
            task.cancel()
            await asyncio.wait([task])
        else:
            self._stopped_early.append(turn)

    async def _answer(self, question: Question, memory: Memory, tell: Callable[[Progress], None]) -> None:
        asked = ChatMessage(role="user", content=question.text, picture=question.picture)
        answer = ChatMessage(role="assistant", content="")
        lead = None
        try:
            await self._recall(question, memory)
            said = [*memory.messages, asked]
            stream = self._client.answer(
                said,
                user=question.user,
                conversation_id=question.conversation,
                popularity_correction=question.popularity_correction,
            )
            async with aclosing(stream):
                async for delta in stream:
                    answer = _with(answer, delta)
                    if lead is None and answer.recommendations:
                        lead = len(answer.content)
                    if delta.content or delta.recommendations or delta.reasons:
                        tell(Progress(answer, lead))
        except ApiError as error:
            tell(Progress(answer, lead, "failed", str(error)))
        except asyncio.CancelledError:
            _remember(memory, asked, answer)
            raise
        except Exception:
            log.exception("An answer could not be shown.")
            tell(Progress(answer, lead, "failed", UNEXPECTED))
        else:
            _remember(memory, asked, answer)
            tell(Progress(answer, lead, "done"))

    def _news(self, progress: Progress) -> News:
        parts = answer_parts(progress.answer, self._wording, progress.lead)
        if progress.state == "failed":
            return {"parts": parts | failure_parts(progress.failure), "state": "failed", "spoken": progress.failure}
        said = spoken(progress.answer) if progress.state == "done" else ""
        return {"parts": parts, "state": progress.state, "spoken": said}

    async def _recall(self, visitor: Visitor, memory: Memory) -> None:
        """Make the memory that of the visitor's conversation, which an earlier visit may have begun."""
        if memory.conversation != visitor.conversation:
            kept = await self._client.conversation(visitor.conversation, user=visitor.user)
            memory.messages = list(kept.messages)
            memory.conversation = visitor.conversation


async def _arrived(told: asyncio.Queue[Progress | None]) -> list[Progress | None]:
    """All that waits in a queue, once something does."""
    arrived = [await told.get()]
    while not told.empty():
        arrived.append(told.get_nowait())
    return arrived


def _remember(memory: Memory, asked: ChatMessage, answer: ChatMessage) -> None:
    if answer.content or answer.recommendations:
        memory.messages += [asked, answer]


def _with(answer: ChatMessage, delta: AnswerDelta) -> ChatMessage:
    reasons = {one.item_id: dict(one) for one in delta.reasons or ()}
    cards = (*answer.recommendations, *(delta.recommendations or ()))
    return ChatMessage(
        role="assistant",
        content=answer.content + (delta.content or ""),
        recommendations=tuple(card.model_copy(update=reasons.get(card.item_id, {})) for card in cards),
        details=delta.details or answer.details,
    )
