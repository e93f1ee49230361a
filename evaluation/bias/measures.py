"""What a list of recommendations is measured by, for all people and by group.

Shapes: p people, n items, k recommended, c classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from debias.groups import FloatArray, Groups, IntArray
from debias.parity import above, exposure, recommended
from evaluation.bias.world import World
from evaluation.metrics.calibration import miscalibration
from evaluation.metrics.popularity import coverage, gini, long_tail, long_tail_share, popularity_lift
from evaluation.metrics.popularity import exposure as often
from evaluation.ranking.metrics import Interval, bootstrap, ndcg, ranks

K = 10
SHUFFLES, RESAMPLES = 200, 500


@dataclass(frozen=True)
class Measured:
    """One correction's lists and what each person got."""

    rows: IntArray  # [p, k]
    ndcg: FloatArray  # [p]
    lift: FloatArray  # [p] mean popularity of the list over that of the person's own history, minus 1
    above: FloatArray  # [p] share of the list with a score over the threshold
    exposure: FloatArray  # [p, c] share of exposure of each class
    miscalibration: FloatArray  # [p] of the list's categories against the history's, in nats; NaN without categories
    coverage: float
    gini: float
    tail_share: float


def threshold_of(world: World) -> float:
    """τ: the median score of what is recommended without any correction. It stays as it is for all corrections."""
    return float(np.median(np.take_along_axis(world.scores, recommended(world.scores, K), axis=1)))


def measure(world: World, scores: FloatArray, threshold: float) -> Measured:
    """Measure lists by standardised scores [p, n] with histories at -inf."""
    rows = recommended(scores, K)
    histories = cast("Sequence[Sequence[int]]", world.histories)
    return Measured(
        rows=rows,
        ndcg=ndcg(ranks(scores, world.targets, world.histories), K),
        lift=popularity_lift(rows, histories, world.counts),
        above=above(scores, rows, threshold),
        exposure=exposure(rows, world.classes),
        miscalibration=miscalibration(rows, histories, world.categories),
        coverage=coverage(rows, world.n_items),
        gini=gini(often(rows, world.n_items)),
        tail_share=float(long_tail_share(rows, long_tail(world.counts)).mean()),
    )


@dataclass(frozen=True)
class Gap:
    """The largest difference between two groups of a column, and what chance alone would make of it."""

    column: str
    interval: Interval
    by_chance: float  # the mean gap of groups of the same sizes drawn at random
    p: float  # how often those have a gap as large


def gap(groups: Groups, values: FloatArray, seed: int) -> Gap:
    """The gap in the means of values [p] or [p, c], its 95 % bootstrap interval over people, and chance's gap.

    A gap is a largest difference, so it is never negative and resampling makes it larger: read it beside `by_chance`.
    """
    rng = np.random.default_rng(seed)
    found = groups.gap(values)
    resampled = _resampled_gaps(groups, values.reshape(len(values), -1), rng)
    shuffled = np.array([groups.shuffled(rng).gap(values) for _ in range(SHUFFLES)])
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Gap(
        column=groups.column,
        interval=Interval(found, float(low), float(high)),
        by_chance=float(shuffled.mean()),
        p=float((1 + (shuffled >= found - 1e-12).sum()) / (1 + SHUFFLES)),
    )


def gaps(groups: Sequence[Groups], measured: Measured, seed: int) -> dict[str, list[Gap]]:
    """The gaps by their names, one for each column: of accuracy, of P(score > τ | group), and of exposure."""
    values = {"NDCG": measured.ndcg, "threshold": measured.above, "exposure": measured.exposure}
    return {name: [gap(group, value, seed) for group in groups] for name, value in values.items()}


def mean(values: FloatArray, seed: int) -> Interval:
    """A mean over the people who have a value, with its interval; NaN where nobody has one."""
    known = values[np.isfinite(values)]
    return bootstrap(known, seed, resamples=RESAMPLES) if len(known) else Interval(np.nan, np.nan, np.nan)


def _resampled_gaps(groups: Groups, values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Gaps [resamples] of samples of people with replacement, drawn within each group."""
    means = []
    for code in groups.measured:
        own = values[groups.codes == code]
        weights = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=RESAMPLES)
        means.append(weights @ own / len(own))
    if len(means) < 2:
        return np.zeros(RESAMPLES)
    stacked = np.stack(means)
    spread: FloatArray = (stacked.max(axis=0) - stacked.min(axis=0)).max(axis=-1)
    return spread
