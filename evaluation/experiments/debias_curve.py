"""Accuracy against diversity: what each correction gives and costs, as a curve over its strength.

Each person's last choice is held out; the ranker learns the rest. Corrections for popularity by strength, the re-ranker
for parity by what it leaves of each gap, both together, and the adversary on person embeddings with each of the seeds.
Options: `ranker` (see `evaluation.bias.rankers`), `columns` of the users' table, `adversary` (false leaves it out).
Goes on where it was interrupted.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from tqdm import tqdm

from core.values import Value
from debias.groups import FloatArray
from evaluation.bias.corrections import (
    METHODS,
    SHARES,
    STRENGTHS,
    bounds,
    by_parity,
    by_popularity,
    measured_elasticity,
    with_trend,
)
from evaluation.bias.measures import Measured, gaps, mean, measure, threshold_of
from evaluation.bias.world import World, load_world
from evaluation.experiments.debias_curve_report import NOTHING, TOGETHER, Found, Summary, report
from evaluation.experiments.registry import ExperimentSettings
from evaluation.kept import Kept
from evaluation.report.report import Report
from evaluation.statistics import paired_test

if TYPE_CHECKING:
    from evaluation.bias.adversary import Outcome

# Of the lift, the most that may be left.
MOST_LEFT = 0.5
# Bounded a little under a half, so that a half is met.
HALVED = 0.45

Scores = Callable[[], FloatArray]


class Options(Value):
    """What `--set` may say."""

    columns: str = ""
    ranker: str = ""
    adversary: bool = True


def run(settings: ExperimentSettings) -> Report:
    """Measure every setting that is not kept from an earlier run, and report."""
    options = settings.options_as(Options)
    columns = [column.strip() for column in options.columns.split(",") if column.strip()]
    world = load_world(settings, columns, options.ranker)
    identity = {
        "format": 2,
        "data": world.data_hash,
        "people": len(world.histories),
        "seeds": settings.seeds,
        **options.model_dump(),
    }
    kept = Kept(settings.report, "settings", identity)
    bench = _Bench(world, kept, settings.seed)
    single = Found({key: bench.measured(key, scores) for key, scores in tqdm(list(_plan(bench)), desc="Settings")})
    together = {key: bench.measured(key, scores) for key, scores in _together(bench, single)}
    return report(
        world,
        Found({**single.settings, **together}),
        tuple(together),
        elasticity=measured_elasticity(world, settings.seed),
        adversary=_adversary(world, kept, settings.seeds) if options.adversary and world.groups else (),
        settings={"ranker": world.ranker_name, "tau": round(bench.threshold, 4)},
        provenance=settings.provenance(world.data_hash),
    )


class _Bench:
    """Measures settings of one world, unless they are kept from an earlier run."""

    def __init__(self, world: World, kept: Kept, seed: int) -> None:
        self.world, self._kept, self._seed = world, kept, seed
        self.threshold = threshold_of(world)
        self._before = measure(world, world.scores, self.threshold)

    def measured(self, key: str, scores: Scores) -> Summary:
        """A setting by its name and what makes its scores."""
        if key not in self._kept:
            self._kept[key] = asdict(self._summary(measure(self.world, scores(), self.threshold)))
        return TypeAdapter(Summary).validate_python(self._kept[key])

    def by_parity(self, scores: FloatArray, share: float) -> FloatArray:
        """Scores after the re-ranker, which is to leave a share of each gap."""
        return by_parity(self.world, scores, bounds(self.world, self._before, share), self.threshold)

    def _summary(self, one: Measured) -> Summary:
        seed = self._seed
        return Summary(
            ndcg=mean(one.ndcg, seed),
            change=paired_test(one.ndcg, self._before.ndcg, seed, resamples=2_000),
            lift=mean(one.lift, seed),
            miscalibration=mean(one.miscalibration, seed),
            coverage=one.coverage,
            gini=one.gini,
            tail=one.tail_share,
            gaps={
                kind: {gap.column: gap for gap in found} for kind, found in gaps(self.world.groups, one, seed).items()
            },
        )


def _adversary(world: World, kept: Kept, seeds: Sequence[int]) -> "list[Outcome]":
    from evaluation.bias.adversary import Outcome, embed, outcomes

    if "adversary" not in kept:
        kept["adversary"] = [asdict(one) for one in outcomes(world, embed(world), seeds)]
    return TypeAdapter(list[Outcome]).validate_python(kept["adversary"])


def _plan(bench: _Bench) -> Iterator[tuple[str, Scores]]:
    """Every setting's name, and what makes its scores."""
    world = bench.world
    yield NOTHING, lambda: world.scores
    for method in METHODS:
        for strength in STRENGTHS[1:]:
            yield f"{method} {strength:g}", partial(by_popularity, world, method, strength)
    if world.has_times:
        for strength in STRENGTHS[1:]:
            yield f"backdoor with trend {strength:g}", partial(with_trend, world, strength)
    if world.groups:
        for share in SHARES[1:]:
            yield f"parity {share:g}", partial(bench.by_parity, world.scores, share)


def _together(bench: _Bench, found: Found) -> Iterator[tuple[str, Scores]]:
    """The weakest correction for popularity of each method that halves the lift, with parity on top.

    Parity alone where there is no lift to halve.
    """
    world = bench.world
    if not world.groups:
        return
    if not found.has_lift:
        yield f"parity {HALVED:g}", partial(bench.by_parity, world.scores, HALVED)
        return
    for method in METHODS:
        enough = (each for each in STRENGTHS[1:] if found.left(f"{method} {each:g}") <= MOST_LEFT)
        strength = next(enough, STRENGTHS[-1])
        yield (
            f"{TOGETHER}: {method} {strength:g}",
            lambda m=method, s=strength: bench.by_parity(by_popularity(world, m, s), HALVED),  # type: ignore[misc]
        )
