"""The tables of a comparison's report. Every interval, and every pair of runs, stands in the CSV files beside it."""

import numpy as np

from evaluation.metrics.group_gaps import gap
from evaluation.prompts.comparison import Comparison
from evaluation.prompts.measure import Measured
from evaluation.prompts.plan import cost
from evaluation.report.provenance import short_code
from evaluation.report.table import Table
from evaluation.report.words import shortened, signed
from evaluation.statistics import TEST_COLUMNS, holm
from server.parity import groups_of

BEYOND = (
    "diversity by content",
    "diversity by embedding",
    "novelty",
    "serendipity",
    "popularity lift",
    "miscalibration",
)
HONESTY = ("invalid JSON", "outside the candidates", "repeated", "unsupported reason", "keeps the order")
GROUP_COLUMNS = ("gender", "age")
_LONGEST_EXAMPLE = 700


def all_tables(found: Comparison) -> tuple[Table, ...]:
    """In the order of the page."""
    return (
        _accuracy(found),
        *_against_ranker(found),
        *_matrix(found),
        _honesty(found),
        _beyond(found),
        _cost(found),
        *_groups(found),
        _examples(found),
        _templates(found),
        *_starts(found),
    )


def tokens(one: Measured) -> tuple[int, int]:
    """What a run read and wrote."""
    read, written = (int(np.nansum(one.people[name])) for name in ("prompt tokens", "answer tokens"))
    return read, written


def _accuracy(found: Comparison) -> Table:
    metrics = ["HR", "Recall", "NDCG", "MRR", "MAP"]
    names = [f"{metric}@{found.k}" for metric in metrics]
    if all(len(person.targets) == 1 for run in found.plan.runs for person in run.people.asked):
        metrics = ["HR", "NDCG", "MRR"]
        names = [f"HR@{found.k}, Recall", f"NDCG@{found.k}", f"MRR@{found.k}, MAP"]
    numbered = [(f"{number}. {one.name}", one) for number, one in enumerate(found.runs, start=1)]
    numbered += [(one.name, one) for one in found.rankers]
    rows = [
        (
            name,
            one.answered,
            *(one.means[f"{metric}@{found.k}"] for metric in metrics),
            (offered := one.means["offered"]) and offered.value,
        )
        for name, one in numbered
    ]
    note = (
        "Means over people of what was held out, with 95 % bootstrap intervals. With one held-out item a person, HR is "
        "Recall and MRR is MAP. Offered: the share of held-out items that stood among the candidates, which no order "
        "of them can exceed. The ranker's own order needs no language model."
    )
    return Table("Accuracy", ["run", "people", *names, "offered"], rows, note)


def _against_ranker(found: Comparison) -> list[Table]:
    if not found.against_ranker:
        return []
    rows = [
        (
            f"{one.first + 1}. {found.runs[one.first].name}",
            found.rankers[one.second].means[found.primary],
            *one.test.cells,
        )
        for one in found.against_ranker
    ]
    note = (
        f"What the language model adds to the order in which its candidates came: the run's {found.primary} minus the "
        "ranker's, over the same people, with 95 % intervals of a paired bootstrap. p is of a sign-flip permutation "
        f"test, corrected by Holm's method for all {len(rows)} tests of this table."
    )
    columns = ["run", "ranker's order", *TEST_COLUMNS]
    return [Table(f"Against the ranker's order: {found.primary}", columns, rows, note)]


def _matrix(found: Comparison) -> list[Table]:
    if not found.pairs:
        return []
    cells = {
        (one.second, one.first): signed(-one.test.difference).replace("0.", ".") + ("*" if one.test.holds else "")
        for one in found.pairs
    }
    columns = range(len(found.runs) - 1)
    rows = [
        (f"{row + 1}. {found.runs[row].name}", *(cells.get((row, column), "") for column in columns))
        for row in range(1, len(found.runs))
    ]
    note = (
        f"The row's {found.primary} minus the column's, over the same people. * holds at .05 after Holm's correction "
        f"over all {len(found.pairs)} comparisons (sign-flip permutation tests); without it, chance may be all there "
        "is. pairs.csv has each difference with its interval and its p-values."
    )
    names = (str(column + 1) for column in columns)
    return [Table(f"Who beats whom: {found.primary}", ["run", *names], rows, note)]


def _honesty(found: Comparison) -> Table:
    rows = [(one.name, one.answered, *(one.means[metric] for metric in HONESTY)) for one in found.runs]
    note = (
        "Shares, with 95 % intervals; Wilson's where all answers are alike. Invalid JSON: the answer is not of the "
        "schema's shape, most often because it was cut off. Outside: of the named items, those that were no "
        "candidates. Repeated: those that were named before; a repeat is left out, and the list is shorter. "
        "Unsupported: reasons that claim what neither the item's facts nor the shown choices say, where a prompt asks "
        "for a reason. Keeps the order: answers that repeat the candidates in the order in which they were shown, and "
        "so rank nothing."
    )
    return Table("Answers that hold", ["run", "answers", *HONESTY], rows, note)


def _beyond(found: Comparison) -> Table:
    rows = [
        (one.name, *(one.means[metric] for metric in BEYOND), one.lists["coverage"], one.lists["Gini"])
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


def _cost(found: Comparison) -> Table:
    rows = []
    for one in found.runs:
        read, written = tokens(one)
        percentiles = [one.lists[f"seconds p{percent}"] for percent in (50, 95, 99)]
        price = [cost(found.prices, read, written)] if found.prices else []
        rows.append((one.name, one.answered, read, written, *percentiles, *price))
    columns = ["run", "answers", "tokens read", "tokens written", "seconds p50", "p95", "p99"]
    read, written = (sum(tokens(one)[side] for one in found.runs) for side in (0, 1))
    paid = f", {cost(found.prices, read, written):,.4g} to pay" if found.prices else ""
    note = (
        f"All together: {read:,} tokens read and {written:,} written{paid}. Seconds are of one answer while others "
        "were generated: they say more about how many were asked at once than about the prompt."
    )
    return Table("Cost", [*columns, *(["cost"] if found.prices else [])], rows, note)


def _groups(found: Comparison) -> list[Table]:
    rows = []
    for run, measured in zip(found.plan.runs, found.runs, strict=True):
        users, values = run.people.artifacts.users, measured.people[found.primary]
        asked = [person.user_id for person in run.people.asked]
        known = np.flatnonzero(np.isfinite(values))
        for column in [name for name in GROUP_COLUMNS if name in users.columns]:
            groups = groups_of(users, column, asked).take(known)
            if len(groups.measured) > 1:
                one = gap(groups, values[known], found.seed)
                rows.append((measured.name, column, groups.farthest(values[known]), one.interval, one.by_chance, one.p))
    if not rows:
        return []
    corrected = holm([float(row[-1]) for row in rows]).tolist()
    note = (
        "The largest gap between two groups of 30 people or more, which resampling makes larger: brackets may lie "
        "above it. By chance: the mean for groups of the same sizes drawn at random; a gap of that size says nothing. "
        "Holm's correction is over all rows."
    )
    columns = ["run", "column", "groups", "gap", "by chance", "p (Holm)"]
    rows_shown = [(*row[:-1], p) for row, p in zip(rows, corrected, strict=True)]
    return [Table(f"Gaps between groups: {found.primary}", columns, rows_shown, note)]


def _examples(found: Comparison) -> Table:
    rows = [
        (name, answer.user_id, shortened(answer.text, _LONGEST_EXAMPLE), answer.finish)
        for name, answer in found.examples
    ]
    note = "An answer of each run as it came. All of them, with their candidates, stand in answers.jsonl."
    return Table("Raw answers", ["run", "person", "answer", "ended by"], rows, note)


def _templates(found: Comparison) -> Table:
    templates = {run.template.name: run.template for run in found.plan.runs}
    rows = [
        (name, str(one.header.form), one.header.soft, one.header.answer, one.digest) for name, one in templates.items()
    ]
    return Table("Templates", ["template", "form", "soft tokens", "answer", "hash"], rows)


def _starts(found: Comparison) -> list[Table]:
    if not found.starts:
        return []
    several = len({one.command for one in found.starts}) > 1  # else the report's own says it
    rows = [
        (
            f"{one.started:%Y-%m-%d %H:%M} UTC",
            short_code(one.code),
            one.earlier,
            one.questions,
            one.prompt_tokens,
            one.most_completion_tokens,
            *([one.command] if several else []),
        )
        for one in found.starts
    ]
    columns = ["started", "code", "answers before", "questions", "tokens to read", "to write, at most"]
    note = "A run that was cut off is started again and asks what is left. Tokens as they were estimated at the start."
    return [Table("Starts", [*columns, *(["command"] if several else [])], rows, note)]
