"""From ranked candidates to a verified answer: what the language model is asked to write, and what becomes of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

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


def prompt_for(parts: Parts, event: Ranked) -> ChatPrompt:
    """What the model is asked: to choose and to write, or only to write where the order is its own already."""
    query, request, candidates = event.query, event.request, event.shortlist.candidates
    count = min(query.count, len(candidates))
    shown, example = offered(candidates, count, chosen=is_settled(event))
    return recommend_prompt(
        parts.template,
        query.intent,
        shown,
        parts.items,
        count=count,
        example=example,
        wording=parts.wording,
        history=query.history,
        temperature=request.temperature,
        seed=request.seed,
    )


def offered(
    candidates: tuple[Candidate, ...], count: int, *, chosen: bool
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """The candidates that a prompt offers, and those that show how an answer looks.

    Where the first `count` are `chosen` already, no others are on offer. The examples are the last ones, which would
    lose anyway.
    """
    example = candidates[-EXAMPLES:] if len(candidates) >= count + EXAMPLES else ()
    return candidates[:count] if chosen else candidates[: len(candidates) - len(example)], example


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
    """Reads one answer of the model while it is being written."""

    def __init__(self, parts: Parts, speaker: Speaker) -> None:
        self._parts = parts
        self._speaker = speaker
        self._reader = DraftReader()
        self.usage = Usage()

    @property
    def reasoning(self) -> str:
        return self._reader.reasoning

    async def drafts(self, prompt: ChatPrompt) -> AsyncGenerator[Draft]:
        """Items out of the model's JSON, each as soon as it is complete. Raises EngineError as the generator does."""
        stream = self._parts.generator.stream(prompt)
        async with aclosing(stream):
            while True:
                with self._speaker.timed("generate"):
                    piece = await anext(stream, None)
                if piece is None:
                    return
                if isinstance(piece, GenerationDone):
                    self.usage = piece.usage
                else:
                    for draft in self._reader.add(piece):
                        yield draft
