"""Who gets what: bias in what is recommended, before and after the corrections, for all people and by group.

Each person's last choice is held out; the ranker learns the rest. Options: `ranker` (`blend`, which serves, `history`,
its part that is learned in seconds, or the folder of a blend; by default by the catalogue's size), `method` and
`strength` of the correction for popularity, `columns` of the users' table (comma-separated), and `share`, what the
re-ranker for parity leaves of each gap at most (1 leaves it out).
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from debias.groups import Groups
from evaluation.bias.corrections import bounds, by_parity, by_popularity
from evaluation.bias.measures import Gap, K, Measured, gaps, mean, measure, threshold_of
from evaluation.bias.world import World, load_world
from evaluation.experiments.registry import ExperimentSettings
from evaluation.metrics.group_gaps import group_means
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.report import Report
from evaluation.report.table import Table

BEFORE = "before"
GAP_NAMES = {
    "NDCG": f"accuracy (NDCG@{K})",
    "threshold": "P(score > τ)",
    "exposure": "exposure",
}


class Options(BaseModel):
    """What `--set` may say."""

    model_config = ConfigDict(extra="forbid")

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
    return Report(
        title=f"Bias audit of {world.name}",
        question="Does the recommender favour what is popular, and does it treat groups of people alike?",
        answer=_answer(world, lists, found),
        tables=(
            _overall(lists, settings.seed),
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


def _overall(lists: Mapping[str, Measured], seed: int) -> Table:
    return Table(
        "For everybody",
        ("corrections", f"NDCG@{K}", "popularity lift", "long tail", "coverage", "Gini", "miscalibration"),
        [
            (
                name,
                mean(one.ndcg, seed),
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
        "bootstrap intervals over people.",
    )


def _gap_table(world: World, found: Mapping[str, Mapping[str, list[Gap]]]) -> Table:
    rows = []
    for kind, words in GAP_NAMES.items():
        for place, group in enumerate(world.groups):
            for name, measured in found.items():
                one = measured[kind][place]
                rows.append((f"{group.column}: {words}", name, one.interval, one.by_chance, one.p))
    return Table(
        "Gaps between groups",
        ("gap", "corrections", "largest difference", "by chance", "p"),
        rows,
        note="The largest difference between two groups. By chance: the mean for groups of the same sizes drawn at "
        "random; a gap of that size says nothing. P(score > τ): the share of what is recommended that stands out "
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
    rows.sort(key=lambda row: str(row[0]))
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
    bars = {name: group_means(one.above, group, seed) for name, one in lists.items()}
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


def _answer(world: World, lists: Mapping[str, Measured], found: Mapping[str, Mapping[str, list[Gap]]]) -> str:
    """The outcome in words that a product manager reads."""
    before, after = lists[BEFORE], list(lists.values())[-1]
    lost = 1 - after.ndcg.mean() / before.ndcg.mean()
    said = [
        f"Without corrections, lists are {_than_own(before)} what people chose themselves; with them, "
        f"{_than_own(after)} that. NDCG@{K} goes from {before.ndcg.mean():.4f} to "
        f"{after.ndcg.mean():.4f} ({'a loss' if lost > 0 else 'a gain'} of {_percent(abs(lost))}).",
    ]
    last = list(found)[-1]
    for kind, words in GAP_NAMES.items():
        for place, group in enumerate(world.groups):
            one, other = found[BEFORE][kind][place], found[last][kind][place]
            doubt = "" if one.p < 0.05 else f", no more than chance makes of it ({one.by_chance:.3f}, p = {one.p:.2f})"
            said.append(
                f"The {group.column} gap in {words} is {one.interval.value:.3f}{doubt}; "
                f"afterwards {other.interval.value:.3f}."
            )
    said.append(
        "The numbers come from what people chose themselves: they don't show what people would have liked had they "
        "been shown it, and parity of lists is no proof of being fair."
    )
    return " ".join(said)


def _than_own(one: Measured) -> str:
    lift = float(one.lift.mean())
    return f"{_percent(abs(lift))} {'more' if lift > 0 else 'less'} popular than"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
