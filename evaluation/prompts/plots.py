"""The plots of a comparison's report."""

from collections.abc import Mapping

import numpy as np

from evaluation.prompts.comparison import Comparison
from evaluation.report.plot import Curve, Plot, bar_plot, tradeoff_plot
from evaluation.statistics import Interval

_UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


def all_plots(found: Comparison) -> tuple[Plot, ...]:
    """In the order of the page; none where nothing was answered."""
    known = {one.name: value for one in found.runs if (value := one.means[found.primary])}
    return (_bars(found, known), *_tradeoff(found, known)) if known else ()


def _bars(found: Comparison, known: Mapping[str, Interval]) -> Plot:
    """A group of bars for each template, with a bar for each variant, and what the ranker makes of the same."""
    runs = found.plan.runs
    several = len({run.people.catalog for run in runs}) > 1
    cells: dict[str, dict[str, Interval]] = {}
    for run in runs:
        at = f" · {run.people.catalog}" if several else ""
        cells.setdefault(run.template.name + at, {})[run.variant.name] = known.get(run.name, _UNKNOWN)
        own = found.rankers[found.ranker_of(run)].means[found.primary]
        cells.setdefault(f"ranker's order{at}", {})[run.variant.name] = own or _UNKNOWN
    labels = sorted(cells, key=lambda label: label.startswith("ranker's order"))
    variants = list(dict.fromkeys(run.variant.name for run in runs))
    return bar_plot(
        f"{found.primary} by prompt and variant",
        labels,
        {variant: [cells[label][variant] for label in labels] for variant in variants},
        value_label=f"{found.primary}, with 95 % intervals",
        alt="; ".join(f"{name}: {one.value:.3f}" for name, one in known.items()),
        caption="The ranker's order is that of the candidates which the variant offers, without a language model.",
    )


def _tradeoff(found: Comparison, known: Mapping[str, Interval]) -> tuple[Plot, ...]:
    by_template: dict[str, list[tuple[float, Interval]]] = {}
    for run, one in zip(found.plan.runs, found.runs, strict=True):
        tokens = one.people["prompt tokens"] + one.people["answer tokens"]
        if one.name in known and np.isfinite(tokens).any():
            by_template.setdefault(run.template.name, []).append((float(np.nanmean(tokens)), known[one.name]))
    if len(by_template) < 2:
        return ()
    curves = []
    for name, points in by_template.items():
        points.sort(key=lambda point: point[0])
        curves.append(Curve(name, [tokens for tokens, _ in points], [score for _, score in points]))
    plot = tradeoff_plot(
        "What accuracy costs",
        curves,
        x_label="tokens of a prompt and its answer",
        y_label=found.primary,
        alt="; ".join(
            f"{name}: " + ", ".join(f"{y.value:.3f} for {x:.0f} tokens" for x, y in points)
            for name, points in by_template.items()
        ),
        caption="A point for each variant of a template, with its 95 % interval.",
    )
    return (plot,)
