"""Who gets what: bias in what is recommended, before and after the corrections, for all people and by group.

Each person's last choice is held out; the ranker learns the rest. Options: `ranker` (`blend`, which serves, `history`,
its part that is learned in seconds, or the folder of a blend; by default by the catalogue's size), `method` and
`strength` of the correction for popularity, `columns` of the users' table (comma-separated), and `share`, what the
re-ranker for parity leaves of each gap at most (1 leaves it out).
"""

import math
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from core.values import Value
from debias.groups import Groups
from evaluation.bias.corrections import bounds, by_parity, by_popularity
from evaluation.bias.measures import K, Measured, gaps, mean, measure, threshold_of
from evaluation.bias.world import World, load_world
from evaluation.experiments.registry import ExperimentSettings
from evaluation.metrics.group_gaps import Gap, group_means
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.report.words import change, listed, number, percent
from evaluation.statistics import LEVEL, CorrectedTest, holm, paired_tests

BEFORE = "before"
GAP_NAMES = {
    "NDCG": f"accuracy (NDCG@{K})",
    "threshold": "P(score > τ)",
    "exposure": "exposure",
}


class Options(Value):
    """What `--set` may say."""

    method: Literal["backdoor", "counterfactual"] = "counterfactual"
    strength: float = Field(0.4, ge=0, le=1)
    columns: str = ""
    ranker: str = ""
    share: float = Field(0.45, gt=0, le=1)


def run(settings: ExperimentSettings) -> Report:
    """Measure without corrections, with the one for popularity, and with parity on top."""
    options = settings.options_as(Options)
    columns = [column.strip() for column in options.columns.split(",") if column.strip()]
    world = load_world(settings, columns, options.ranker)
    threshold = threshold_of(world)
    corrected = by_popularity(world, options.method, options.strength)
    lists = {
        BEFORE: measure(world, world.scores, threshold),
        "popularity": measure(world, corrected, threshold),
    }
    if options.share < 1 and world.groups:
        fair = by_parity(world, corrected, bounds(world, lists[BEFORE], options.share), threshold)
        lists["popularity and parity"] = measure(world, fair, threshold)
    found = {name: gaps(world.groups, one, settings.seed) for name, one in lists.items()}
    tests = _accuracy_tests(lists, settings.seed)
    return Report(
        title=f"Bias audit of {world.name}",
        question="Does the recommender favour what is popular, and does it treat groups of people alike?",
        answer=_answer(world, lists, found, tests),
        tables=(
            _overall(lists, tests, settings.seed),
            _gap_table(world, found),
            *(_group_table(group, lists, settings.seed) for group in world.groups),
        ),
        plots=(_lift_plot(lists, settings.seed), *(_group_plot(group, lists, settings.seed) for group in world.groups)),
        settings={
            **options.model_dump(),
            "ranker": world.ranker_name,
            "people": len(world.histories),
            "items": world.n_items,
            "k": K,
        },
        provenance=settings.provenance(world.data_hash),
    )


def _accuracy_tests(lists: Mapping[str, Measured], seed: int) -> dict[str, CorrectedTest]:
    """What each correction does to accuracy."""
    return paired_tests({name: (one.ndcg, lists[BEFORE].ndcg) for name, one in lists.items() if name != BEFORE}, seed)


def _overall(lists: Mapping[str, Measured], tests: Mapping[str, CorrectedTest], seed: int) -> Table:
    measured = ("to before", "p (Holm)", "popularity lift", "long tail", "coverage", "Gini", "miscalibration")
    return Table(
        "For everybody",
        ("corrections", f"NDCG@{K}", *measured),
        [
            (
                name,
                mean(one.ndcg, seed),
                tests[name].interval if name in tests else None,
                tests[name].corrected if name in tests else None,
                mean(one.lift, seed),
                one.tail_share,
                one.coverage,
                one.gini,
                mean(one.miscalibration, seed),
            )
            for name, one in lists.items()
        ],
        note="Popularity lift: how much more popular the list is than the person's own history (0: as popular). Long "
        "tail: share of recommendations among the items with the last fifth of all choices. Coverage: share of the "
        "catalogue that is recommended to anybody. Gini: 0 when all items are recommended alike, 1 when always the "
        "same. Miscalibration: how far the list's categories are from the history's (0: the same). Brackets hold 95 % "
        f"bootstrap intervals over people; to before: the paired difference in NDCG@{K}.",
    )


def _gap_table(world: World, found: Mapping[str, Mapping[str, list[Gap]]]) -> Table:
    corrected = {name: _corrected(measured) for name, measured in found.items()}
    rows = []
    for kind, words in GAP_NAMES.items():
        for place, group in enumerate(world.groups):
            for name, measured in found.items():
                one, p = measured[kind][place], corrected[name][kind][place]
                rows.append((f"{group.column}: {words}", name, one.interval, one.by_chance, one.p, p))
    return Table(
        "Gaps between groups",
        ("gap", "corrections", "largest difference", "by chance", "p", "p (Holm)"),
        rows,
        note="The largest difference between two groups, which resampling makes larger: brackets may lie above it. By "
        "chance: the mean for groups of the same sizes drawn at random; a gap of that size says nothing. Holm's "
        "correction is over all gaps of the same lists. P(score > τ): the share of what is recommended that stands out "
        "by more than τ, the median before any correction. Exposure: the largest difference in the share of attention "
        "that a category or tier of popularity gets.",
    )


def _group_table(group: Groups, lists: Mapping[str, Measured], seed: int) -> Table:
    rows = []
    for name, one in lists.items():
        accuracy, lift, share = (group_means(values, group, seed) for values in (one.ndcg, one.lift, one.above))
        rows += [
            (f"{a.group}", name, a.people, a.mean, s.mean, b.mean)
            for a, b, s in zip(accuracy, lift, share, strict=True)
        ]
    rows.sort(key=lambda row: _place(str(row[0])))
    return Table(
        f"By {group.column}",
        ("group", "corrections", "people", f"NDCG@{K}", "P(score > τ)", "popularity lift"),
        rows,
    )


def _lift_plot(lists: Mapping[str, Measured], seed: int) -> Plot:
    lifts = {name: mean(one.lift, seed) for name, one in lists.items()}
    return bar_plot(
        "How much more popular the lists are than people's own choices",
        list(lifts),
        {"popularity lift": list(lifts.values())},
        value_label="popularity lift (0: as popular as what the person chose)",
        alt=", ".join(f"{name}: {one.value:.3f}" for name, one in lifts.items()),
    )


def _group_plot(group: Groups, lists: Mapping[str, Measured], seed: int) -> Plot:
    bars = {
        name: sorted(group_means(one.above, group, seed), key=lambda one: _place(one.group))
        for name, one in lists.items()
    }
    labels = [one.group for one in bars[BEFORE]]
    return bar_plot(
        f"P(score > τ) by {group.column}",
        labels,
        {name: [one.mean for one in means] for name, means in bars.items()},
        value_label="share of what is recommended that stands out by more than τ",
        alt="; ".join(
            f"{name}: " + ", ".join(f"{one.group} {one.mean.value:.3f}" for one in means)
            for name, means in bars.items()
        ),
    )


def _place(group: str) -> tuple[float, str]:
    """Where a group stands among others: "under 25" before "25 to under 31", and names after numbers."""
    digits = re.search(r"\d+", group)
    return (float(digits[0]) - group.startswith("under") if digits else math.inf, group)


def _answer(
    world: World,
    lists: Mapping[str, Measured],
    found: Mapping[str, Mapping[str, list[Gap]]],
    tests: Mapping[str, CorrectedTest],
) -> str:
    """The outcome in words that a product manager reads."""
    before, after = lists[BEFORE], list(lists.values())[-1]
    last, corrected = list(found)[-1], _corrected(found[BEFORE])
    sure, doubtful = [], []
    for kind, words in GAP_NAMES.items():
        for place, group in enumerate(world.groups):
            was, now = found[BEFORE][kind][place], found[last][kind][place]
            if corrected[kind][place] < LEVEL:
                sure.append(f"{group.column} in {words} ({number(was.interval.value)} to {number(now.interval.value)})")
            else:
                doubtful.append(f"{group.column} in {words}")
    said = [
        f"Without corrections, lists are {_than_own(before)} what people chose themselves; with them, "
        f"{_than_own(after)} that. NDCG@{K} goes from {number(before.ndcg.mean())} to {number(after.ndcg.mean())} "
        f"({change(tests[last])}{'' if tests[last].holds else ', which may be chance'}).",
        *_said_of_gaps(world, sure, doubtful),
        "This was measured on what people chose themselves; what they would have liked had they been shown it isn't "
        "known, and lists that are alike are no proof of being fair.",
    ]
    return " ".join(filter(None, said))


def _said_of_gaps(world: World, sure: list[str], doubtful: list[str]) -> list[str]:
    if not world.groups:
        return ["Nothing is known of people by which they could be grouped."]
    if not sure:
        columns = listed(group.column for group in world.groups)
        return [f"No gap by {columns} is surely more than chance, in {listed(GAP_NAMES.values())}."]
    said = [f"Gaps between groups that chance doesn't explain, before and after: {listed(sure)}."]
    return [*said, f"Gaps that may be chance: {listed(doubtful)}."] if doubtful else said


def _corrected(measured: Mapping[str, list[Gap]]) -> dict[str, list[float]]:
    """The p-value of each gap of one kind of lists, after Holm's correction over all of them."""
    p = iter(holm([one.p for ones in measured.values() for one in ones]).tolist())
    return {kind: [next(p) for _ in ones] for kind, ones in measured.items()}


def _than_own(one: Measured) -> str:
    lift = float(one.lift.mean())
    return f"{percent(abs(lift), 1)} {'more' if lift > 0 else 'less'} popular than"
