"""Do corrections for selection bias recover a truth that is known, and what do they cost in the long tail?

People rate what they like and what is popular, in a world whose ratings and propensities are set by hand. A fixed
predictor is judged from what was observed, over many draws of who rates what; an estimator is honest if its 95 %
interval holds the true error about 95 % of the time. With `--set coat=FOLDER` the report also compares on Coat.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field
from scipy.stats import binomtest
from tqdm import tqdm

from core.values import Value
from debias.estimators import Estimate, clipped_ips_risk, doubly_robust_risk, ips_risk, naive_risk, snips_risk
from debias.exposure import Rows
from debias.weights import FloatArray
from evaluation.experiments.registry import ExperimentSettings
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.report.words import number, percent
from evaluation.statistics import TEST_COLUMNS, Interval
from evaluation.unbiased import coat

USERS, ITEMS = 150, 80
HIGHEST_WEIGHT = 8.0
SLICES = ("rarest quarter", "second", "third", "most popular quarter")


class Options(Value):
    """The experiment's own options."""

    datasets: int = Field(600, ge=20)
    coat: Path | None = None
    coat_seeds: int = Field(10, ge=2)


@dataclass(frozen=True)
class World:
    """Set by hand, all [users, items]: losses of a predictor, what is imputed for them, and propensities."""

    losses: FloatArray
    imputed: FloatArray
    propensities: FloatArray
    wrong_propensities: FloatArray  # popularity and activity alone: blind to how much people like what they rate

    @property
    def truth(self) -> float:
        """The predictor's true error."""
        return float(self.losses.mean())

    def part(self, items: Rows) -> "World":
        """Only some of the items."""
        arrays = (self.losses, self.imputed, self.propensities, self.wrong_propensities)
        return World(*(array[:, items] for array in arrays))


def make_world(rng: np.random.Generator) -> World:
    """Ratings from 1 to 5, a predictor that knows only the items' means, and selection by liking and popularity."""
    taste = rng.normal(size=(USERS, 3)) @ rng.normal(size=(3, ITEMS)) / np.sqrt(3)
    quality = rng.normal(size=ITEMS)
    expected = 2.6 + 0.9 * taste + 0.5 * quality
    ratings = np.clip(np.round(expected + rng.normal(0, 0.5, taste.shape)), 1, 5)
    predicted = 3.3 + 0.4 * quality  # too high, like anything that has learned from chosen ratings
    losses = (ratings - predicted) ** 2
    imputed = (np.clip(expected, 1, 5) - predicted) ** 2 + 0.3
    popularity, activity = rng.lognormal(0, 0.8, ITEMS), rng.lognormal(0, 0.4, (USERS, 1))
    e = popularity * activity * np.exp(0.7 * (ratings - 3))
    e = np.clip(0.15 * e / e.mean(), 0.02, 0.9)
    margins = e.mean(axis=0) * e.mean(axis=1, keepdims=True) / e.mean()
    return World(losses, imputed, e, np.clip(margins, 0.01, 1.0))


def estimate(world: World, observed: Rows) -> dict[str, Estimate]:
    """The predictor's error from the observed pairs, by estimator; the last three are given something wrong."""
    arrays = (world.losses, world.imputed, world.propensities, world.wrong_propensities)
    losses, imputed, e, wrong = (array.ravel()[observed] for array in arrays)
    pairs, all_imputed, all_losses = world.losses.size, float(world.imputed.sum()), float(world.losses.sum())
    return {
        "naive": naive_risk(losses),
        "IPS": ips_risk(losses, e, pairs),
        "SNIPS": snips_risk(losses, e),
        "DR": doubly_robust_risk(losses, e, imputed, all_imputed, pairs),
        "clipped IPS": clipped_ips_risk(losses, e, pairs, HIGHEST_WEIGHT),
        "SNIPS, wrong propensities": snips_risk(losses, wrong),
        "DR, wrong propensities, exact imputation": doubly_robust_risk(losses, wrong, losses, all_losses, pairs),
    }


def simulate(world: World, datasets: int, rng: np.random.Generator) -> dict[str, list[Estimate]]:
    """Every estimator on many draws of who rates what; a draw in which nothing is observed is drawn again."""
    found: dict[str, list[Estimate]] = defaultdict(list)
    while len(found["naive"]) < datasets:
        observed = np.flatnonzero(rng.random(world.propensities.size) < world.propensities.ravel())
        if len(observed) > 1:
            for name, one in estimate(world, observed).items():
                found[name].append(one)
    return found


def coverage(world: World, estimates: Sequence[Estimate]) -> Interval:
    """How often the 95 % interval holds the truth, with its own interval (Clopper and Pearson)."""
    # What is exact has no interval to speak of, and rounding must not count against it.
    slack = 1e-9 * (1 + abs(world.truth))
    held = [low - slack <= world.truth <= high + slack for low, high in (one.interval() for one in estimates)]
    bounds = binomtest(sum(held), len(held)).proportion_ci()
    return Interval(sum(held) / len(held), float(bounds.low), float(bounds.high))


def run(settings: ExperimentSettings) -> Report:
    """Simulate, and compare on Coat where it is given."""
    options = settings.options_as(Options)
    rng = np.random.default_rng(settings.seed)
    world = make_world(rng)
    found = simulate(world, options.datasets, rng)
    rows = [
        (name, world.truth, bias(world, many), spread(many), coverage(world, many), typical_share(many))
        for name, many in found.items()
    ]
    columns = ("estimator", "true error", "bias", "standard deviation", "covered at 95 %", "effective sample size")
    tail = by_popularity(world, options.datasets // 4, rng)
    tables = [Table(f"{options.datasets} simulated data sets", columns, rows), tail]
    if options.coat:
        tables += coat_tables(options.coat, options.coat_seeds, settings.report / "coat")
    covered = {name: percent(coverage(world, many).value) for name, many in found.items()}
    return Report(
        title="Selection bias",
        question="Do corrections for selection bias recover a truth that is known, and what do they cost?",
        answer=(
            f"With true propensities the 95 % intervals of IPS, SNIPS and DR hold the true error in "
            f"{covered['IPS']}, {covered['SNIPS']} and {covered['DR']} of data sets; the naive mean's in "
            f"{covered['naive']}. Propensities that know only popularity and activity leave most of the bias, "
            "since people here choose by how much they like a thing, and no interval shows that. "
            f"{_in_the_tail(tail)} What is simulated is friendlier than life: the corrections are given the true "
            "propensities, which nobody has."
        ),
        tables=tuple(tables),
        plots=(coverage_plot(world, found),),
        settings={"datasets": options.datasets, "users": USERS, "items": ITEMS, "highest weight": HIGHEST_WEIGHT},
        provenance=settings.provenance("simulated"),
    )


def _in_the_tail(by_popularity: Table) -> str:
    """Whether the variance eats what correcting gains where weights are largest."""
    rarest = dict(zip(by_popularity.columns, by_popularity.rows[0], strict=True))
    naive, snips, robust = (float(str(rarest[name])) for name in ("naive", "SNIPS", "DR"))
    verdict = (
        "the variance of large weights eats the gain" if snips >= naive else "large weights cost less than they gain"
    )
    return (
        f"In the rarest quarter of items, the distance from the truth is {number(naive)} without correction, "
        f"{number(snips)} with SNIPS and {number(robust)} with DR: {verdict}."
    )


def by_popularity(world: World, datasets: int, rng: np.random.Generator) -> Table:
    """Root mean squared error of the estimates of the predictor's error, on quarters of the items by popularity."""
    order = np.argsort(world.propensities.mean(axis=0))
    rows, estimators = [], []
    quarters = list(zip(SLICES, np.array_split(order, len(SLICES)), strict=True))
    for name, items in tqdm(quarters, desc="by popularity"):
        part = world.part(items)
        found = simulate(part, datasets, rng)
        estimators = list(found)
        rows.append((name, float(1 / part.propensities.mean()), *(off(part, many) for many in found.values())))
    note = "Root mean squared distance from the true error of the slice; lower is better."
    return Table("By popularity", ("items", "mean of 1/share rated", *estimators), rows, note)


def bias(world: World, estimates: Sequence[Estimate]) -> float:
    """The mean distance from the truth."""
    return float(np.mean([one.value for one in estimates])) - world.truth


def spread(estimates: Sequence[Estimate]) -> float:
    """The standard deviation over data sets."""
    return float(np.std([one.value for one in estimates], ddof=1))


def off(world: World, estimates: Sequence[Estimate]) -> float:
    """The root mean squared distance from the truth: bias and spread together."""
    return float(np.sqrt(np.mean([(one.value - world.truth) ** 2 for one in estimates])))


def typical_share(estimates: Sequence[Estimate]) -> float:
    """The mean effective sample size."""
    return float(np.mean([one.effective_sample_size for one in estimates]))


def coverage_plot(world: World, found: dict[str, list[Estimate]]) -> Plot:
    """A bar for each estimator."""
    covered = [coverage(world, many) for many in found.values()]
    return bar_plot(
        "How often the interval holds the truth",
        list(found),
        {"covered": covered},
        value_label="share of data sets",
        alt="; ".join(f"{name}: {one.value:.0%}" for name, one in zip(found, covered, strict=True)),
        caption="An honest 95 % interval holds the truth in 95 % of data sets.",
    )


def coat_tables(folder: Path, seeds: int, kept: Path) -> list[Table]:
    """The comparison on Coat: measures by method, against the baseline over people, errors by popularity."""
    compared = coat.compare(folder, seeds, kept)
    rows = compared.rows
    measures = Table(
        f"Coat, {seeds} seeds",
        ("method", *coat.MEASURES),
        [(row.method, *row.intervals) for row in rows],
        "Means over seeds, with two standard deviations of the seeds. Tuned on chosen ratings alone, tested once on "
        "randomly drawn coats.",
    )
    people = Table(
        f"Coat, over people: against {coat.BASELINE}",
        ("method", "measure", *TEST_COLUMNS),
        [(method, measure, *test.cells) for (method, measure), test in compared.people.items()],
        "Each person's mean over the seeds, in pairs; sign-flip permutation tests, Holm's correction over all rows. A "
        "squared error is better the lower it is, NDCG the higher.",
    )
    slices = Table(
        "Coat, squared error by popularity",
        ("method", *(f"chosen {low:.0f} to {high:.0f} times" for low, high, _ in rows[0].by_popularity)),
        [(row.method, *(error for _, _, error in row.by_popularity)) for row in rows],
    )
    return [measures, people, slices]
