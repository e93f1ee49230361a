"""The whole of a comparison: people, plan, estimate, answers, metrics, report.

In a notebook:

    from evaluation.prompts import evaluate_prompts
    result = evaluate_prompts(["hard", "json"], ["base", "correction=0"], users=20, report="reports/prompts")
    result.frame    # a row for each run: every metric with its interval
    result.pairs    # a row for each two runs: their difference with its interval and p-values
    result.people   # a row for each person, run and metric
    result.answers  # every raw answer
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from core.errors import EngineError, InputError
from core.settings import Settings
from evaluation.prompts.answer_log import AnswerLog
from evaluation.prompts.choosing import ChoiceTemplate, OnePass, is_choice
from evaluation.prompts.language_model import LanguageModel
from evaluation.prompts.models import Models, external_models, local_models
from evaluation.prompts.options import Options, PromptResult
from evaluation.prompts.people import People, load_people, people_from
from evaluation.prompts.plan import Plan, Run, Survey, cost, survey
from evaluation.prompts.runner import answer_all
from evaluation.prompts.starts import add_start
from evaluation.prompts.variants import Variant, parse_variants
from evaluation.running import run_to_end
from prompts.ranking import check_template
from prompts.template import PromptTemplate, find_template

__all__ = ["Options", "PromptResult", "compare_prompts", "evaluate_prompts"]

_TIMEOUT = 3600.0  # seconds for one answer among many on a busy machine; a dead engine is noticed at once
Say = Callable[[str], None]


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
            add_start(options.report, started, len(answered), found.estimates)
            with models.running(say):
                _ask(plan, models, log, answered, found.open, options.concurrency, say)
    finally:
        log.close()
        models.engine.stop()
    from evaluation.prompts.conclusion import conclude

    result, paid = conclude(options, plan, found, language_model=models.identity, started=started)
    say(paid)
    return result


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
    return people if frame is None else replace(people, asked=people_from(frame, artifacts))


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


def _ask(
    plan: Plan, models: Models, log: AnswerLog, answered: Collection[str], total: int, concurrency: int, say: Say
) -> None:
    async def run() -> None:
        async with LanguageModel(models.engine, timeout=_TIMEOUT, patience=models.patience) as model:
            await answer_all(plan, model, log, answered, total=total, concurrency=concurrency)

    try:
        run_to_end(run())
    except EngineError as error:
        raise EngineError(str(error), mend=log.kept) from error
    except KeyboardInterrupt:
        say(f"Interrupted. {log.kept}")
        raise
