"""From the answers on disk to numbers, report and files: what a comparison ends with, however often it was started."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from evaluation.prompts.answer_log import AnswerLog, RawAnswer
from evaluation.prompts.comparison import Comparison
from evaluation.prompts.frames import pair_frame, people_frame, run_frame
from evaluation.prompts.measure import measure
from evaluation.prompts.options import Options, PromptResult
from evaluation.prompts.outcomes import ranker_outcomes, read_outcomes
from evaluation.prompts.plan import Plan, Survey, cost
from evaluation.prompts.report import make_report
from evaluation.prompts.starts import read_starts
from evaluation.prompts.tables import HONESTY, tokens
from evaluation.report.folder import write_report
from evaluation.report.people import write_people
from evaluation.report.provenance import Provenance
from evaluation.report.report import Setting
from evaluation.resumed import writing


def conclude(
    options: Options, plan: Plan, found: Survey, *, language_model: str, started: datetime
) -> tuple[PromptResult, str]:
    """Write all of it; also says what it cost. Raises InputError where it can't be written."""
    comparison = _compared(options, plan, found)
    hashes = dict.fromkeys(run.people.artifacts.manifest.catalog_hash for run in plan.runs)
    provenance = Provenance.collect(started=started, data_hash=", ".join(hashes), seed=options.seed)
    report = make_report(comparison, _settings(options, plan, language_model), provenance)
    runs, pairs, people = run_frame(comparison), pair_frame(comparison), people_frame(comparison)
    with writing(options.report, "Free some space there and run the same command again: every answer is kept."):
        write_people(people.filter(pl.col("metric").is_in(_compared_metrics(options.k))), options.report)
        runs.write_csv(options.report / "runs.csv")
        pairs.write_csv(options.report / "pairs.csv")
    write_report(report, options.report)
    return PromptResult(runs, people, pairs, report, options.report), _true_cost(comparison)


def _compared_metrics(k: int) -> list[str]:
    """What `tastemaker evaluate compare` tests: few, as each further test makes all of them harder to pass."""
    return [f"HR@{k}", f"NDCG@{k}", *HONESTY]


def _compared(options: Options, plan: Plan, found: Survey) -> Comparison:
    """Everything measured, from the answers on disk."""
    log = AnswerLog(options.report)
    outcomes = read_outcomes(plan, found.index, log, options.k)
    rankers = ranker_outcomes(plan, options.k)
    return Comparison(
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
        starts=read_starts(options.report),
    )


def _examples(plan: Plan, found: Survey, answers: AnswerLog) -> list[tuple[str, RawAnswer]]:
    """The answer of each run about the first person who has one."""
    first: dict[int, tuple[int, RawAnswer]] = {}
    for answer in answers:
        if place := found.index.get(answer.key):
            run, person = place
            if run not in first or person < first[run][0]:
                first[run] = person, answer
    return [(plan.runs[run].name, answer) for run, (_, answer) in sorted(first.items())]


def _settings(options: Options, plan: Plan, language_model: str) -> Mapping[str, Setting]:
    people = {id(run.people): run.people for run in plan.runs}.values()
    return {
        "prompts": ", ".join(dict.fromkeys(run.template.name for run in plan.runs)),
        "variants": options.variants,
        "language model": language_model,
        "catalogues": ", ".join(one.catalog for one in people),
        "people": ", ".join(f"{len(one.asked):,} of {one.learners:,}" for one in people),
        "held out": f"the last {options.targets} of each person"
        + ("" if options.split == "test" else f", after {options.targets} more were left out (validation)"),
        "candidates by": ", ".join(dict.fromkeys(one.ranker_name for one in people)),
        "at once": options.concurrency,
        "k": options.k,
        **{f"base: {name}": value for name, value in options.base.model_dump().items()},
        "prices of a million tokens": ", ".join(f"{price:g}" for price in options.prices) if options.prices else None,
    }


def _true_cost(found: Comparison) -> str:
    read, written = (sum(tokens(one)[side] for one in found.runs) for side in (0, 1))
    line = f"All answers together: {read:,} tokens read, {written:,} written"
    return line + (f", {cost(found.prices, read, written):,.2f} to pay." if found.prices else ".")
