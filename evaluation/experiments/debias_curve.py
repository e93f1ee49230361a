"""Accuracy against diversity: what each correction gives and costs, as a curve over its strength.

Each person's last choice is held out; the ranker learns the rest. Corrections for popularity by strength, the re-ranker
for parity by what it leaves of each gap, both together, and the adversary on person embeddings with each of the seeds.
Options: `ranker` (see `evaluation.bias.rankers`), `columns` of the users' table, `adversary` (false leaves it out).
Goes on where it was interrupted.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

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
from evaluation.bias.measures import K, Measured, gaps, mean, measure, threshold_of
from evaluation.bias.world import World, load_world
from evaluation.experiments.registry import ExperimentSettings
from evaluation.kept import Kept
from evaluation.ranking.metrics import Interval, paired_test
from evaluation.report.plot import Curve, Plot, tradeoff_plot
from evaluation.report.report import Report
from evaluation.report.table import Table

# Of NDCG, the most that may be lost; of the lift and of each gap, the most that may be left.
MOST_LOST, MOST_LEFT = 0.01, 0.5
# Bounded a little under a half, so that a half is met.
HALVED = 0.45
NOTHING, TOGETHER = "nothing", "popularity and parity"
KINDS = ("NDCG", "threshold", "exposure")

Summary = dict[str, Any]


class Options(BaseModel):
    """What `--set` may say."""

    model_config = ConfigDict(extra="forbid")

    columns: str = ""
    ranker: str = ""
    adversary: bool = True


def run(settings: ExperimentSettings) -> Report:
    """Measure every setting that is not kept from an earlier run, and report."""
    options = settings.options_as(Options)
    columns = [column.strip() for column in options.columns.split(",") if column.strip()]
    world = load_world(settings, columns, options.ranker)
    identity = {
        "data": world.data_hash,
        "people": len(world.histories),
        "seeds": settings.seeds,
        **options.model_dump(),
    }
    kept = Kept(settings.report, "settings", identity)
    threshold = threshold_of(world)
    before = measure(world, world.scores, threshold)
    for key, scores in tqdm(list(_plan(world, before, threshold)), desc="Settings"):
        if key not in kept:
            kept[key] = _summary(world, before, measure(world, scores(), threshold), settings.seed)
    found = {key: kept[key] for key, _ in _plan(world, before, threshold)}
    together = _together(world, before, threshold, found, kept, settings.seed)
    if options.adversary and world.groups and "adversary" not in kept:
        from evaluation.bias.adversary import embed, outcomes

        kept["adversary"] = [asdict(one) for one in outcomes(world, embed(world), settings.seeds)]
    tables = [_goal_table(world, found | together), _curve_table(found | together), _elasticity_table(world, settings)]
    if "adversary" in kept:
        tables.append(_adversary_table(world, kept["adversary"]))
    return Report(
        title=f"Debiasing curves on {world.name}",
        question=f"How much popularity bias and how large a gap between groups goes away for at most 1 % of NDCG@{K}?",
        answer=_answer(world, found, together),
        tables=tuple(table for table in tables if table.rows),
        plots=_plots(found),
        settings={
            "ranker": world.ranker_name,
            "people": len(world.histories),
            "items": world.n_items,
            "k": K,
            "tau": round(threshold, 4),
        },
        provenance=settings.provenance(world.data_hash),
    )


def _plan(world: World, before: Measured, threshold: float) -> Iterator[tuple[str, Callable[[], FloatArray]]]:
    """Every setting's name, and what makes its scores."""
    yield NOTHING, lambda: world.scores
    for method in METHODS:
        for strength in STRENGTHS[1:]:
            yield f"{method} {strength:g}", lambda m=method, s=strength: by_popularity(world, m, s)  # type: ignore[misc]
    if world.has_times:
        for strength in STRENGTHS[1:]:
            yield f"backdoor with trend {strength:g}", lambda s=strength: with_trend(world, s)  # type: ignore[misc]
    if world.groups:
        for share in SHARES[1:]:
            kept = bounds(world, before, share)
            yield f"parity {share:g}", lambda k=kept: by_parity(world, world.scores, k, threshold)  # type: ignore[misc]


def _together(
    world: World, before: Measured, threshold: float, found: dict[str, Summary], kept: Kept, seed: int
) -> dict[str, Summary]:
    """The weakest correction for popularity of each method that halves the lift, with parity on top.

    Parity alone where there is no lift to halve.
    """
    results = {}
    if world.groups and not _has_lift(found):
        key = f"parity {HALVED:g}"
        if key not in kept:
            scores = by_parity(world, world.scores, bounds(world, before, HALVED), threshold)
            kept[key] = _summary(world, before, measure(world, scores, threshold), seed)
        return {key: kept[key]}
    for method in METHODS if world.groups else ():
        enough = [s for s in STRENGTHS[1:] if _left(found, f"{method} {s:g}", "lift") <= MOST_LEFT]
        strength = enough[0] if enough else STRENGTHS[-1]
        key = f"{TOGETHER}: {method} {strength:g}"
        if key not in kept:
            scores = by_parity(world, by_popularity(world, method, strength), bounds(world, before, HALVED), threshold)
            kept[key] = _summary(world, before, measure(world, scores, threshold), seed)
        results[key] = kept[key]
    return results


def _summary(world: World, before: Measured, one: Measured, seed: int) -> Summary:
    """What is kept of a setting, as JSON."""
    test = paired_test(one.ndcg, before.ndcg, seed, resamples=2_000)
    return {
        "ndcg": asdict(mean(one.ndcg, seed)),
        "change": asdict(test),
        "lift": asdict(mean(one.lift, seed)),
        "miscalibration": asdict(mean(one.miscalibration, seed)),
        "coverage": one.coverage,
        "gini": one.gini,
        "tail": one.tail_share,
        "gaps": {
            kind: {one.column: asdict(one) for one in found} for kind, found in gaps(world.groups, one, seed).items()
        },
    }


def _has_lift(found: dict[str, Summary]) -> bool:
    """Whether lists are surely more popular than people's own choices before any correction."""
    return bool(found[NOTHING]["lift"]["low"] > 0)


def _left(found: dict[str, Summary], key: str, name: str) -> float:
    """What is left of the lift, as a share of what there is without corrections; below 0 where it is overdone."""
    return float(found[key][name]["value"] / found[NOTHING][name]["value"])


def _lost(found: dict[str, Summary], key: str) -> float:
    """The share of NDCG that a setting loses; negative where it gains, and 0 where there is nothing to lose."""
    whole = found[NOTHING]["ndcg"]["value"]
    return float(-found[key]["change"]["difference"] / whole) if whole else 0.0


def _curve_table(found: dict[str, Summary]) -> Table:
    rows = [
        (
            key,
            Interval(**one["ndcg"]),
            -100 * _lost(found, key),
            Interval(**one["lift"]),
            one["tail"],
            one["coverage"],
            one["gini"],
            Interval(**one["miscalibration"]),
        )
        for key, one in found.items()
    ]
    return Table(
        "Every setting",
        ("setting", f"NDCG@{K}", "change in %", "popularity lift", "long tail", "coverage", "Gini", "miscalibration"),
        rows,
        note="The number behind a correction for popularity is its strength; behind parity, the share of each gap that "
        "its bounds leave. Brackets hold 95 % bootstrap intervals over people.",
    )


def _goal_table(world: World, found: dict[str, Summary]) -> Table:
    rows: list[tuple[object, ...]] = []
    for key, one in found.items():
        left = 100 * _left(found, key, "lift") if _has_lift(found) else None
        row: list[object] = [key, -100 * _lost(found, key), Interval(**one["lift"]), left]
        for kind in KINDS:
            for group in world.groups:
                gap = one["gaps"][kind][group.column]
                row.append(Interval(**gap["interval"]))
        rows.append(tuple(row))
    columns = [f"{group.column}: {kind} gap" for kind in KINDS for group in world.groups]
    chance = [
        f"{group.column} {kind} {found[NOTHING]['gaps'][kind][group.column]['by_chance']:.4f} "
        f"(p = {found[NOTHING]['gaps'][kind][group.column]['p']:.3f})"
        for kind in KINDS
        for group in world.groups
    ]
    return Table(
        "Against the goal",
        ("setting", f"NDCG@{K} change in %", "popularity lift", "of it left in %", *columns),
        rows,
        note=f"The goal: at most 1 % of NDCG@{K} lost, at most 50 % of the lift and of each gap left. A gap is the "
        "largest difference between two groups. What chance alone makes of each, and how often it makes as much as is "
        f"there without corrections: {'; '.join(chance)}.",
    )


def _elasticity_table(world: World, settings: ExperimentSettings) -> Table:
    effect = measured_elasticity(world, settings.seed)
    rows = [] if effect is None else [(effect.gamma, effect.gamma_error, effect.sharpness, effect.slope)]
    return Table(
        "The effect of popularity, from its drift",
        ("gamma", "standard error", "sharpness of scores", "slope"),
        rows,
        note="Gamma: logits for each unit of log popularity, while the item and the score for it stay the same. "
        "Slope: the same in standard deviations of a person's scores.",
    )


def _adversary_table(world: World, kept: list[dict[str, Any]]) -> Table:
    rows = []
    for strength in sorted({one["strength"] for one in kept}):
        runs = [one for one in kept if one["strength"] == strength]
        row: list[object] = [strength, len(runs), _spread([one["ndcg"] for one in runs])]
        row += [_spread([one["auc"][group.column] for one in runs]) for group in world.groups]
        row += [_spread([one["exposure_gap"][group.column] for one in runs]) for group in world.groups]
        rows.append(row)
    return Table(
        "The adversary",
        (
            "strength",
            "seeds",
            f"NDCG@{K}",
            *(f"AUC of a fresh classifier: {group.column}" for group in world.groups),
            *(f"exposure gap: {group.column}" for group in world.groups),
        ),
        rows,
        note="On people whom neither the map nor the classifier has seen; the groups are not read. Strength 0 has no "
        "adversary. Brackets hold the least and the most of the seeds.",
    )


def _spread(values: list[float]) -> Interval:
    return Interval(float(np.mean(values)), min(values), max(values))


def _plots(found: dict[str, Summary]) -> tuple[Plot, ...]:
    names = dict.fromkeys(key.rpartition(" ")[0] for key in found if key != NOTHING)
    curves = {name: [NOTHING, *(key for key in found if key.rpartition(" ")[0] == name)] for name in names}
    popularity = {name: keys for name, keys in curves.items() if name != "parity"}
    return (
        _plot("popularity lift", "lift", popularity, found),
        _plot("coverage", "coverage", popularity, found),
    )


def _plot(words: str, field: str, curves: dict[str, list[str]], found: dict[str, Summary]) -> Plot:
    def number(one: Summary) -> float | Interval:
        value = one[field]
        return Interval(**value) if isinstance(value, dict) else float(value)

    return tradeoff_plot(
        f"Accuracy against {words}",
        [
            Curve(
                name,
                [number(found[key]) for key in keys],
                [float(found[key]["ndcg"]["value"]) for key in keys],
                labels=("0", *(key.rpartition(" ")[2] for key in keys[1:])),
            )
            for name, keys in curves.items()
        ],
        x_label=words,
        y_label=f"NDCG@{K}",
        alt="; ".join(
            f"{name}: from {found[keys[0]]['ndcg']['value']:.4f} to {found[keys[-1]]['ndcg']['value']:.4f}"
            for name, keys in curves.items()
        ),
    )


def _answer(world: World, found: dict[str, Summary], together: dict[str, Summary]) -> str:
    said = []
    if not _has_lift(found):
        lift = found[NOTHING]["lift"]
        said.append(
            f"Without any correction, lists are not surely more popular than people's own choices "
            f"(lift {lift['value']:+.3f}, from {lift['low']:+.3f} to {lift['high']:+.3f}): there is none to halve, "
            "and a correction makes lists rarer than people's taste."
        )
    found = found | together
    for key in together:
        parts = [f"NDCG@{K} changes by {-100 * _lost(found, key):+.2f} %"]
        if _has_lift(found):
            parts.append(f"{100 * _left(found, key, 'lift'):.0f} % of the popularity lift is left")
        for kind in KINDS:
            for group in world.groups:
                was, now = (found[name]["gaps"][kind][group.column] for name in (NOTHING, key))
                share = now["interval"]["value"] / max(was["interval"]["value"], 1e-12)
                doubt = "" if was["p"] < 0.05 else " (no more than chance to begin with)"
                parts.append(f"{100 * share:.0f} % of the {group.column} gap in {kind}{doubt}")
        name = f"{key.removeprefix(f'{TOGETHER}: ')} and parity" if key.startswith(TOGETHER) else key
        said.append(f"With {name}, {', '.join(parts)}.")
    said.append(
        "The gaps in thresholds and exposure are those of the people that the re-ranker was fitted to, the ones "
        "that it serves; their held-out choices were not read. Re-ranking can't make a ranker foretell one group's "
        "choices better, so the gap in NDCG is only reported."
    )
    return " ".join(said)
