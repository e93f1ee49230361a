"""The whole of a comparison: people, plan, estimate, answers, metrics, report.

Five lines in a notebook:

    from evaluation.prompts import evaluate_prompts
    result = evaluate_prompts(["hard", "json"], ["base", "correction=0"], users=20, report="reports/prompts")
    result.frame    # a row for each run: every metric with its interval
    result.people   # a row for each person, run and metric
    result.answers  # every raw answer
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from core.errors import EngineError, InputError
from core.settings import Settings
from evaluation.prompts.answer_log import AnswerLog, Keys, RawAnswer
from evaluation.prompts.choosing import ChoiceTemplate, OnePass, is_choice
from evaluation.prompts.language_model import LanguageModel
from evaluation.prompts.measure import measure
from evaluation.prompts.models import Models, external_models, local_models
from evaluation.prompts.outcomes import ranker_outcomes, read_outcomes
from evaluation.prompts.people import People, choices_from, load_people
from evaluation.prompts.plan import Plan, Run, Survey, cost, survey
from evaluation.prompts.runner import answer_all
from evaluation.prompts.variants import PromptSettings, Variant, parse_variants
from prompts.ranking import check_template
from prompts.template import PromptTemplate, find_template

if TYPE_CHECKING:
    from evaluation.prompts.report import Comparison
    from evaluation.report.report import Report, Setting

CONCURRENCY = 32  # how many sequences the embedded engine works on at once
_TIMEOUT = 600.0  # seconds for one answer among so many
Say = Callable[[str], None]


@dataclass(frozen=True)
class PromptResult:
    """What came out, as frames; `folder` holds the page, the tables, and every raw answer."""

    frame: pl.DataFrame
    people: pl.DataFrame
    report: "Report"
    folder: Path

    @property
    def answers(self) -> pl.DataFrame:
        """Every raw answer of the folder."""
        return pl.read_ndjson(AnswerLog(self.folder).path)


@dataclass(frozen=True)
class Options:
    """What a comparison is made of. `users` may be a number, None for everybody, or a frame of people."""

    prompts: Sequence[str]
    variants: str
    report: Path
    users: int | pl.DataFrame | None = None
    catalogs: Sequence[str] = ()
    base: PromptSettings = field(default_factory=PromptSettings)
    split: Literal["test", "validation"] = "test"
    targets: int = 1  # how many choices of each person are held out
    k: int = 10
    ranker: str = "history"  # or blend, or a folder: see `evaluation.bias.rankers`
    seed: int = 0
    concurrency: int = CONCURRENCY
    prices: tuple[float, float] | None = None


def evaluate_prompts(
    prompts: Sequence[str],
    variants: Sequence[str] = ("base",),
    *,
    users: int | pl.DataFrame | None = None,
    report: str | Path = "reports/prompts",
    catalog: str | Sequence[str] = (),
    llm: str = "",
    settings: Settings | None = None,
    say: Say = lambda _: None,
    **options: object,
) -> PromptResult:
    """Compare prompts and variants; what `report` holds of an earlier run is gone on with.

    `users` samples so many people (None: everybody), or is a frame with `user_id`, `history` and `targets` (lists of
    item ids). `options` are fields of `Options`. Works where an event loop runs already. Raises TastemakerError.
    """
    given = settings or Settings()
    if llm:
        given = given.model_copy(update={"llm_url": llm})
    catalogs = (catalog,) if isinstance(catalog, str) and catalog else tuple(catalog)
    chosen = Options(list(prompts), ",".join(variants), Path(report), users, catalogs, **options)  # type: ignore[arg-type]
    return compare_prompts(chosen, given, say)


def compare_prompts(options: Options, settings: Settings, say: Say) -> PromptResult:
    """Do all of it. Whatever can be wrong in what was given is said before anything is asked."""
    started = datetime.now(UTC)
    templates = [_template(name) for name in options.prompts]
    variants = parse_variants(options.variants, options.base)
    people = [_people(options, settings, name) for name in options.catalogs or (settings.catalog,)]
    models = _models(settings, variants, people, say)
    plan = Plan(_runs(templates, variants, people, models), options.seed)
    log = AnswerLog(options.report)
    answered = log.open()
    try:
        found = survey(plan, answered, models.counter.count, models.counter.context)
        say(estimate_line(found, options.prices, exact=models.counter.exact))
        if found.open:
            with models.running(say):
                _ask(plan, models, log, answered, found.open, options.concurrency)
    finally:
        log.close()
        models.engine.stop()
    return _conclude(options, plan, found, models, started, say)


def estimate_line(found: Survey, prices: tuple[float, float] | None, *, exact: bool) -> str:
    """What the open questions will cost, in one line."""
    read = sum(one.prompt_tokens for one in found.estimates)
    written = sum(one.most_completion_tokens for one in found.estimates)
    earlier = found.prompts - found.open
    parts = [
        f"{found.prompts:,} questions" + (f", {earlier:,} of them answered by an earlier run" if earlier else ""),
        f"{read:,} tokens to read" + ("" if exact else " (about: four bytes are taken for a token)"),
        f"at most {written:,} to write",
    ]
    if prices:
        parts.append(f"at most {cost(prices, read, written):,.2f} to pay")
    return "; ".join(parts) + "."


def _people(options: Options, settings: Settings, catalog: str) -> People:
    from server.artifacts import load_artifacts

    artifacts = load_artifacts(
        settings.artifacts, catalog, text_encoder=settings.text_encoder, vector_store=settings.vector_store
    )
    frame = options.users if isinstance(options.users, pl.DataFrame) else None
    people = load_people(
        artifacts,
        settings.model_copy(update={"catalog": catalog}),
        users=None if isinstance(options.users, pl.DataFrame) else options.users,
        split=options.split,
        targets=options.targets,
        seed=options.seed,
        ranker=options.ranker,
        work=options.report,
    )
    return people if frame is None else replace(people, asked=choices_from(frame, artifacts))


def _models(settings: Settings, variants: Sequence[Variant], people: Sequence[People], say: Say) -> Models:
    if settings.llm_url:
        return external_models(settings, variants)
    return local_models(settings, variants, [one.artifacts.layout.root for one in people], say)


def _runs(
    templates: Sequence[PromptTemplate | ChoiceTemplate],
    variants: Sequence[Variant],
    people: Sequence[People],
    models: Models,
) -> list[Run]:
    runs = []
    for own in people:
        for template in templates:
            for variant in variants:
                name = f"{template.name} · {variant.name}" + (f" · {own.catalog}" if len(people) > 1 else "")
                one_pass = _one_pass(template, variant, own, models)
                runs.append(Run(name, template, variant, own, *models.of(variant), one_pass))
    return runs


def _template(name: str) -> PromptTemplate | ChoiceTemplate:
    """A template that was looked at. Raises InputError, with file and line, for one with a mistake."""
    if is_choice(name):
        return ChoiceTemplate()
    template = find_template(name)
    check_template(template)
    return template


def _one_pass(
    template: PromptTemplate | ChoiceTemplate, variant: Variant, people: People, models: Models
) -> OnePass | None:
    if isinstance(template, PromptTemplate):
        if variant.kind == "soft":
            cause = f"{template.name} has no places for soft tokens, which the variant {variant.name} asks for."
            raise InputError(cause, mend="Use the prompt choose.")
        return None
    if models.checkpoint is None:
        cause = f"The prompt {template.name} needs the tokenizer of the language model."
        raise InputError(cause, mend="Ask a vLLM on this machine, or leave --llm out.")
    return OnePass.load(people, variant, models.checkpoint, models.adapters.get(variant.model))


def _ask(plan: Plan, models: Models, log: AnswerLog, answered: Keys, total: int, concurrency: int) -> None:
    async def run() -> None:
        async with LanguageModel(models.engine, timeout=_TIMEOUT, patience=models.patience) as model:
            await answer_all(plan, model, log, answered, total=total, concurrency=concurrency)

    try:
        _in_an_event_loop(run())
    except EngineError as error:
        kept = f"{log.written:,} answers of this run are kept in {log.path}; the same command goes on after them."
        raise EngineError(str(error), mend=kept) from error


def _in_an_event_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, beside the event loop of this thread where there is one, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(main)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, main).result()


def _conclude(options: Options, plan: Plan, found: Survey, models: Models, started: datetime, say: Say) -> PromptResult:
    from evaluation.prompts.report import Comparison, make_report, people_frame, run_frame
    from evaluation.report.folder import write_report
    from evaluation.report.people import write_people
    from evaluation.report.provenance import Provenance

    log = AnswerLog(options.report)
    outcomes = read_outcomes(plan, found.index, log, options.k)
    rankers = ranker_outcomes(plan, options.k)
    comparison = Comparison(
        plan=plan,
        runs=[
            measure(run.name, run.people, outcome, options.k, options.seed)
            for run, outcome in zip(plan.runs, outcomes, strict=True)
        ],
        rankers=[
            measure(name, run.people, outcome, options.k, options.seed) for name, (run, outcome) in rankers.items()
        ],
        estimates=found.estimates,
        examples=_examples(plan, found, log),
        k=options.k,
        seed=options.seed,
        prices=options.prices,
    )
    hashes = dict.fromkeys(run.people.artifacts.manifest.catalog_hash for run in plan.runs)
    provenance = Provenance.collect(started=started, data_hash=", ".join(hashes), seed=options.seed)
    report = make_report(comparison, _settings(options, plan, models, comparison), provenance)
    people = people_frame(comparison)
    write_people(people, options.report)
    write_report(report, options.report)
    result = PromptResult(run_frame(comparison), people, report, options.report)
    result.frame.write_csv(options.report / "runs.csv")
    say(_true_cost(comparison))
    return result


def _examples(plan: Plan, found: Survey, answers: AnswerLog) -> list[tuple[str, RawAnswer]]:
    """The first answer of each run."""
    first: dict[int, RawAnswer] = {}
    for answer in answers:
        place = found.index.find(answer.key)
        if place is not None:
            first.setdefault(place[0], answer)
        if len(first) == len(plan.runs):
            break
    return [(plan.runs[number].name, answer) for number, answer in sorted(first.items())]


def _settings(options: Options, plan: Plan, models: Models, found: "Comparison") -> "Mapping[str, Setting]":
    people = {id(run.people): run.people for run in plan.runs}.values()
    return {
        "prompts": ", ".join(dict.fromkeys(run.template.name for run in plan.runs)),
        "variants": options.variants,
        "language model": models.identity,
        "catalogues": ", ".join(one.catalog for one in people),
        "people": ", ".join(f"{len(one.asked):,} of {one.learners:,}" for one in people),
        "held out": f"the last {options.targets} of each person"
        + ("" if options.split == "test" else f", after {options.targets} more were left out (validation)"),
        "candidates by": ", ".join(dict.fromkeys(one.ranker_name for one in people)),
        "at once": options.concurrency,
        "k": options.k,
        **{f"base: {name}": value for name, value in options.base.model_dump().items()},
        "tokens read, as estimated before": sum(one.prompt_tokens for one in found.estimates),
        "tokens written, at most": sum(one.most_completion_tokens for one in found.estimates),
    }


def _true_cost(found: "Comparison") -> str:
    read = sum(float(one.people["prompt tokens"][one.people["prompt tokens"] > 0].sum()) for one in found.runs)
    written = sum(float(one.people["answer tokens"][one.people["answer tokens"] > 0].sum()) for one in found.runs)
    line = f"All answers together: {read:,.0f} tokens read, {written:,.0f} written"
    return line + (f", {cost(found.prices, read, written):,.2f} paid." if found.prices else ".")
