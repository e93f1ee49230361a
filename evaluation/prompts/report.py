"""The report of a comparison of prompts: tables, plots and one paragraph that also says what they don't show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from core.columns import USER_ID
from evaluation.metrics.group_gaps import group_gaps
from evaluation.prompts.answer_log import RawAnswer
from evaluation.prompts.measure import Measured
from evaluation.prompts.plan import Plan, RunEstimate, cost
from evaluation.ranking.metrics import Interval, PairedTest, holm, paired_test
from evaluation.report.plot import Curve, Plot, bar_plot, tradeoff_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report, Setting
from evaluation.report.table import Table
from server.parity import groups_of

LEVEL = 0.05
BEYOND = (
    "diversity by content",
    "diversity by embedding",
    "novelty",
    "serendipity",
    "popularity lift",
    "miscalibration",
)
HONESTY = ("invalid JSON", "outside the candidates", "repeated", "unsupported reason")
GROUP_COLUMNS = ("gender", "age")
_LONGEST_EXAMPLE = 700


@dataclass(frozen=True)
class Comparison:
    """All that a report is written from. `runs` are measured, `rankers` are the candidates in their own order."""

    plan: Plan
    runs: Sequence[Measured]
    rankers: Sequence[Measured]
    estimates: Sequence[RunEstimate]
    examples: Sequence[tuple[str, RawAnswer]]  # run and answer
    k: int
    seed: int
    prices: tuple[float, float] | None  # of a million tokens read and written

    @property
    def primary(self) -> str:
        """The metric that runs are compared by."""
        return f"NDCG@{self.k}"


@dataclass(frozen=True)
class Pair:
    """Two runs of the same people, by their places."""

    first: int
    second: int
    people: int
    test: PairedTest


def make_report(found: Comparison, settings: Mapping[str, Setting], provenance: Provenance) -> Report:
    """The whole report."""
    pairs = paired_tests(found)
    corrected = holm([pair.test.p for pair in pairs]).tolist()
    return Report(
        title="Comparison of prompts",
        question="Which prompt, model and settings rank best, at what cost, and which differences aren't chance?",
        answer=_answer(found, pairs, corrected),
        tables=(
            _accuracy_table(found),
            *_matrix(found, pairs, corrected),
            *_test_table(found, pairs, corrected),
            _beyond_table(found),
            _honesty_table(found),
            _cost_table(found),
            *_group_table(found),
            _examples_table(found),
            _template_table(found),
        ),
        plots=_plots(found),
        settings=dict(settings),
        provenance=provenance,
    )


def people_frame(found: Comparison) -> pl.DataFrame:
    """One line for each person, run and metric that has a value: what later runs are compared with."""
    frames = []
    for run, measured in zip(found.plan.runs, found.runs, strict=True):
        users = pl.Series(USER_ID, run.people.asked.user_ids, dtype=pl.String)
        for metric, values in measured.people.items():
            known = np.isfinite(values)
            frames.append(
                pl.DataFrame({USER_ID: users.filter(pl.Series(known)), "value": values[known]}).select(
                    USER_ID, pl.lit(measured.name).alias("run"), pl.lit(metric).alias("metric"), "value"
                )
            )
    return pl.concat(frames)


def run_frame(found: Comparison) -> pl.DataFrame:
    """One line for each run and each order of the ranker: the mean of every metric with its 95 % interval."""
    rows = []
    for measured in (*found.runs, *found.rankers):
        row: dict[str, object] = {"run": measured.name, "people": measured.answered}
        for metric, one in measured.means.items():
            row |= {metric: one and one.value, f"{metric} low": one and one.low, f"{metric} high": one and one.high}
        rows.append({**row, **{name: value if np.isfinite(value) else None for name, value in measured.lists.items()}})
    return pl.DataFrame(rows, infer_schema_length=None)


def paired_tests(found: Comparison) -> list[Pair]:
    """Every two runs on the same catalogue, over the people whom both have."""
    pairs = []
    for first, second in combinations(range(len(found.runs)), 2):
        if found.plan.runs[first].people is not found.plan.runs[second].people:
            continue
        a, b = (found.runs[place].people[found.primary] for place in (first, second))
        both = np.isfinite(a) & np.isfinite(b)
        if both.any():
            pairs.append(Pair(first, second, int(both.sum()), paired_test(a[both], b[both], found.seed)))
    return pairs


def _accuracy_table(found: Comparison) -> Table:
    metrics = ["HR", "Recall", "NDCG", "MRR", "MAP"]
    names = [f"{metric}@{found.k}" for metric in metrics]
    if all(len(own) == 1 for run in found.plan.runs for own in run.people.asked.targets):
        metrics = ["HR", "NDCG", "MRR"]
        names = [f"HR@{found.k}, Recall", f"NDCG@{found.k}", f"MRR@{found.k}, MAP"]
    numbered = [*((f"{number}. {one.name}", one) for number, one in enumerate(found.runs, start=1))]
    numbered += [(one.name, one) for one in found.rankers]
    rows = [
        (
            name,
            one.answered,
            *(one.means[f"{metric}@{found.k}"] for metric in metrics),
            one.means["offered"],
        )
        for name, one in numbered
    ]
    note = (
        "Means over people of what was held out, with 95 % bootstrap intervals. With one held-out item a person, HR is "
        "Recall and MRR is MAP. Offered: the share of held-out items that stood among the candidates, which no order "
        "of them can exceed. The ranker's own order needs no language model."
    )
    return Table("Accuracy", ["run", "people", *names, "offered"], rows, note)


def _matrix(found: Comparison, pairs: Sequence[Pair], corrected: Sequence[float]) -> list[Table]:
    if not pairs:
        return []
    cells = {}
    for pair, p in zip(pairs, corrected, strict=True):
        star = "*" if p < LEVEL else ""
        cells[pair.first, pair.second] = _signed(pair.test.difference) + star
        cells[pair.second, pair.first] = _signed(-pair.test.difference) + star
    count = len(found.runs)
    rows = [
        (f"{row + 1}. {found.runs[row].name}", *(cells.get((row, column), "") for column in range(count)))
        for row in range(count)
    ]
    note = (
        f"The row's {found.primary} minus the column's, over the same people. * holds at .05 after Holm's correction "
        f"over all {len(pairs)} comparisons (sign-flip permutation tests); without it, chance may be all there is."
    )
    return [Table(f"Who beats whom: {found.primary}", ["run", *map(str, range(1, count + 1))], rows, note)]


def _test_table(found: Comparison, pairs: Sequence[Pair], corrected: Sequence[float]) -> list[Table]:
    if not pairs:
        return []
    rows = [
        (
            f"{pair.first + 1} − {pair.second + 1}",
            pair.people,
            Interval(pair.test.difference, pair.test.low, pair.test.high),
            pair.test.p,
            p,
            p < LEVEL,
        )
        for pair, p in zip(pairs, corrected, strict=True)
    ]
    columns = ["runs", "people", "difference", "p", "p (Holm)", "holds at .05"]
    note = (
        "Runs by their numbers in the tables above. Differences with 95 % intervals of a paired bootstrap; p is of a "
        "sign-flip permutation test."
    )
    return [Table(f"Paired tests of {found.primary}", columns, rows, note)]


def _beyond_table(found: Comparison) -> Table:
    rows = [
        (
            one.name,
            *(one.means[metric] for metric in BEYOND),
            one.lists["coverage"],
            one.lists["Gini"],
        )
        for one in (*found.runs, *found.rankers)
    ]
    note = (
        "Diversity: mean distance of a list's pairs, by genre-like categories (Jaccard) and by embedding (1 − cosine). "
        "Novelty: bits, more for what fewer people chose. Serendipity: share of the list that was held out and is not "
        "among the most popular. Popularity lift: 0 is as popular as the person's own choices. Miscalibration: nats "
        "between the categories of list and history. Coverage: share of the catalogue in any list. Gini: 1 is always "
        "the same items."
    )
    return Table("Beyond accuracy", ["run", *BEYOND, "coverage", "Gini"], rows, note)


def _honesty_table(found: Comparison) -> Table:
    rows = [(one.name, *(one.means[metric] for metric in HONESTY)) for one in found.runs]
    note = (
        "Shares. Invalid JSON: the answer is not of the schema's shape, most often because it was cut off. Outside: of "
        "the named items, those that were no candidates. Repeated: those that were named before; a repeat is left "
        "out, and the list is shorter. Unsupported: reasons that claim what neither the item's facts nor the shown "
        "choices say, where a prompt asks for a reason."
    )
    return Table("Answers that hold", ["run", *HONESTY], rows, note)


def _cost_table(found: Comparison) -> Table:
    rows = []
    for one, estimate in zip(found.runs, found.estimates, strict=True):
        read, written = (float(np.nansum(one.people[name])) for name in ("prompt tokens", "answer tokens"))
        percentiles = [one.lists[f"seconds p{percent}"] for percent in (50, 95, 99)]
        price = [cost(found.prices, read, written)] if found.prices else []
        rows.append((one.name, one.answered, int(read), int(written), *percentiles, *price, estimate.answered))
    columns = ["run", "answers", "tokens read", "tokens written", "seconds p50", "p95", "p99"]
    columns += ["cost"] if found.prices else []
    note = (
        "Seconds are of one answer while others were generated. From earlier: answers that a run before this one got."
    )
    return Table("Cost", [*columns, "from earlier"], rows, note)


def _group_table(found: Comparison) -> list[Table]:
    rows = []
    for run, measured in zip(found.plan.runs, found.runs, strict=True):
        users, values = run.people.artifacts.users, measured.people[found.primary]
        for column in [name for name in GROUP_COLUMNS if name in users.columns]:
            groups = groups_of(users, column, run.people.asked.user_ids)
            gaps = group_gaps(values, groups, found.seed)
            if gaps:
                largest = max(gaps, key=lambda gap: abs(gap.gap.value))
                rows.append((measured.name, column, f"{largest.first} − {largest.second}", largest.gap))
    if not rows:
        return []
    note = (
        "The largest of all gaps between groups of 30 people or more, with its 95 % interval. Of many gaps, the "
        "largest is far from 0 by chance alone."
    )
    return [Table(f"Gaps between groups: {found.primary}", ["run", "column", "groups", "gap"], rows, note)]


def _examples_table(found: Comparison) -> Table:
    rows = [(name, answer.user_id, _cut(answer.text), answer.finish) for name, answer in found.examples]
    note = "The first answer of each run as it came. All of them, with their candidates, stand in answers.jsonl."
    return Table("Raw answers", ["run", "person", "answer", "ended by"], rows, note)


def _template_table(found: Comparison) -> Table:
    templates = {run.template.name: run.template for run in found.plan.runs}
    rows = [
        (name, str(one.header.form), one.header.soft, one.header.answer, one.digest) for name, one in templates.items()
    ]
    return Table("Templates", ["template", "form", "soft tokens", "answer", "hash"], rows)


def _plots(found: Comparison) -> tuple[Plot, ...]:
    known = {one.name: value for one in found.runs if (value := one.means[found.primary])}
    return (*_bars(found, known), *_tradeoff(found, known)) if known else ()


def _bars(found: Comparison, known: Mapping[str, Interval]) -> tuple[Plot, ...]:
    """A group of bars for each template, with a bar for each variant, and what the ranker makes of the same."""
    runs, unknown = found.plan.runs, Interval(float("nan"), float("nan"), float("nan"))
    several = len({run.people.catalog for run in runs}) > 1
    cells: dict[str, dict[str, Interval]] = {}
    for run in runs:
        at = f" · {run.people.catalog}" if several else ""
        cells.setdefault(run.template.name + at, {})[run.variant.name] = known.get(run.name, unknown)
        own = _ranker_of(found, run.offer).means[found.primary]
        cells.setdefault(f"ranker's order{at}", {})[run.variant.name] = own or unknown
    labels = sorted(cells, key=lambda label: label.startswith("ranker's order"))
    variants = list(dict.fromkeys(run.variant.name for run in runs))
    plot = bar_plot(
        f"{found.primary} by prompt and variant",
        labels,
        {variant: [cells[label][variant] for label in labels] for variant in variants},
        value_label=f"{found.primary}, with 95 % intervals",
        alt="; ".join(f"{name}: {one.value:.3f}" for name, one in known.items()),
        caption="The ranker's order is that of the candidates which the variant offers, without a language model.",
    )
    return (plot,)


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
    return (
        tradeoff_plot(
            "What accuracy costs",
            curves,
            x_label="tokens of a prompt and its answer",
            y_label=found.primary,
            alt="; ".join(
                f"{name}: " + ", ".join(f"{y.value:.3f} for {x:.0f} tokens" for x, y in points)
                for name, points in by_template.items()
            ),
            caption="A point for each variant of a template, with its 95 % interval.",
        ),
    )


def _answer(found: Comparison, pairs: Sequence[Pair], corrected: Sequence[float]) -> str:
    scores = {place: one.means[found.primary] for place, one in enumerate(found.runs)}
    known = {place: one for place, one in scores.items() if one is not None}
    if not known:
        return "No question was answered, so nothing can be said."
    best = max(known, key=lambda place: known[place].value)
    said = [
        f"Of {len(known)} runs, {found.runs[best].name} has the highest {found.primary}, {_interval(known[best])}.",
        _against_ranker(found, best),
        _offered(found),
    ]
    holding = sum(p < LEVEL for p in corrected)
    if pairs:
        said.append(
            f"Of {len(pairs)} comparisons between two runs, {holding or 'none'} "
            f"{'holds' if holding < 2 else 'hold'} at the .05 level after Holm's correction; the others may be chance."
        )
    missing = sum(estimate.prompts for estimate in found.estimates) - sum(one.answered for one in found.runs)
    if missing:
        said.append(f"{missing:,} questions are without an answer and count nowhere.")
    said.append(
        "The numbers say how well a held-out choice is foretold, of people of this data set and with this language "
        "model; they don't say how much anybody would like what is recommended."
    )
    return " ".join(part for part in said if part)


def _against_ranker(found: Comparison, best: int) -> str:
    """The best run beside the order that its candidates had before a model saw them, over the same people."""
    ranker = _ranker_of(found, found.plan.runs[best].offer)
    own, score = ranker.people[found.primary], ranker.means[found.primary]
    values = found.runs[best].people[found.primary]
    both = np.isfinite(values) & np.isfinite(own)
    test = paired_test(values[both], own[both], found.seed)
    if score is None:
        return ""
    told = "more than chance explains" if test.p < LEVEL else "no more than chance may explain"
    return (
        f"The ranker's own order of the same candidates has {_interval(score)}; the difference, "
        f"{_signed(test.difference)}, is {told} (p = {test.p:.3f}, and the best of several runs is favoured by chance)."
    )


def _ranker_of(found: Comparison, offer: tuple[str, int, float]) -> Measured:
    offers = list(dict.fromkeys(run.offer for run in found.plan.runs))
    return found.rankers[offers.index(offer)]


def _offered(found: Comparison) -> str:
    shares = [share for one in found.runs if (share := one.means["offered"]) is not None]
    low, high = min(share.value for share in shares), max(share.value for share in shares)
    span = f"{low:.2f}" if high - low < 0.005 else f"{low:.2f} to {high:.2f}"
    return f"The held-out item stands among the candidates for a share of {span} of people; nobody else's can be found."


def _signed(number: float) -> str:
    text = f"{abs(number):.3f}"
    return text if not text.strip("0.") else f"{'+' if number > 0 else '−'}{text}"


def _interval(one: Interval) -> str:
    return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else text[:_LONGEST_EXAMPLE] + " …"
