"""Tables, plots and a paragraph about corrections by strength: what each gives and what it costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debias.elasticity import Elasticity
from evaluation.bias.measures import K
from evaluation.bias.world import World
from evaluation.metrics.group_gaps import Gap
from evaluation.report.plot import Curve, Number, Plot, tradeoff_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report, Setting
from evaluation.report.table import Table
from evaluation.statistics import LEVEL, Interval, PairedTest, holm

if TYPE_CHECKING:
    from evaluation.bias.adversary import Outcome

NOTHING, TOGETHER = "nothing", "popularity and parity"
KINDS = ("NDCG", "threshold", "exposure")


@dataclass(frozen=True)
class Summary:
    """What one setting comes to. It is kept as JSON, so that a change here needs another `format`."""

    ndcg: Interval
    change: PairedTest  # in NDCG, against no correction
    lift: Interval
    miscalibration: Interval
    coverage: float
    gini: float
    tail: float
    gaps: dict[str, dict[str, Gap]]  # by kind and column


@dataclass(frozen=True)
class Found:
    """Summaries of settings by name; NOTHING is among them."""

    settings: Mapping[str, Summary]

    @property
    def has_lift(self) -> bool:
        """Whether lists are surely more popular than people's own choices before any correction."""
        return bool(self.settings[NOTHING].lift.low > 0)

    def left(self, key: str) -> float:
        """What is left of the lift, as a share of what there is without corrections; below 0 where it is overdone."""
        return float(self.settings[key].lift.value / self.settings[NOTHING].lift.value)

    def lost(self, key: str) -> float:
        """The share of NDCG that a setting loses; negative where it gains, and 0 where there is nothing to lose."""
        whole = self.settings[NOTHING].ndcg.value
        return float(-self.settings[key].change.difference / whole) if whole else 0.0

    @property
    def corrected(self) -> dict[str, float]:
        """The p of each setting's change in NDCG, by Holm's method over all of them."""
        changed = [key for key in self.settings if key != NOTHING]
        p_values = holm([self.settings[key].change.p for key in changed]).tolist()
        return dict(zip(changed, p_values, strict=True))


def report(
    world: World,
    found: Found,
    together: Sequence[str],
    *,
    elasticity: Elasticity | None,
    adversary: "Sequence[Outcome]",
    settings: Mapping[str, Setting],
    provenance: Provenance,
) -> Report:
    """The whole report; `together`: the names of the settings with both corrections."""
    columns = [group.column for group in world.groups]
    tables = (
        _goal_table(found, columns),
        _curve_table(found),
        _elasticity_table(elasticity),
        _adversary_table(adversary, columns),
    )
    return Report(
        title=f"Debiasing curves on {world.name}",
        question=f"How much popularity bias and how large a gap between groups goes away for at most 1 % of NDCG@{K}?",
        answer=_answer(found, columns, together),
        tables=tuple(table for table in tables if table.rows),
        plots=_plots(Found({key: one for key, one in found.settings.items() if key not in together})),
        settings={**settings, "people": len(world.histories), "items": world.n_items, "k": K},
        provenance=provenance,
    )


def _curve_table(found: Found) -> Table:
    corrected = found.corrected
    rows = [
        (
            key,
            one.ndcg,
            -100 * found.lost(key),
            corrected.get(key),
            one.lift,
            one.tail,
            one.coverage,
            one.gini,
            one.miscalibration,
        )
        for key, one in found.settings.items()
    ]
    measured = (f"NDCG@{K}", "change in %", "p (Holm)", "popularity lift", "long tail", "coverage", "Gini")
    return Table(
        "Every setting",
        ("setting", *measured, "miscalibration"),
        rows,
        note="The number behind a correction for popularity is its strength; behind parity, the share of each gap that "
        "its bounds leave. Brackets hold 95 % bootstrap intervals over people; p is for the change, after "
        "Holm's correction over all rows.",
    )


def _goal_table(found: Found, columns: Sequence[str]) -> Table:
    rows: list[tuple[object, ...]] = []
    for key, one in found.settings.items():
        left = 100 * found.left(key) if found.has_lift else None
        row: list[object] = [key, -100 * found.lost(key), one.lift, left]
        for kind in KINDS:
            row += [one.gaps[kind][column].interval for column in columns]
        rows.append(tuple(row))
    named = [f"{column}: {kind} gap" for kind in KINDS for column in columns]
    chance = [
        f"{column} {kind} {gap.by_chance:.4f} (p = {gap.p:.3f})"
        for kind in KINDS
        for column in columns
        for gap in [found.settings[NOTHING].gaps[kind][column]]
    ]
    return Table(
        "Against the goal",
        ("setting", f"NDCG@{K} change in %", "popularity lift", "of it left in %", *named),
        rows,
        note=f"The goal: at most 1 % of NDCG@{K} lost, at most 50 % of the lift and of each gap left. A gap is the "
        "largest difference between two groups. What chance alone makes of each, and how often it makes as much as is "
        f"there without corrections: {'; '.join(chance)}.",
    )


def _elasticity_table(effect: Elasticity | None) -> Table:
    rows = [] if effect is None else [(effect.gamma, effect.gamma_error, effect.sharpness, effect.slope)]
    return Table(
        "The effect of popularity, from its drift",
        ("gamma", "standard error", "sharpness of scores", "slope"),
        rows,
        note="Gamma: logits for each unit of log popularity, while the item and the score for it stay the same. "
        "Slope: the same in standard deviations of a person's scores.",
    )


def _adversary_table(kept: "Sequence[Outcome]", groups: Sequence[str]) -> Table:
    rows = []
    for strength in sorted({one.strength for one in kept}):
        runs = [one for one in kept if one.strength == strength]
        row: list[object] = [strength, len(runs), _spread([one.ndcg for one in runs])]
        row += [_spread([one.auc[group] for one in runs]) for group in groups]
        row += [_spread([one.exposure_gap[group] for one in runs]) for group in groups]
        rows.append(row)
    return Table(
        "The adversary",
        (
            "strength",
            "seeds",
            f"NDCG@{K}",
            *(f"AUC of a fresh classifier: {group}" for group in groups),
            *(f"exposure gap: {group}" for group in groups),
        ),
        rows,
        note="On people whom neither the map nor the classifier has seen; the groups are not read. Strength 0 has no "
        "adversary. Brackets hold the least and the most of the seeds.",
    )


def _spread(values: list[float]) -> Interval:
    return Interval(float(np.mean(values)), min(values), max(values))


def _plots(found: Found) -> tuple[Plot, ...]:
    """Accuracy against lift and coverage, a curve for each correction for popularity."""
    names = dict.fromkeys(key.rpartition(" ")[0] for key in found.settings if key != NOTHING)
    curves = {name: [NOTHING, *(key for key in found.settings if key.rpartition(" ")[0] == name)] for name in names}
    popularity = {name: keys for name, keys in curves.items() if name != "parity"}
    return (
        _plot("popularity lift", lambda one: one.lift, popularity, found),
        _plot("coverage", lambda one: one.coverage, popularity, found),
    )


def _plot(words: str, number: Callable[[Summary], Number], curves: dict[str, list[str]], found: Found) -> Plot:
    ndcg = {name: [found.settings[key].ndcg.value for key in keys] for name, keys in curves.items()}
    return tradeoff_plot(
        f"Accuracy against {words}",
        [
            Curve(
                name,
                [number(found.settings[key]) for key in keys],
                ndcg[name],
                labels=("0", *(key.rpartition(" ")[2] for key in keys[1:])),
            )
            for name, keys in curves.items()
        ],
        x_label=words,
        y_label=f"NDCG@{K}",
        alt="; ".join(f"{name}: from {values[0]:.4f} to {values[-1]:.4f}" for name, values in ndcg.items()),
    )


def _answer(found: Found, columns: Sequence[str], together: Sequence[str]) -> str:
    said = []
    if not found.has_lift:
        lift = found.settings[NOTHING].lift
        said.append(
            f"Without any correction, lists are not surely more popular than people's own choices "
            f"(lift {lift.value:+.3f}, from {lift.low:+.3f} to {lift.high:+.3f}): there is none to halve, "
            "and a correction makes lists rarer than people's taste."
        )
    for key in together:
        chance = "" if found.corrected[key] < LEVEL else " (which may be chance)"
        parts = [f"NDCG@{K} changes by {-100 * found.lost(key):+.2f} %{chance}"]
        if found.has_lift:
            parts.append(f"{100 * found.left(key):.0f} % of the popularity lift is left")
        for kind in KINDS:
            for group in columns:
                was, now = (found.settings[name].gaps[kind][group] for name in (NOTHING, key))
                share = now.interval.value / max(was.interval.value, 1e-12)
                doubt = "" if was.p < LEVEL else " (no more than chance to begin with)"
                parts.append(f"{100 * share:.0f} % of the {group} gap in {kind}{doubt}")
        name = f"{key.removeprefix(f'{TOGETHER}: ')} and parity" if key.startswith(TOGETHER) else key
        said.append(f"With {name}, {', '.join(parts)}.")
    if any(key.startswith(TOGETHER) for key in together):
        said.append("Those strengths were chosen by the lift of the same people.")
    said.append(
        "The gaps in thresholds and exposure are those of the people that the re-ranker was fitted to, the ones "
        "that it serves; their held-out choices were not read. Re-ranking can't make a ranker foretell one group's "
        "choices better, so the gap in NDCG is only reported."
    )
    return " ".join(said)
