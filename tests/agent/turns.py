"""Whole turns for tests: what is said, what a scripted model answers, and what comes of it."""

import json

from agent.turn import ChatTurn
from core.conversation import Message
from core.errors import EngineError
from core.generator import Choice
from core.recommendation import Answer
from core.turn import TextDelta, TurnDone, TurnEvent, TurnRequest


def said(*texts: str) -> TurnRequest:
    return TurnRequest(messages=tuple(Message(role="user", content=text) for text in texts))


def model_answer(*items: tuple[str, str]) -> str:
    drafts = [{"item": item, "evidence": ["a"], "reason": reason} for item, reason in items]
    return json.dumps({"reasoning": "They like crime.", "items": drafts})


async def run(turn: ChatTurn, request: TurnRequest) -> tuple[Answer, list[TurnEvent]]:
    events = [event async for event in turn.run(request)]
    done = events[-1]
    assert isinstance(done, TurnDone)
    assert done.answer.text == "".join(event.text for event in events if isinstance(event, TextDelta))
    return done.answer, events


def after(request: TurnRequest, answer: Answer, text: str) -> TurnRequest:
    """The same conversation, with its answer and what is said to that."""
    shown = tuple(one.item_id for one in answer.recommendations)
    answered = Message(role="assistant", content=answer.text, item_ids=shown)
    return request.model_copy(update={"messages": (*request.messages, answered, Message(role="user", content=text))})


class Prefers:
    """A chooser that puts these items first, or that can't answer."""

    def __init__(self, *item_ids: str, fails: bool = False) -> None:
        self._item_ids, self._fails = item_ids, fails
        self.ready = True

    async def choose(self, intent: object, candidates: object, *, history: object = ()) -> Choice:
        if self._fails:
            raise EngineError("It died.")
        scores = {item_id: float(-place) for place, item_id in enumerate(self._item_ids)}
        return Choice(scores=scores, log_probabilities=scores)
