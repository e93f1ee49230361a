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
from evaluation.metrics.group_gaps import Gap, gap
from evaluation.metrics.popularity import coverage, gini, long_tail, long_tail_share, popularity_lift
from evaluation.metrics.popularity import exposure as often
from evaluation.ranking.metrics import ndcg, ranks
from evaluation.statistics import Interval, bootstrap

K = 10
RESAMPLES = 2_000


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


def gaps(groups: Sequence[Groups], measured: Measured, seed: int) -> dict[str, list[Gap]]:
    """The gaps by their names, one for each column: of accuracy, of P(score > τ | group), and of exposure."""
    values = {"NDCG": measured.ndcg, "threshold": measured.above, "exposure": measured.exposure}
    return {name: [gap(group, value, seed) for group in groups] for name, value in values.items()}


def mean(values: FloatArray, seed: int) -> Interval:
    """A mean over the people who have a value, with its interval; NaN where nobody has one."""
    known = values[np.isfinite(values)]
    return bootstrap(known, seed, resamples=RESAMPLES) if len(known) else Interval(np.nan, np.nan, np.nan)
