"""How a metric differs between groups of people. People of whom the group is not known are a group of their own."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debias.groups import LEAST_PEOPLE, Groups
from evaluation.ranking.metrics import FloatArray
from evaluation.statistics import Interval, bootstrap, percentile_interval

# So many that a gap can be told from chance after a correction for dozens of them.
SHUFFLES, RESAMPLES = 2_000, 2_000


@dataclass(frozen=True)
class GroupMean:
    """A metric's mean in one group with its 95 % interval."""

    group: str
    people: int
    mean: Interval


@dataclass(frozen=True)
class Gap:
    """The largest difference between two groups of a column, and what chance alone would make of it."""

    column: str
    interval: Interval
    by_chance: float  # the mean gap of groups of the same sizes drawn at random
    p: float  # how often those have a gap as large


def group_means(values: npt.ArrayLike, groups: Groups, seed: int) -> list[GroupMean]:
    """The mean of one value per person [p] in each group with anybody in it. Values that are NaN are left out.

    Groups of fewer than LEAST_PEOPLE have no interval: a bootstrap of a few people is far too narrow.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.shape != groups.codes.shape:
        raise ValueError(f"There are {table.shape} values for {groups.codes.shape} people.")
    parts = [table[np.isfinite(table) & (groups.codes == code)] for code in range(len(groups.names))]
    return [
        GroupMean(name, len(part), bootstrap(part, seed) if len(part) >= LEAST_PEOPLE else _without_interval(part))
        for name, part in zip(groups.names, parts, strict=True)
        if len(part)
    ]


def gap(groups: Groups, values: FloatArray, seed: int) -> Gap:
    """The gap in the means of values [p] or [p, c], its 95 % bootstrap interval over people, and chance's gap.

    A gap is a largest difference, so it is never negative and resampling makes it larger: read it beside `by_chance`.
    """
    rng = np.random.default_rng(seed)
    found, columns = groups.gap(values), values.reshape(len(values), -1)
    resampled, shuffled = _resampled_gaps(groups, columns, rng), _shuffled_gaps(groups, columns, rng)
    return Gap(
        column=groups.column,
        interval=percentile_interval(found, resampled),
        by_chance=float(shuffled.mean()),
        p=float((1 + (shuffled >= found - 1e-12).sum()) / (1 + SHUFFLES)),
    )


def _without_interval(values: FloatArray) -> Interval:
    return Interval(float(values.mean()), np.nan, np.nan)


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


def _shuffled_gaps(groups: Groups, values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Gaps [shuffles] of groups of the same sizes that mean nothing: what comes about by chance?"""
    codes = groups.measured
    if len(codes) < 2:
        return np.zeros(SHUFFLES)
    member = (groups.codes == codes[:, None]) / groups.sizes[codes][:, None]
    means = (member @ values[rng.permutation(len(values))] for _ in range(SHUFFLES))
    return np.array([np.ptp(each, axis=0).max() for each in means])
