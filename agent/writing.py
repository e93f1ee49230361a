"""From ranked candidates to a verified answer: what the language model is asked to write, and what becomes of it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from agent.draft import Draft, DraftReader
from agent.events import Generated, Ranked
from agent.parts import Parts
from agent.speaker import Speaker
from agent.steps import EXAMPLES
from core.candidate import Candidate
from core.generator import ChatPrompt, GenerationDone
from core.item import ItemTable
from core.recommendation import Recommendation, Usage
from prompts.library import recommend_prompt


def prompts_for(parts: Parts, event: Ranked) -> tuple[ChatPrompt, ...]:
    """What the model is asked: to choose and to write in one answer, or to write about each item by itself.

    Where the order is known already, an answer for each item is written side by side with the others: a small model
    that has one item before it tells nothing of another one. What it costs: docs/decisions/008.
    """
    query, request = event.query, event.request
    count = min(query.count, len(event.shortlist.candidates))
    shown, example = offered(event.shortlist.candidates, count)
    ask = partial(
        recommend_prompt,
        parts.template,
        query.intent,
        items=parts.items,
        example=example,
        wording=parts.wording,
        history=query.history,
        temperature=request.temperature,
        seed=request.seed,
    )
    if not is_settled(event):
        return (ask(candidates=shown, count=count),)
    return tuple(
        ask(candidates=(one,), count=1, best_last=is_turned(place), reasoned=is_reasoned(place))
        for place, one in enumerate(shown[:count])
    )


def offered(candidates: tuple[Candidate, ...], count: int) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """The candidates that a prompt may offer, and those that show how an answer looks: the last, which would lose."""
    example = candidates[-EXAMPLES:] if len(candidates) >= count + EXAMPLES else ()
    return candidates[: len(candidates) - len(example)], example


def is_turned(place: int) -> bool:
    """Whether the prompt for the item at this place of an answer has its best evidence last.

    Of items that are alike a model that knows only one would say the same in the same order.
    """
    return place % 2 == 1


def is_reasoned(place: int) -> bool:
    """Whether the prompt for the item at this place of an answer asks for a line of thought: one tells it for all."""
    return place == 0


def is_settled(event: Ranked | Generated) -> bool:
    """Whether the order is known before a word is written: chosen, asked for, or the first alone meet every wish."""
    return event.choice is not None or event.query.intent.order is not None or bool(event.shortlist.fitting)


def card(candidate: Candidate, items: ItemTable) -> Recommendation:
    """A recommendation whose reason is still to be written."""
    title = items[candidate.item_id].label
    return Recommendation(
        item_id=candidate.item_id,
        title=title,
        reason="",
        evidence_ids=(),
        score=candidate.score,
        move=candidate.move,
    )


class Writer:
    """Reads what the model writes for one turn, while it is being written."""

    def __init__(self, parts: Parts, speaker: Speaker) -> None:
        self._parts = parts
        self._speaker = speaker
        self._answers: list[_Answer] = []

    @property
    def usage(self) -> Usage:
        used = [answer.usage for answer in self._answers]
        return Usage(
            prompt_tokens=sum(each.prompt_tokens for each in used),
            completion_tokens=sum(each.completion_tokens for each in used),
        )

    @property
    def reasoning(self) -> str:
        """The line of thought, which one answer has."""
        return next(filter(None, (answer.reasoning for answer in self._answers)), "")

    async def drafts(self, prompts: Sequence[ChatPrompt]) -> AsyncGenerator[Draft]:
        """Items out of the model's JSON, each as soon as it and those before it are complete.

        The prompts are answered side by side. Raises EngineError as the generator does.
        """
        self._answers = [_Answer() for _ in prompts]
        writing = [
            asyncio.create_task(answer.read(self._parts.generator.stream(prompt)))
            for answer, prompt in zip(self._answers, prompts, strict=True)
        ]
        try:
            for answer in self._answers:
                while True:
                    with self._speaker.timed("generate"):
                        draft = await answer.drafts.get()
                    if draft is None:
                        break
                    yield draft
            for task in writing:
                await task
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)


class _Answer:
    """One answer of the model."""

    def __init__(self) -> None:
        self.drafts: asyncio.Queue[Draft | None] = asyncio.Queue()  # None at the end
        self.usage = Usage()
        self._reader = DraftReader()

    @property
    def reasoning(self) -> str:
        return self._reader.reasoning

    async def read(self, stream: AsyncGenerator[str | GenerationDone]) -> None:
        try:
            async with aclosing(stream):
                async for piece in stream:
                    if isinstance(piece, GenerationDone):
                        self.usage = piece.usage
                    else:
                        for draft in self._reader.add(piece):
                            self.drafts.put_nowait(draft)
        finally:
            self.drafts.put_nowait(None)
