"""Tables and plots of variants side by side, for warm and for cold items."""

from collections.abc import Sequence

import numpy as np

from evaluation.multimodal.found import Found, cold_values, mean_over_seeds, warm_values
from evaluation.multimodal.runs import K, Results
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.table import Table
from evaluation.report.words import spanned
from evaluation.statistics import CorrectedTest, bootstrap, paired_tests


def warm_table(title: str, found: Found, names: Sequence[str], base: str) -> Table:
    """HR and NDCG with intervals over people, and the difference to `base` in pairs."""
    gains = {name: warm_values(found, name) for name in names}
    others = [name for name in names if name != base] if base in names else []
    own = {name: mean_over_seeds(gains[name][1]) for name in names}
    tests = paired_tests({name: (own[name], own[base]) for name in others}, found.seed)
    rows = []
    for name in names:
        hits, gain = gains[name]
        test = tests.get(name)
        rows.append(
            [
                name,
                bootstrap(mean_over_seeds(hits), found.seed),
                bootstrap(own[name], found.seed),
                spanned(gain.mean(axis=1)),
                test and test.interval,
                test and test.corrected,
            ]
        )
    columns = ("items", f"HR@{K}", f"NDCG@{K}", f"NDCG@{K} by seed", f"NDCG@{K} to {base}", "p (Holm)")
    note = (
        f"{int(found.warm.sum()):,} people whose next choice is warm, ranked among all {found.world.n_items:,} items. "
        "Intervals of 95 % over people, each with the mean of the seeds; differences and p in pairs."
    )
    return Table(title, columns, rows, note=note)


def cold_table(title: str, found: Found, names: Sequence[str], base: str) -> Table:
    """How often the cold choices are found, among all items and among the cold ones."""
    cold = int(found.world.is_cold.sum())
    if not cold:
        return Table(title, ("items",), [])
    among = {name: cold_values(found.results[name], found)[1] for name in names}
    others = [name for name in names if name != base] if base in among else []
    tests = paired_tests({name: (among[name], among[base]) for name in others}, found.seed)
    rows = [_cold_row(name, found.results[name], found, tests.get(name)) for name in names]
    rows += [_cold_row(name, result, found) for name, result in found.references.items()]
    candidates, items = int(found.world.cold.sum()), found.world.n_items
    rows.append(["chance", K / items, items / 2, K / candidates, None, None, candidates / items])
    columns = (
        "items",
        f"HR@{K} among all",
        "median rank",
        f"HR@{K} among cold",
        f"among cold, to {base}",
        "p (Holm)",
        f"cold in the first {K}",
    )
    note = (
        f"{cold:,} people whose next choice is one of {candidates:,} cold items. Ids alone are placed by ridge "
        "regression from text. Of all next choices "
        f"{cold / len(found.world.targets):.1%} are cold: what the last column would be if all were known."
    )
    return Table(title, columns, rows, note=note)


def _cold_row(name: str, result: Results, found: Found, test: CorrectedTest | None = None) -> list[object]:
    """One variant or reference; `test` compares it with the base."""
    everywhere, among = cold_values(result, found)
    return [
        name,
        bootstrap(everywhere, found.seed),
        float(np.median(result.ranks[:, ~found.warm])),
        bootstrap(among, found.seed),
        test and test.interval,
        test and test.corrected,
        float(result.shown.mean()),
    ]


def weights_table(found: Found) -> Table:
    """What each modality weighs in the fusions."""
    fused = {name: result.weights for name, result in found.results.items() if result.weights}
    names = sorted({name for weights in fused.values() for name in weights})
    rows = [[name, *(weights.get(one) for one in names)] for name, weights in fused.items()]
    note = "Means over the warm items and the seeds. Behaviour teaches the fusion, but is not read here."
    return Table("What each modality weighs in the fusion", ("items", *names), rows, note=note)


def plots(found: Found, names: Sequence[str]) -> tuple[Plot, ...]:
    """Bars of the warm and of the cold items."""
    warm = {f"NDCG@{K}": [bootstrap(mean_over_seeds(warm_values(found, name)[1]), found.seed) for name in names]}
    drawn = [
        bar_plot(
            f"Warm items: NDCG@{K}", names, warm, value_label=f"NDCG@{K}",
            alt=f"NDCG@{K} of warm items for {', '.join(names)}, with intervals.",
        )
    ]  # fmt: skip
    if found.world.is_cold.any():
        values = {name: cold_values(found.results[name], found) for name in names}
        cold = {
            "among all items": [bootstrap(values[name][0], found.seed) for name in names],
            "among cold items": [bootstrap(values[name][1], found.seed) for name in names],
        }
        drawn.append(
            bar_plot(
                f"Cold items: HR@{K}", names, cold, value_label=f"HR@{K}",
                alt=f"HR@{K} of cold items, among all and among the cold ones, for {', '.join(names)}.",
            )
        )  # fmt: skip
    return tuple(drawn)
