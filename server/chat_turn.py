"""Runs the turn of one chat call: bounds, memory and metrics around the turn's events."""

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from core.recommendation import Answer
from core.turn import ItemReady, ReasonReady, TextDelta, TurnDone, TurnEvent
from server.answers import write_details, write_json, write_recommendation
from server.chat_request import ChatCall
from server.errors import ApiError
from server.memory import Memory
from server.openai_answers import CompletionUsage, Details, WireReason, WireRecommendation
from server.services import Services
from server.visible_text import VisibleText


@dataclass(frozen=True)
class Words:
    """The next words to show."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The end of an answer. `details` are None where the client's bounds ended it early."""

    reason: Literal["stop", "length"]
    usage: CompletionUsage
    details: Details | None


ChatEvent = Words | WireRecommendation | WireReason | Finished


GREEDY = "This engine answers at temperature 0. Start it with TASTEMAKER_SAMPLING=true to sample, at a lower speed."
UNSEEN = "Your picture could not be used: nothing in this catalogue can be compared with it."


class ChatTurns:
    """Runs turns, at most `Settings.max_concurrent_turns` at once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running = 0

    async def run(self, call: ChatCall, owner: str) -> AsyncGenerator[ChatEvent]:
        """Words and recommendations as they are ready, then `Finished`. Closing it cancels the turn.

        Raises a 429 when too many turns run, and what the turn raises.
        """
        metrics = self._services.metrics
        if self._running >= self._services.settings.max_concurrent_turns:
            raise ApiError(
                429,
                "Too many turns are running; try again in a moment.",
                code="rate_limit_exceeded",
                headers={"Retry-After": "1"},
            )
        self._running += 1
        metrics.running_turns.inc()
        finished = False
        try:
            async with aclosing(self._run(call, owner)) as events:
                async for event in events:
                    finished = isinstance(event, Finished)
                    yield event
        except Exception:
            metrics.failed.inc()
            finished = True
            raise
        finally:
            self._running -= 1
            metrics.running_turns.dec()
            if not finished:
                metrics.cancelled.inc()

    async def _run(self, call: ChatCall, owner: str) -> AsyncGenerator[ChatEvent]:
        services = self._services
        started = time.perf_counter()
        memory = Memory(services.state, owner, call)
        notices = call.notices
        request = call.turn.model_copy(update={"feedback": await memory.begin()})
        if request.temperature > 0 and not services.samples:
            request = request.model_copy(update={"temperature": 0.0})
            notices = (*notices, GREEDY)
        shown = _Shown(VisibleText(stop=call.stop, max_tokens=call.max_tokens, count_tokens=services.count_tokens))
        # A turn is closed here, whether it ended, a bound was met or the client left.
        async with aclosing(cast("AsyncGenerator[TurnEvent]", services.turn.run(request))) as events:
            async for event in events:
                first = not shown.visible.text
                for piece in self._show(event, call, shown):
                    if first and isinstance(piece, Words):
                        services.metrics.first_words_seconds.observe(time.perf_counter() - started)
                    yield piece
                if shown.visible.finish:
                    break
        if words := shown.visible.end():
            yield Words(words)
        finished = self._finish(call, shown, (*memory.notices, *notices))
        await memory.end(*_kept(shown, finished))
        yield finished

    def _show(
        self, event: TurnEvent, call: ChatCall, shown: "_Shown"
    ) -> Iterator[Words | WireRecommendation | WireReason]:
        """What an event lets the client see. As JSON, the words come at once when the answer is whole."""
        text = ""
        match event:
            case ItemReady():
                recommendation = write_recommendation(event.recommendation, self._services.items)
                shown.recommendations.append(recommendation)
                yield recommendation
            case ReasonReady():
                yield shown.explain(write_recommendation(event.recommendation, self._services.items))
            case TextDelta() if call.format is None:
                text = event.text
            case TurnDone():
                shown.answer = event.answer
                if call.format:
                    text = call.format.content(write_json(event.answer, self._services.items))
        if words := shown.visible.add(text):
            yield Words(words)

    def _finish(self, call: ChatCall, shown: "_Shown", notices: Sequence[str]) -> Finished:
        reason = shown.visible.finish or "stop"
        if shown.answer is None:
            if not shown.visible.finish:
                raise RuntimeError("The turn ended without an answer.")
            count = self._services.count_tokens
            prompt = sum(count(message.content) for message in call.turn.messages)
            return Finished(reason, _usage(prompt, count(shown.visible.text)), None)
        self._services.metrics.count_answer(shown.answer)
        usage = _usage(shown.answer.usage.prompt_tokens, shown.answer.usage.completion_tokens)
        if call.turn.messages[-1].picture and not shown.answer.intent.pictured:
            notices = (*notices, UNSEEN)
        services = self._services
        details = write_details(shown.answer, services.items, services.wording, notices, services.modality_shares)
        return Finished(reason, usage, details)


@dataclass
class _Shown:
    """What the client has been shown so far."""

    visible: VisibleText
    recommendations: list[WireRecommendation] = field(default_factory=list)
    answer: Answer | None = None

    def explain(self, recommendation: WireRecommendation) -> WireReason:
        """Take in the reason of an item that was shown without one."""
        places = [one.item_id for one in self.recommendations]
        self.recommendations[places.index(recommendation.item_id)] = recommendation
        return WireReason.model_validate(recommendation.model_dump(include=set(WireReason.model_fields)))


def _kept(shown: _Shown, finished: Finished) -> tuple[str, dict[str, Any]]:
    """The text and the data of an answer that a conversation keeps: prose, even where the client took JSON."""
    text = shown.answer.text if shown.answer and not shown.visible.finish else shown.visible.text
    return text, {
        "recommendations": [recommendation.model_dump(mode="json") for recommendation in shown.recommendations],
        "details": finished.details and finished.details.model_dump(mode="json"),
    }


def _usage(prompt: int, completion: int) -> CompletionUsage:
    return CompletionUsage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)
