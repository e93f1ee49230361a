"""How a metric differs between groups of people. People of whom the group is not known are a group of their own."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap as scipy_bootstrap

from debias.groups import LEAST_PEOPLE, Groups
from evaluation.ranking.metrics import FloatArray, Interval, bootstrap

_RESAMPLES = 5000
_BATCH = 200  # resamples held at a time


@dataclass(frozen=True)
class GroupMean:
    """A metric's mean in one group with its 95 % interval."""

    group: str
    people: int
    mean: Interval


@dataclass(frozen=True)
class GroupGap:
    """The mean in `first` minus that in `second` with its 95 % interval."""

    first: str
    second: str
    gap: Interval


def group_means(values: npt.ArrayLike, groups: Groups, seed: int) -> list[GroupMean]:
    """The mean of one value per person [p] in each group with anybody in it. Values that are NaN are left out."""
    return [GroupMean(name, len(part), bootstrap(part, seed)) for name, part in _split(values, groups, least=1).items()]


def group_gaps(values: npt.ArrayLike, groups: Groups, seed: int, least: int = LEAST_PEOPLE) -> list[GroupGap]:
    """The difference of means between every two groups of at least `least` people, each with its interval.

    People are resampled within each group, by the percentile bootstrap. With many groups some interval leaves out 0 by
    chance: the largest of many gaps is no finding on its own.
    """
    parts = _split(values, groups, least)
    return [
        GroupGap(first, second, _difference(parts[first], parts[second], seed))
        for first, second in combinations(parts, 2)
    ]


def _split(values: npt.ArrayLike, groups: Groups, least: int) -> dict[str, FloatArray]:
    table = np.asarray(values, dtype=np.float64)
    if table.shape != groups.codes.shape:
        raise ValueError(f"There are {table.shape} values for {groups.codes.shape} people.")
    known = np.isfinite(table)
    parts = {name: table[known & (groups.codes == code)] for code, name in enumerate(groups.names)}
    return {name: part for name, part in parts.items() if len(part) >= least}


def _difference(first: FloatArray, second: FloatArray, seed: int) -> Interval:
    value = float(first.mean() - second.mean())
    if np.ptp(first) == 0 and np.ptp(second) == 0:  # scipy has no interval for constants
        return Interval(value, value, value)
    found = scipy_bootstrap(
        (first, second),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        n_resamples=_RESAMPLES,
        batch=_BATCH,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high))
