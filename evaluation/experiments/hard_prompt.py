"""Does a language model that was never tuned rank better than the order in which it is given the candidates?

The fourth experiment of LLM4Rec (arXiv 2510.01622), the hard-prompt baseline: the frozen model with prompts in words
and as JSON, answering in JSON, and the same model's letters in one pass. All rank the same candidates, the shortlist's
best, as everybody's last choice but one was never learned from. Each prompt is asked twice: with the candidates in the
shortlist's order, which a model may just repeat, and shuffled, where it has nothing but what it knows. Whose choice is
not among the candidates counts as missed by all, so nothing is asked about them. Goes on where it was interrupted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from core.columns import USER_ID
from core.errors import InputError
from core.values import Value
from evaluation.experiments.hard_prompt_report import SHORTLIST, SHOWN, SHUFFLED, Found, label, report
from evaluation.experiments.registry import ExperimentSettings
from evaluation.kept import Kept
from evaluation.prompts.choosing import ChoiceTemplate, is_choice
from evaluation.prompts.outcomes import ranks_of_lists
from evaluation.prompts.people import People, load_people
from evaluation.prompts.run import Options as PromptOptions
from evaluation.prompts.run import PromptResult, compare_prompts
from evaluation.prompts.variants import PromptSettings
from evaluation.ranking.metrics import NEVER, hit_rate, mrr, ndcg
from evaluation.report.people import people_frame, write_people
from evaluation.report.report import Report
from prompts.answers import read_answer
from prompts.ranking import labels_of
from prompts.template import find_template
from server.artifacts import configured_artifacts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

(FIRST,) = labels_of(1)
ORDERS = {SHOWN: "order=ranker", SHUFFLED: "order=shuffled"}  # as variants of a comparison
_MEASURED = ("invalid JSON", "repeated", "prompt tokens", "answer tokens", "seconds")


class Options(Value):
    """`--set held_out=test` ranks the last choice of each person, to be read once; by default the one before."""

    held_out: Literal["validation", "test"] = "validation"
    prompts: str = "hard,json,choose"
    llm: str = ""  # an OpenAI-compatible address; empty: the model that `serve` would start
    ranker: str = "blend"  # that offers candidates: what serves, `history`, or a folder
    candidates: int = Field(20, ge=2, le=52)
    k: int = Field(10, ge=1)
    history: int = Field(10, ge=0)  # latest choices that a prompt shows
    concurrency: int = Field(16, ge=1)

    def names(self) -> list[str]:
        """The prompts, each with its version. Raises InputError for one that isn't there."""
        names = [name for part in self.prompts.split(",") if (name := part.strip())]
        if not names:
            raise InputError("No prompt is named.", mend="Such as --set prompts=hard,json,choose.")
        return [ChoiceTemplate().name if is_choice(name) else find_template(name).name for name in names]


@dataclass(frozen=True)
class Offered:
    """What the shortlist offers p people: the rank of what each chose, NEVER where it is not among the candidates."""

    user_ids: tuple[str, ...]
    ranks: IntArray
    asked: pl.DataFrame  # of those whose choice is among the candidates: `user_id`, `history`, `targets`


def run(settings: ExperimentSettings) -> Report:
    """Ask what is not kept from an earlier run, and report."""
    options = settings.options_as(Options)
    names = options.names()
    given = settings.of_catalog
    artifacts = configured_artifacts(given)
    answers = settings.report / "answers"
    identity = {
        "data": artifacts.manifest.catalog_hash,
        "people": settings.users,
        "seed": settings.seed,
        "model": given.model,
        **options.model_dump(exclude={"prompts", "concurrency"}),
    }
    Kept(settings.report, "asked", identity)  # refuses a folder whose answers are about others or of another model
    people = load_people(
        artifacts,
        given,
        users=settings.users,
        split=options.held_out,
        targets=1,
        seed=settings.seed,
        ranker=options.ranker,
        work=answers,
    )
    offered = offer(people, options.candidates)
    if offered.asked.is_empty():
        cause = f"Nobody's choice is among the {options.candidates} candidates."
        raise InputError(cause, mend="Ask about more people, or show more candidates.")
    model = given.model_copy(update={"llm_url": options.llm} if options.llm else {})
    result = compare_prompts(_comparison(settings, options, names, offered, answers), model, lambda _: None)
    found = find(offered, result, names, options)
    values = {(label(one), metric): own for one, by_metric in found.values.items() for metric, own in by_metric.items()}
    write_people(people_frame(found.user_ids, values), settings.report)
    return report(
        found,
        held_out=options.held_out,
        settings={
            "language model": result.report.settings.get("language model"),
            "held out": options.held_out,
            "people": len(offered.user_ids),
            "of whom the candidates hold what they chose": offered.asked.height,
            "candidates": options.candidates,
            "candidates by": people.ranker_name,
            "choices shown": options.history,
        },
        provenance=settings.provenance(artifacts.manifest.catalog_hash),
    )


def _comparison(
    settings: ExperimentSettings, options: Options, names: list[str], offered: Offered, answers: Path
) -> PromptOptions:
    """What is asked: every prompt with the candidates in order and shuffled, about those of whom there is an answer."""
    return PromptOptions(
        prompts=names,
        variants=",".join(ORDERS.values()),
        report=answers,
        users=offered.asked,
        catalogs=(settings.catalog,),
        base=PromptSettings(candidates=options.candidates, rank=options.k, correction=0, history=options.history),
        split=options.held_out,
        k=options.k,
        ranker=options.ranker,
        seed=settings.seed,
        concurrency=options.concurrency,
    )


def offer(people: People, candidates: int) -> Offered:
    """Everybody's candidates, and what is asked about whom."""
    asked, items = people.asked, people.artifacts.items.items
    ranks = np.full(len(asked), NEVER, dtype=np.int64)
    for places, some, scores in people.batches():
        rows = people.candidates(scores, [person.history for person in some], candidates, strength=0.0)
        ranks[places] = ranks_of_lists(rows, np.stack([person.targets for person in some]))[:, 0]
    holding = [asked[place] for place in np.flatnonzero(ranks != NEVER)]
    frame = pl.DataFrame(
        {
            USER_ID: [person.user_id for person in holding],
            "history": [[items[row].id for row in person.history] for person in holding],
            "targets": [[items[row].id for row in person.targets] for person in holding],
        },
        schema={USER_ID: pl.String, "history": pl.List(pl.String), "targets": pl.List(pl.String)},
    )
    return Offered(tuple(person.user_id for person in asked), ranks, frame)


def find(offered: Offered, result: PromptResult, names: list[str], options: Options) -> Found:
    """Everybody's values by ranking, 0 for who could not be asked about, and what the answers were like."""
    k = options.k
    metrics = {f"HR@{k}": hit_rate, f"NDCG@{k}": ndcg, f"MRR@{k}": mrr}
    values = {(SHORTLIST, SHOWN): {name: metric(offered.ranks, k) for name, metric in metrics.items()}}
    like: dict[tuple[str, str], Mapping[str, float]] = {}
    for prompt in names:
        for order, variant in ORDERS.items():
            own = result.people.filter(pl.col("run") == f"{prompt} · {variant}")
            values[prompt, order] = {name: _of_everybody(offered, own, name) for name in metrics}
            like[prompt, order] = _answers(result, prompt, variant, own)
    holding = offered.ranks != NEVER
    return Found(
        values=values,
        answers=like,
        user_ids=offered.user_ids,
        holding=holding,
        as_shuffled=ndcg(_as_shuffled(offered, result, names[0]), k),
        candidates=options.candidates,
        k=k,
        seed=result.report.provenance.seed,
    )


def _as_shuffled(offered: Offered, result: PromptResult, prompt: str) -> IntArray:
    """The rank [p] of what each person chose in the shuffled order that was shown; it is the same for all prompts."""
    shown = result.answers.filter((pl.col("template") == prompt) & (pl.col("variant") == ORDERS[SHUFFLED]))
    targets = dict(zip(offered.asked[USER_ID], offered.asked["targets"].list.first(), strict=True))
    ranks = {
        user: list(candidates).index(targets[user]) + 1
        for user, candidates in zip(shown[USER_ID], shown["candidates"], strict=True)
    }
    return np.array([ranks.get(user, NEVER) for user in offered.user_ids], dtype=np.int64)


def _of_everybody(offered: Offered, own: pl.DataFrame, metric: str) -> FloatArray:
    everybody = pl.DataFrame({USER_ID: list(offered.user_ids)})
    joined = everybody.join(own.filter(pl.col("metric") == metric), on=USER_ID, how="left", maintain_order="left")
    return joined["value"].fill_null(0.0).to_numpy()


def _answers(result: PromptResult, prompt: str, variant: str, own: pl.DataFrame) -> Mapping[str, float]:
    """What the answers of one run are like on average: readable, begun with what was shown first, and at what cost."""
    answers = result.answers.filter((pl.col("template") == prompt) & (pl.col("variant") == variant))
    kind = ChoiceTemplate().header.answer if is_choice(prompt) else find_template(prompt).header.answer
    firsts = [labels[0] == FIRST for text in answers["text"] if (labels := read_answer(text, kind).labels)]
    means = {name: float(own.filter(pl.col("metric") == name)["value"].to_numpy().mean()) for name in _MEASURED}
    return {**means, "begins with the first": float(np.mean(firsts)) if firsts else float("nan")}
