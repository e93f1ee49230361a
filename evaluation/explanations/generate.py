"""Asks for answers, many at a time, and keeps what the model wrote with all that it was told.

What is kept is raw: `evaluation.explanations.measure` checks it, as often as the checker changes, without a model.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tqdm import tqdm

from agent.parts import Parts
from agent.turn import ChatTurn
from core.candidate import Candidate, Shortlist
from core.errors import EngineError, InputError
from core.generator import ChatPrompt, GenerationDone, Generator
from core.intent import Intent
from core.recommendation import Answer, Source
from core.turn import TurnDone, TurnRequest
from core.values import Value
from evaluation.kept import Kept
from index.shortlist import Shortlister

# vLLM's step costs about the same for one answer as for sixteen.
CONCURRENCY = 16


class Generated(Value):
    """One answer: what the model wrote, what it was written from, and which items the turn then showed."""

    said: str  # the person's last message
    intent: Intent
    history: tuple[str, ...]
    candidates: tuple[Candidate, ...]  # as they were shortlisted, with their evidence
    texts: tuple[str, ...]  # the model's JSON, word for word, an answer to each prompt
    shown: tuple[str, ...]  # item ids


async def generate(
    parts: Parts, requests: Sequence[TurnRequest], kept: Kept, concurrency: int = CONCURRENCY
) -> list[str]:
    """Ask the requests that are not in `kept` yet, and keep each answer under its number when it comes.

    None is kept for a request that was no wish for items. An answer without the model is not kept: its number is
    returned, and it is asked again by the next run.
    """
    at_once = asyncio.Semaphore(concurrency)
    failed: list[str] = []
    with tqdm(total=len(requests), initial=len(kept), desc="answers", unit="answer", disable=None) as progress:

        async def ask(number: str, request: TurnRequest) -> None:
            async with at_once:
                try:
                    answer = await generated(parts, request)
                except EngineError:
                    failed.append(number)
                else:
                    kept[number] = answer.model_dump(mode="json") if answer else None
                progress.update()

        async with asyncio.TaskGroup() as group:
            for number, request in enumerate(requests):
                if str(number) not in kept:
                    group.create_task(ask(str(number), request))
    return failed


def kept_answers(path: Path, identity: Mapping[str, Any]) -> dict[str, Generated | None]:
    """The answers in a file of `Kept`, by number in order, also while another process still adds to it.

    Raises InputError where there are none, or none of this identity.
    """
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    if len(lines) < 2 or json.loads(lines[0])["identity"] != identity:
        cause = f"{path} holds no answers of these settings." if lines else f"There is no {path}."
        raise InputError(cause, mend="Run the step `generate` first, with the same settings.")
    found: dict[str, Generated | None] = {}
    for line in lines[1:]:
        try:
            given = json.loads(line)
        except ValueError:
            break  # the last line, empty or half written
        found[given["key"]] = Generated.model_validate(given["result"]) if given["result"] else None
    return dict(sorted(found.items(), key=lambda pair: int(pair[0])))


async def generated(parts: Parts, request: TurnRequest) -> Generated | None:
    """One answer; None where the request was no wish for items. Raises EngineError where the model wrote none."""
    written, listed = _RecordedGenerator(parts.generator), _RecordedShortlister(parts.shortlister)
    recorded = replace(parts, generator=written, shortlister=cast("Shortlister", listed))
    answer: Answer | None = None
    async for event in ChatTurn(recorded).run(request):
        if isinstance(event, TurnDone):
            answer = event.answer
    if answer is None or not answer.recommendations:
        return None
    if answer.source is not Source.MODEL:
        raise EngineError("The language model wrote no answer.")
    return Generated(
        said=request.said,
        intent=answer.intent,
        history=request.history,
        candidates=listed.candidates,
        texts=tuple(written.texts),
        shown=tuple(one.item_id for one in answer.recommendations),
    )


class _RecordedGenerator:
    """A generator that keeps what it generated."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.texts: list[str] = []

    @property
    def ready(self) -> bool:
        return self._generator.ready

    def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        self.texts.append("")
        return self._read(prompt, len(self.texts) - 1)

    async def _read(self, prompt: ChatPrompt, place: int) -> AsyncGenerator[str | GenerationDone]:
        async with aclosing(self._generator.stream(prompt)) as stream:
            async for piece in stream:
                if isinstance(piece, str):
                    self.texts[place] += piece
                yield piece


class _RecordedShortlister:
    """A shortlister that keeps its last candidates."""

    def __init__(self, shortlister: Shortlister) -> None:
        self._shortlister = shortlister
        self.candidates: tuple[Candidate, ...] = ()

    def shortlist(self, *given: Any, **named: Any) -> Shortlist:
        shortlist = self._shortlister.shortlist(*given, **named)
        self.candidates = shortlist.candidates
        return shortlist
