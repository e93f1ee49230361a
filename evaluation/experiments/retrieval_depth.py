"""How many retrieved entries does a ranking need, and what does each part of an entry's score do for it?

The third experiment of LLM4Rec (arXiv 2510.01622, in-dataset retrieval), without a language model between retrieval and
result: an entry is a person of the data set who shares choices with the one who asks, and items are ranked by the
entries alone, or by the entries and the history model. Nothing else of the catalogue speaks, so what changes with the
number of entries is their effect. Everything is learned from what came before each person's held-out choice.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field
from tqdm import tqdm

from catalog.splits import Part, people_held_out
from core.errors import InputError
from core.values import Value
from evaluation.experiments.registry import ExperimentSettings
from evaluation.ranking.metrics import hit_rate, ndcg, ranks
from evaluation.report.plot import Line, Plot, line_plot
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.report.words import change, listed, number
from evaluation.statistics import CorrectedTest, bootstrap, paired_test, paired_tests
from index.history import HistoryModel
from index.people import PeopleIndex
from server.artifacts import Artifacts, configured_artifacts

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


class Options(Value):
    """`--set held_out=test` foretells the last choice of each person; by default it is the one before."""

    held_out: Part = "validation"
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
    artifacts = configured_artifacts(settings.of_catalog)
    split = split_of(artifacts, options.held_out)
    seeds = settings.repeated(REPEATS)
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
        tables=(_depth_table(results, places, settings.seed), _parts_table(parts, settings.seed)),
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


def split_of(artifacts: Artifacts, part: Part) -> Split:
    """Each person's held-out choice, and what came before it; people by their ids.

    Raises InputError where fewer than two people have chosen enough.
    """
    people = people_held_out(artifacts.interactions, artifacts.items, part, least=MIN_HISTORY)
    people.sort(key=lambda one: one.user_id)
    if len(people) < 2:
        cause = f"{artifacts.manifest.catalog} has fewer than two people with {MIN_HISTORY + 1} choices or more."
        raise InputError(cause, mend="Choose a catalogue with interactions.")
    return Split(
        [one.history for one in people],
        np.concatenate([one.targets for one in people]),
        np.array([one.times[-1] for one in people]),
    )


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
            start = time.process_time()  # of this process: a busy machine doesn't count
            entries = index.scores(index.retrieve(history.tolist(), m, leave_out=int(person))) if m else 0 * base
            milliseconds[m].append(1000 * (time.process_time() - start))
            for name, scores in ((ALONE, entries), (BOTH, base + ENTRIES_WEIGHT * _unit(entries))):
                places[name, m].append(_rank(scores, split, person))
    return Results(
        {key: np.array(each) for key, each in places.items()},
        {m: np.array(each) for m, each in milliseconds.items()},
    )


def ablation(split: Split, people: IntArray, n_items: int) -> dict[str, Places]:
    """The places [p] of held-out items with 20 entries alone, chosen and weighed by some parts of their score."""
    forever, month = float("inf"), 30 * 86_400.0
    variants: dict[str, dict[str, float]] = {
        WHOLE: {},
        "relevance × credibility": {"half_life": forever},
        "relevance × decay": {"half_credible": 0},
        "relevance": {"half_life": forever, "half_credible": 0},
        "relevance, nothing of the history decayed": {
            "half_life": forever, "half_credible": 0, "decay_per_choice": 1.0
        },
        "the whole with a half-life of 30 days": {"half_life": month},
    }  # fmt: skip
    found = {}
    for name, changes in variants.items():
        index = PeopleIndex(split.histories, split.last_times, n_items, **changes)
        entries = (index.retrieve(split.histories[p].tolist(), MOST, leave_out=int(p)) for p in people)
        found[name] = np.array([_rank(index.scores(one), split, p) for one, p in zip(entries, people, strict=True)])
    return found


def _depth_table(results: Results, samples: Sequence[IntArray], seed: int) -> Table:
    """One row for each depth; `samples` are places among the people."""
    columns = ["entries", f"{ALONE}: recall@{K}", f"NDCG@{K}", "by sample", f"{BOTH}: recall@{K}", f"NDCG@{K}",
               "ms, median", "ms, p99"]  # fmt: skip
    rows = []
    for m in (0, *DEPTHS):
        alone, both = results.places[ALONE, m], results.places[BOTH, m]
        means = [float(ndcg(alone[sample], K).mean()) for sample in samples]
        quick, slow = np.percentile(results.milliseconds[m], (50, 99))
        by_sample = f"{number(min(means))}–{number(max(means))}"
        cells = [bootstrap(metric(places, K), seed) for places in (alone, both) for metric in (hit_rate, ndcg)]
        rows.append([m, *cells[:2], by_sample, *cells[2:], quick, slow])
    note = (
        f"95 % intervals by bootstrap over all sampled people; by sample: the lowest and highest NDCG@{K} of "
        f"{len(samples)} samples. Recall@{K} of one held-out item is its hit rate. Milliseconds are the CPU's for one "
        "person."
    )
    return Table("By number of entries", columns, rows, note=note)


def _part_tests(parts: Mapping[str, Places], seed: int) -> dict[str, CorrectedTest]:
    """Each way to score against the whole score."""
    whole = ndcg(parts[WHOLE], K)
    return paired_tests({name: (ndcg(places, K), whole) for name, places in parts.items() if name != WHOLE}, seed)


def _parts_table(parts: Mapping[str, Places], seed: int) -> Table:
    tests = _part_tests(parts, seed)
    rows = []
    for name, places in parts.items():
        test = tests.get(name)
        means = [bootstrap(metric(places, K), seed) for metric in (hit_rate, ndcg)]
        rows.append([name, *means, test and test.interval, test and test.corrected])
    columns = ("score of an entry", f"recall@{K}", f"NDCG@{K}", f"NDCG@{K} to the whole score", "p (Holm)")
    note = "Paired over people; p of sign flips, corrected for all rows."
    return Table(f"Parts of the score, {MOST} entries alone", columns, rows, note=note)


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
            "Time by number of entries", (latency, slowest), x_label=entries, y_label="CPU milliseconds for one person",
            alt=f"Median and 99th percentile of the milliseconds of retrieval and ranking against 1 to {MOST} entries.",
        ),
    )  # fmt: skip


def _answer(results: Results, parts: Mapping[str, Places], held: str, seed: int) -> str:
    gains = {key: ndcg(places, K) for key, places in results.places.items()}
    best = max(DEPTHS, key=lambda m: gains[ALONE, m].mean())
    more = paired_test(gains[ALONE, MOST], gains[ALONE, 1], seed)
    beside = paired_test(gains[BOTH, MOST], gains[BOTH, 0], seed)
    tests = _part_tests(parts, seed)
    worse = [f"“{name}”" for name, test in tests.items() if test.holds and test.difference < 0]
    better = [f"“{name}”" for name, test in tests.items() if test.holds and test.difference > 0]
    first, last = (number(gains[ALONE, m].mean()) for m in (1, MOST))
    level = number(gains[BOTH, 0].mean())
    if beside.low <= 0 <= beside.high:
        verdict = f"Beside the history model they bring nothing that can be told: with {MOST}, its {level} changes by"
    else:
        verdict = f"Beside the history model {MOST} of them change its {level} by"
    return (
        f"By retrieved entries alone, NDCG@{K} goes from {first} with one entry to {last} with {MOST} "
        f"({change(more)}); on these same people {best} do best. {verdict} {change(beside)}. Ways to score an entry "
        f"that are surely worse than the whole score: {listed(worse)}; surely better: {listed(better)}. One "
        f"catalogue, each person's {'last choice' if held == 'test' else 'last choice but one'}, and no language "
        "model, which may use entries otherwise. Other people's later choices are known, as in every leave-one-out "
        "split."
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
