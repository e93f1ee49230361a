"""The corrections that are compared: each turns a world's scores into others, more so with more of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from debias.elasticity import Elasticity, estimate_elasticity
from debias.groups import FloatArray
from debias.interventional import Method, backdoor, popularity_correction
from debias.parity import ParityReranker
from debias.popularity import Popularity, forecast, stage_counts, stages_of
from evaluation.bias.measures import K, Measured
from evaluation.bias.world import World

STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
METHODS: tuple[Method, ...] = ("backdoor", "counterfactual")
# What is left of each gap that the re-ranker is told to bound.
SHARES = (1.0, 0.75, 0.5, 0.25)
STAGES, ALTERNATIVES = 5, 200
PRIOR_CHOICES = 1_000


def by_popularity(world: World, method: Method, strength: float) -> FloatArray:
    """The scores [p, n] under a correction for popularity."""
    return popularity_correction(method, world.counts).apply(world.scores, world.histories, strength)


def with_trend(world: World, strength: float) -> FloatArray:
    """The backdoor adjustment with the popularity that is expected next put back (PDA's second half)."""
    counts = stage_counts(np.concatenate(world.histories), stages_of(world.times, STAGES), world.n_items)
    expected = Popularity(forecast(counts) * counts.sum())
    return backdoor(Popularity(world.counts), expected=expected).apply(world.scores, world.histories, strength)


@dataclass(frozen=True)
class Bounds:
    """What a re-ranker must keep under, by column."""

    exposure: Mapping[str, float]
    threshold: Mapping[str, float]


def bounds(world: World, before: Measured, share: float) -> Bounds:
    """A share of the gaps that are there before any correction."""
    return Bounds(
        {group.column: share * group.gap(before.exposure) for group in world.groups},
        {group.column: share * group.gap(before.above) for group in world.groups},
    )


def by_parity(world: World, scores: FloatArray, kept: Bounds, threshold: float) -> FloatArray:
    """The scores [p, n] after the re-ranker. It learns from lists and groups, and never sees what was chosen next."""
    reranker = ParityReranker.fit(
        scores,
        world.groups,
        world.classes,
        k=K,
        exposure_bound=kept.exposure,
        threshold=threshold,
        threshold_bound=kept.threshold,
    )
    return reranker.apply(scores, world.groups)


def measured_elasticity(world: World, seed: int) -> Elasticity | None:
    """The effect of popularity on choices, from how it drifted; None where the catalogue has no real times.

    The held-out choices of each person and the popularity of their stage, without the person's own choices.
    """
    if not world.has_times:
        return None
    rng = np.random.default_rng(seed)
    rows, stages = np.concatenate(world.histories), stages_of(world.times, STAGES)
    counts = stage_counts(rows, stages, world.n_items)
    mean = (world.counts + 1) / (world.counts.sum() + world.n_items)
    ends = np.cumsum([len(history) for history in world.histories])
    drift, scores, means = [], [], []
    for person, (history, target, end) in enumerate(zip(world.histories, world.targets, ends, strict=True)):
        open_rows = np.flatnonzero(np.isfinite(world.scores[person]))
        if not np.isfinite(world.scores[person, target]) or len(open_rows) < 2:
            continue
        stage = stages[end - 1]
        own = np.bincount(history[stages[end - len(history) : end] == stage], minlength=world.n_items)
        then = (counts[stage] - own + PRIOR_CHOICES * mean) / (counts[stage].sum() - own.sum() + PRIOR_CHOICES)
        others = rng.choice(open_rows[open_rows != target], ALTERNATIVES)
        shown = np.concatenate([[target], others])
        drift.append(np.log(then / mean)[shown])
        scores.append(world.scores[person, shown])
        means.append(np.log(mean)[shown])
    return estimate_elasticity(scores, drift, means) if scores else None
