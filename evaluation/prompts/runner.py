"""Asks all open questions, so many at once that the engine is never idle, and keeps every answer at once.

Questions are rendered on a thread of their own, ahead of the engine; answers are written while others are generated.
"""

import asyncio
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from tqdm import tqdm

from core.errors import TastemakerError
from evaluation.prompts.answer_log import AnswerLog, RawAnswer
from evaluation.prompts.language_model import LanguageModel, Reply
from evaluation.prompts.plan import Plan, Task

_AHEAD = 2  # questions that are ready for each one that is being answered
_RENDERED_AT_ONCE = 16


async def answer_all(
    plan: Plan, model: LanguageModel, log: AnswerLog, answered: Collection[str], *, total: int, concurrency: int
) -> None:
    """Ask what is not among `answered`; `total` is how many questions that are.

    Raises what went wrong first, when everything that was answered until then is in the log.
    """
    arriving: asyncio.Queue[RawAnswer | None] = asyncio.Queue()
    open_tasks = (task for task in plan.tasks() if task.key not in answered)
    writing = asyncio.create_task(log.append_all(arriving))
    bar: tqdm[Any] = tqdm(total=total, desc="Answers", unit="answer", smoothing=0.1)
    with bar:
        asking = asyncio.create_task(_ask_all(plan, open_tasks, model, arriving, bar, concurrency))
        try:
            await asyncio.wait({asking, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not asking.done():
                asking.cancel()
            outcome = (await asyncio.gather(asking, return_exceptions=True))[0]
            arriving.put_nowait(None)
            await writing
    if isinstance(outcome, BaseException):
        raise _first_cause(outcome)


async def _ask_all(
    plan: Plan,
    tasks: Iterator[Task],
    model: LanguageModel,
    arriving: "asyncio.Queue[RawAnswer | None]",
    bar: "tqdm[Any]",
    concurrency: int,
) -> None:
    waiting: asyncio.Queue[Task | None] = asyncio.Queue(maxsize=_AHEAD * concurrency)

    async def feed() -> None:
        while batch := await asyncio.to_thread(lambda: list(islice(tasks, _RENDERED_AT_ONCE))):
            for task in batch:
                await waiting.put(task)
        for _ in range(concurrency):
            await waiting.put(None)

    async def work() -> None:
        while (task := await waiting.get()) is not None:
            arriving.put_nowait(_raw(plan, task, await model.ask(task.request)))
            bar.update()

    async with asyncio.TaskGroup() as group:
        group.create_task(feed())
        for _ in range(concurrency):
            group.create_task(work())


def _raw(plan: Plan, task: Task, reply: Reply) -> RawAnswer:
    run = plan.runs[task.run]
    items = run.people.artifacts.items.items
    return RawAnswer(
        key=task.key,
        catalog=run.people.catalog,
        template=run.template.name,
        template_digest=run.template.digest,
        variant=run.variant.name,
        model=run.model,
        user_id=run.people.asked[task.place].user_id,
        prompt=task.prompt_hash,
        candidates=tuple(items[row].id for row in task.candidates),
        text=reply.text,
        finish=reply.finish,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        seconds=round(reply.seconds, 4),
        attempts=reply.attempts,
    )


def _first_cause(error: BaseException) -> BaseException:
    """The error that a person can mend, out of a group of what went wrong at the same time."""
    if isinstance(error, BaseExceptionGroup):
        causes = [_first_cause(one) for one in error.exceptions]
        return next((one for one in causes if isinstance(one, TastemakerError)), causes[0])
    return error
