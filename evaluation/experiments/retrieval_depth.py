"""How many retrieved entries does a ranking need, and what does each part of an entry's score do for it?

The third experiment of LLM4Rec (arXiv 2510.01622, in-dataset retrieval), without a language model between retrieval and
result: an entry is a person of the data set who shares choices with the one who asks, and items are ranked by the
entries alone, or by the entries and the history model. Nothing else of the catalogue speaks, so what changes with the
number of entries is their effect. Everything is learned from what came before each person's held-out choice.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field
from tqdm import tqdm

from catalog.splits import interaction_rows
from core.columns import TIME, USER_ID
from core.errors import InputError
from evaluation.experiments.registry import ExperimentSettings
from evaluation.ranking.metrics import Interval, bootstrap, hit_rate, ndcg, paired_test, ranks
from evaluation.report.plot import Line, Plot, line_plot
from evaluation.report.report import Report
from evaluation.report.table import Table
from index.history import HistoryModel
from index.people import PeopleIndex
from server.artifacts import Artifacts, load_artifacts

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

MOST = 20
DEPTHS = tuple(range(1, MOST + 1))
K = 10
MIN_HISTORY = 2
REPEATS = 3  # samples of people, where no seeds are given
# What the entries weigh beside the history model, both in relation to their best score.
ENTRIES_WEIGHT = 0.5

ALONE, BOTH = "entries alone", "history model and entries"
WHOLE = "relevance × decay × credibility"
# Places of the held-out items [p], for each ranking.
Places = npt.NDArray[np.int64]


class Options(BaseModel):
    """`--set held_out=test` foretells the last choice of each person; by default it is the one before."""

    model_config = ConfigDict(extra="forbid")

    held_out: Literal["validation", "test"] = "validation"
    sample: float = Field(0.7, gt=0, le=1)  # the share of people that each seed draws


@dataclass(frozen=True)
class Split:
    """What is known of each person, and what they chose next."""

    histories: list[IntArray]
    targets: IntArray
    last_times: npt.NDArray[np.float64]  # of the histories


@dataclass(frozen=True)
class Results:
    """The place [p] of each person's held-out item by ranking and depth, and the milliseconds [p] by depth."""

    places: Mapping[tuple[str, int], Places]
    milliseconds: Mapping[int, npt.NDArray[np.float64]]  # of retrieval and ranking by the entries


def run(settings: ExperimentSettings) -> Report:
    """Rank with 1 to 20 entries for samples of people, and with parts of the score left out."""
    options = settings.options_as(Options)
    given = settings.settings
    artifacts = load_artifacts(
        given.artifacts, settings.catalog, text_encoder=given.text_encoder, vector_store=given.vector_store
    )
    split = held_out(artifacts, last=1 if options.held_out == "test" else 2)
    seeds = settings.seeds if len(settings.seeds) > 1 else tuple(settings.seed + each for each in range(REPEATS))
    samples = _samples(len(split.histories), settings.users, options.sample, seeds)
    people = np.unique(np.concatenate(samples))
    model = HistoryModel.fit(split.histories, len(artifacts.items))
    results = measure(split, people, model, len(artifacts.items))
    parts = ablation(split, people, len(artifacts.items))
    places = [np.searchsorted(people, sample) for sample in samples]
    return Report(
        title="How many retrieved entries a ranking needs",
        question="Does a ranking get better with more retrieved entries, and what does it cost?",
        answer=_answer(results, parts, options.held_out, settings.seed),
        tables=(_depth_table(results, places, seeds, settings.seed), _parts_table(parts, settings.seed)),
        plots=_plots(results, settings.seed),
        settings={
            "held out": options.held_out,
            "people": len(people),
            "people in each sample": len(samples[0]),
            "seeds": ", ".join(map(str, seeds)),
            "weight of the entries beside the history model": ENTRIES_WEIGHT,
        },
        provenance=settings.provenance(artifacts.manifest.catalog_hash),
    )


def held_out(artifacts: Artifacts, last: int) -> Split:
    """Each person's choice that is `last` from the end, and what came before it.

    Raises InputError where fewer than two people have chosen enough.
    """
    interactions = artifacts.interactions
    people, numbers = np.unique(interactions[USER_ID].to_numpy(), return_inverse=True)
    rows, times = interaction_rows(interactions, artifacts.items), interactions[TIME].to_numpy()
    order = np.argsort(numbers, kind="stable")  # by person, in time order
    bounds = np.searchsorted(numbers[order], np.arange(len(people) + 1))
    histories, targets, last_times = [], [], []
    for start, end in pairwise(bounds):
        cut = end - last
        if cut - start >= MIN_HISTORY:
            histories.append(rows[order[start:cut]])
            targets.append(rows[order[cut]])
            last_times.append(times[order[cut - 1]])
    if len(histories) < 2:
        cause = f"{artifacts.manifest.catalog} has fewer than two people with {MIN_HISTORY + last} choices."
        raise InputError(cause, mend="Choose a catalogue with interactions.")
    return Split(histories, np.array(targets), np.array(last_times))


def measure(split: Split, people: IntArray, model: HistoryModel, n_items: int) -> Results:
    """Every ranking at every depth for these people."""
    index = PeopleIndex(split.histories, split.last_times, n_items)
    depths = (0, *DEPTHS)
    places: dict[tuple[str, int], list[int]] = {(name, m): [] for name in (ALONE, BOTH) for m in depths}
    milliseconds: dict[int, list[float]] = {m: [] for m in depths}
    for person in tqdm(people, desc="Ranking", unit="person"):
        history = split.histories[person]
        base = _unit(model.scores(history.tolist()))
        for m in depths:
            start = time.perf_counter()
            entries = index.scores(index.retrieve(history.tolist(), m, leave_out=int(person))) if m else 0 * base
            milliseconds[m].append(1000 * (time.perf_counter() - start))
            for name, scores in ((ALONE, entries), (BOTH, base + ENTRIES_WEIGHT * _unit(entries))):
                places[name, m].append(_rank(scores, split, person))
    return Results(
        {key: np.array(each) for key, each in places.items()},
        {m: np.array(each) for m, each in milliseconds.items()},
    )


def ablation(split: Split, people: IntArray, n_items: int) -> dict[str, Places]:
    """The places [p] of held-out items with 20 entries alone, chosen and weighed by some parts of their score."""
    forever = float("inf")
    variants = {
        WHOLE: PeopleIndex(split.histories, split.last_times, n_items),
        "relevance × credibility": PeopleIndex(split.histories, split.last_times, n_items, half_life=forever),
        "relevance × decay": PeopleIndex(split.histories, split.last_times, n_items, half_credible=0),
        "relevance": PeopleIndex(split.histories, split.last_times, n_items, half_life=forever, half_credible=0),
        "relevance, nothing of the history decayed": PeopleIndex(
            split.histories, split.last_times, n_items, half_life=forever, half_credible=0, decay_per_choice=1.0
        ),
        "the whole with a half-life of 30 days": PeopleIndex(
            split.histories, split.last_times, n_items, half_life=30 * 86_400.0
        ),
    }
    return {
        name: np.array(
            [
                _rank(index.scores(index.retrieve(split.histories[p].tolist(), MOST, leave_out=int(p))), split, p)
                for p in people
            ]
        )
        for name, index in variants.items()
    }


def _depth_table(results: Results, samples: Sequence[IntArray], seeds: Sequence[int], seed: int) -> Table:
    """One row for each depth; `samples` are places among the people, one for each of `seeds`."""
    columns = ["entries", f"{ALONE}: recall@{K}", f"NDCG@{K}", *(f"NDCG@{K}, seed {each}" for each in seeds)]
    columns += [f"{BOTH}: recall@{K}", f"{BOTH}: NDCG@{K}", "ms, median", "ms, p99"]
    rows = []
    for m in (0, *DEPTHS):
        alone, both = results.places[ALONE, m], results.places[BOTH, m]
        by_seed = [float(ndcg(alone[sample], K).mean()) for sample in samples]
        quick, slow = np.percentile(results.milliseconds[m], (50, 99))
        cells = [bootstrap(hit_rate(alone, K), seed), bootstrap(ndcg(alone, K), seed), *by_seed]
        rows.append([m, *cells, bootstrap(hit_rate(both, K), seed), bootstrap(ndcg(both, K), seed), quick, slow])
    note = f"95 % intervals by bootstrap over all sampled people. Recall@{K} of one held-out item is its hit rate."
    return Table("By number of entries", columns, rows, note=note)


def _parts_table(parts: Mapping[str, Places], seed: int) -> Table:
    whole = ndcg(parts[WHOLE], K)
    rows = []
    for name, places in parts.items():
        test = None if name == WHOLE else paired_test(ndcg(places, K), whole, seed)
        difference = None if test is None else Interval(test.difference, test.low, test.high)
        row = [name, bootstrap(hit_rate(places, K), seed), bootstrap(ndcg(places, K), seed), difference]
        rows.append([*row, None if test is None else test.p])
    columns = ("score of an entry", f"recall@{K}", f"NDCG@{K}", f"NDCG@{K} to the whole score", "p")
    return Table(f"Parts of the score, {MOST} entries alone", columns, rows, note="Paired over people.")


def _plots(results: Results, seed: int) -> tuple[Plot, ...]:
    lines = [
        Line(name, DEPTHS, [bootstrap(ndcg(results.places[name, m], K), seed) for m in DEPTHS])
        for name in (ALONE, BOTH)
    ]
    model = bootstrap(ndcg(results.places[BOTH, 0], K), seed)
    lines.append(Line("history model alone", DEPTHS, [model.value] * MOST))
    latency = Line("median", DEPTHS, [float(np.median(results.milliseconds[m])) for m in DEPTHS])
    slowest = Line("99th percentile", DEPTHS, [float(np.percentile(results.milliseconds[m], 99)) for m in DEPTHS])
    entries = "retrieved entries"
    return (
        line_plot(
            f"NDCG@{K} by number of entries", lines, x_label=entries, y_label=f"NDCG@{K}",
            alt=f"NDCG@{K} against 1 to {MOST} entries: alone, with the history model, and the history model alone.",
        ),
        line_plot(
            "Time by number of entries", (latency, slowest), x_label=entries, y_label="milliseconds for one person",
            alt=f"Median and 99th percentile of the milliseconds of retrieval and ranking against 1 to {MOST} entries.",
        ),
    )  # fmt: skip


def _answer(results: Results, parts: Mapping[str, Places], held: str, seed: int) -> str:
    gains = {key: ndcg(places, K) for key, places in results.places.items()}
    best = max(DEPTHS, key=lambda m: gains[ALONE, m].mean())
    more = paired_test(gains[ALONE, MOST], gains[ALONE, 1], seed)
    beside = paired_test(gains[BOTH, MOST], gains[BOTH, 0], seed)
    losses = {name: paired_test(ndcg(places, K), gains[ALONE, MOST], seed) for name, places in parts.items()}
    worse = [f"{name} ({loss.difference:+.3f})" for name, loss in losses.items() if loss.high < 0]
    better = [f"{name} ({loss.difference:+.3f})" for name, loss in losses.items() if loss.low > 0]
    first, last = gains[ALONE, 1].mean(), gains[ALONE, MOST].mean()
    verdict = "No difference can be told" if beside.low <= 0 <= beside.high else "They make a difference"
    held_out_choice = "last" if held == "test" else "last but one"
    return (
        f"Ranked by entries alone, NDCG@{K} goes from {first:.3f} with one to {last:.3f} with {MOST} (difference "
        f"{more.difference:.3f}, 95 % interval {more.low:.3f} to {more.high:.3f}); {best} entries are best. "
        f"{verdict} beside the history model: {MOST} entries change its {gains[BOTH, 0].mean():.3f} by "
        f"{beside.difference:+.3f} [{beside.low:+.3f}, {beside.high:+.3f}]. Other scores of an entry that are surely "
        f"worse: {', '.join(worse) or 'none'}; surely better: {', '.join(better) or 'none'}. What is to be found is "
        f"each person's {held_out_choice} choice. The rest of their past is known, and so are other people's later "
        "choices, as in every leave-one-out split. A language model may use entries otherwise than this ranking does."
    )


def _unit(scores: FloatArray) -> FloatArray:
    positive: FloatArray = np.maximum(scores, 0)
    unit: FloatArray = positive / max(positive.max(), np.float32(1e-12))
    return unit


def _rank(scores: FloatArray, split: Split, person: int) -> int:
    return int(ranks(scores[np.newaxis], [split.targets[person]], [split.histories[person]])[0])


def _samples(people: int, users: int | None, share: float, seeds: Sequence[int]) -> list[IntArray]:
    """For each seed its people, sorted."""
    size = min(people, users or max(1, round(share * people)))
    return [np.sort(np.random.default_rng(seed).choice(people, size=size, replace=False)) for seed in seeds]
