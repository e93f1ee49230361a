"""Asks a judge, keeps every reply, and reports: its reliability first, then the scores of a file of explanations.

In a notebook:

    from evaluation.judge.run import JudgeOptions, judge
    report = judge(JudgeOptions(labels=12), Settings(), Path("reports/judge"), print)
    report.table("Can it be believed?").frame()
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import Field
from tqdm import tqdm

from core.settings import Settings
from core.values import Value
from evaluation.judge.plan import Question, answer_questions, reliability_questions
from evaluation.judge.reliability import Limits, measure
from evaluation.judge.report import report
from evaluation.judge.rubric import Rubric, read_rubric
from evaluation.judge.samples import Explanation, Labels, read_explanations, read_labels
from evaluation.judge.verdicts import Verdict, read_preference, read_scores
from evaluation.kept import Kept
from evaluation.people import drawn
from evaluation.prompts.language_model import LanguageModel
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.running import run_to_end, running
from server.engine import Engine

Say = Callable[[str], None]
_FORMAT = 1  # of what is kept


class JudgeOptions(Value):
    """`llm`: an OpenAI-compatible address; empty: the model that `serve` would start. `labels` None: all."""

    answers: Path | None = None
    llm: str = ""
    labels: int | None = Field(None, ge=2)  # how many labelled explanations and pairs are asked for
    concurrency: int = Field(16, ge=1)
    seed: int = Field(0, ge=0)
    limits: Limits = Limits()


def judge(options: JudgeOptions, settings: Settings, folder: Path, say: Say, started: datetime | None = None) -> Report:
    """Measure the judge, let it score the answers if there are any, and report. A run that was cut off goes on.

    Raises InputError for a broken file or a folder with replies of another judge, EngineError where nobody answers.
    """
    rubric, labels = read_rubric(), some_labels(read_labels(), options.labels)
    explanations = read_explanations(options.answers) if options.answers else []
    # Guessed tokens have no probabilities, and at a temperature they are drawn wrongly.
    given = settings.model_copy(update={"sampling": True, **({"llm_url": options.llm} if options.llm else {})})
    with running(given, say) as (engine, model):
        return judge_with(engine, model, rubric, labels, explanations, folder, options, started or datetime.now(UTC))


def judge_with(
    engine: Engine,
    model: str,
    rubric: Rubric,
    labels: Labels,
    explanations: Sequence[Explanation],
    folder: Path,
    options: JudgeOptions,
    started: datetime,
) -> Report:
    """`judge` with an engine that is ready. `model` names it in the report."""
    name = engine.address.model
    identity = {"format": _FORMAT, "model": model, "rubric": rubric.digest}
    kept = Kept(folder, "judgements", identity)
    questions = [*reliability_questions(labels, rubric, name), *answer_questions(explanations, rubric, name)]
    run_to_end(_ask(engine, questions, rubric, kept, options.concurrency))
    verdicts = {question.key: Verdict.model_validate(kept[_kept_key(question)]) for question in questions}
    measured = {key: one for key, one in verdicts.items() if not key.startswith("answer ")}
    reliability = measure(labels, measured, rubric.names, options.seed, options.limits)
    return report(
        reliability,
        labels,
        [(one, verdicts[f"answer {one.id}"]) for one in explanations],
        rubric,
        model=model,
        provenance=Provenance.collect(started=started, data_hash=rubric.digest, seed=options.seed),
    )


def some_labels(labels: Labels, most: int | None) -> Labels:
    """At most so many explanations and pairs, drawn from all; always the same ones."""
    scored, pairs = (drawn(all_, most, np.random.default_rng(0)) for all_ in (labels.scored, labels.pairs))
    return Labels(scored=tuple(scored), pairs=tuple(pairs))


async def _ask(engine: Engine, questions: Sequence[Question], rubric: Rubric, kept: Kept, concurrency: int) -> None:
    """Ask what is not kept yet, so many at a time."""
    todo = [question for question in questions if _kept_key(question) not in kept]
    gate = asyncio.Semaphore(concurrency)
    async with LanguageModel(engine, timeout=300.0, patience=120.0) as model:
        with tqdm(total=len(questions), initial=len(questions) - len(todo), desc="Judging", unit="reply") as bar:

            async def one(question: Question) -> None:
                async with gate:
                    reply = await model.ask(question.body)
                if question.key.startswith("compare "):
                    verdict = read_preference(reply.text, reply.logprobs)
                else:
                    verdict = read_scores(reply.text, reply.logprobs, rubric.names)
                kept[_kept_key(question)] = verdict.model_dump(mode="json")
                bar.update()

            async with asyncio.TaskGroup() as group:
                for question in todo:
                    group.create_task(one(question))


def _kept_key(question: Question) -> str:
    """The same key with another text is another question."""
    digest = hashlib.sha256(json.dumps(question.body["messages"]).encode()).hexdigest()[:12]
    return f"{question.key} {digest}"
