"""Earlier reports side by side: what was run differently, every table they share, and paired tests over people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy.typing as npt
import polars as pl

from core.columns import USER_ID
from core.errors import InputError
from evaluation.report.folder import read_report
from evaluation.report.people import read_people
from evaluation.report.provenance import Provenance, short_code
from evaluation.report.report import Report
from evaluation.report.table import Cell, Table
from evaluation.statistics import TEST_COLUMNS, CorrectedTest, paired_tests

Compared = dict[tuple[str, str, str, str, int], CorrectedTest]  # by what, metric, first and second run, people


def compare(folders: Sequence[Path], seed: int = 0) -> Report:
    """A report over at least two reports' folders. Raises InputError for fewer, and for a folder without a report.

    Where values per person were kept (`people.write_people`) and both runs are of the same data, every pair of runs is
    tested over the people whom both have; the p-values are corrected for all these tests by Holm's method.
    """
    started = datetime.now(UTC)
    if len(folders) < 2:
        raise InputError("To compare, two reports are needed.", mend="Name at least two folders.")
    reports = {name: read_report(folder) for name, folder in _named(folders).items()}
    compared = _tests(reports, {name: read_people(folder) for name, folder in _named(folders).items()}, seed)
    differing, shared = _differences(reports), _shared_tables(reports)
    tables = [_runs(reports), *differing, *_test_table(compared), *shared]
    hashes = {report.provenance.data_hash for report in reports.values()}
    return Report(
        title="Comparison of " + ", ".join(reports),
        question="What do these runs have in common, and which of their differences are more than chance?",
        answer=_answer(reports, len(shared), compared),
        tables=tuple(tables),
        settings={name: str(folder) for name, folder in _named(folders).items()},
        provenance=Provenance.collect(started=started, data_hash=", ".join(sorted(hashes)), seed=seed),
    )


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by their own name where that tells them apart, else by their whole path."""
    counts = Counter(folder.resolve().name for folder in folders)
    named = {(f.resolve().name if counts[f.resolve().name] == 1 else str(f)): f for f in folders}
    if len(named) != len(folders):
        raise InputError("A folder is named twice.", mend="Name each report's folder once.")
    return named


def _runs(reports: Mapping[str, Report]) -> Table:
    rows = [
        (
            name,
            report.title,
            short_code(report.provenance.code),
            report.provenance.data_hash[:12],
            str(report.provenance.seed),
            report.provenance.started.strftime("%Y-%m-%d %H:%M"),
        )
        for name, report in reports.items()
    ]
    return Table("Runs", ["run", "report", "code", "data", "seed", "started (UTC)"], rows)


def _differences(reports: Mapping[str, Report]) -> list[Table]:
    """A table of the settings in which the runs differ; none where they agree in all."""
    names = dict.fromkeys(name for report in reports.values() for name in report.settings)
    rows = [
        (name, *values)
        for name in names
        if len(set(values := [_setting(report, name) for report in reports.values()])) > 1
    ]
    return [Table("Settings that differ", ["setting", *reports], rows)] if rows else []


def _setting(report: Report, name: str) -> str | None:
    return str(report.settings[name]) if name in report.settings else None


def _shared_tables(reports: Mapping[str, Report]) -> list[Table]:
    """Tables of the same title and columns in at least two reports; rows about the same thing stand together."""
    keys = Counter((table.title, table.columns) for report in reports.values() for table in report.tables)
    return [_together(title, columns, reports) for (title, columns), count in keys.items() if count > 1]


def _together(title: str, columns: tuple[str, ...], reports: Mapping[str, Report]) -> Table:
    rows: dict[tuple[Cell, int], list[tuple[Cell, ...]]] = {}
    for name, report in reports.items():
        for table in report.tables:
            if (table.title, table.columns) == (title, columns):
                seen: Counter[Cell] = Counter()
                for label, *cells in table.rows:
                    rows.setdefault((label, seen[label]), []).append((label, name, *cells))
                    seen[label] += 1
    return Table(title, [columns[0], "run", *columns[1:]], [row for group in rows.values() for row in group])


def _tests(reports: Mapping[str, Report], values: Mapping[str, pl.DataFrame], seed: int) -> Compared:
    tested: dict[tuple[str, str, str, str, int], tuple[npt.ArrayLike, npt.ArrayLike]] = {}
    for first, second in combinations(reports, 2):
        if reports[first].provenance.data_hash != reports[second].provenance.data_hash:
            continue  # the same id is another person there
        keys = [USER_ID, "run", "metric"]
        pairs = values[first].join(values[second], on=keys, suffix=" second").drop_nulls().sort(keys)
        for (run, metric), part in pairs.group_by("run", "metric", maintain_order=True):
            both = part["value"].to_numpy(), part["value second"].to_numpy()
            tested[str(run), str(metric), first, second, len(part)] = both
    return paired_tests(tested, seed)


def _test_table(compared: Compared) -> list[Table]:
    if not compared:
        return []
    rows = [
        (run, metric, f"{first} − {second}", people, *test.cells)
        for (run, metric, first, second, people), test in compared.items()
    ]
    columns = ["of", "metric", "runs", "people", *TEST_COLUMNS]
    note = (
        "Differences are means over the people of both runs, with 95 % intervals of a paired bootstrap. p is of a "
        f"sign-flip permutation test; Holm's correction is over the {len(compared)} tests of this table."
    )
    return [Table("Paired tests", columns, rows, note)]


def _answer(reports: Mapping[str, Report], shared: int, compared: Compared) -> str:
    tables = "one table" if shared == 1 else f"{shared or 'no'} tables"
    parts = [f"{len(reports)} runs are set side by side; they share {tables}."]
    if len({report.provenance.data_hash for report in reports.values()}) > 1:
        parts.append("They are not all of the same data, so a difference between them may be one of the data.")
    if len({report.provenance.code for report in reports.values()}) > 1:
        parts.append("They were made by different versions of the code.")
    if compared:
        holding = sum(test.holds for test in compared.values())
        parts.append(
            f"Of {len(compared)} paired comparisons, {holding} hold at the .05 level after Holm's correction; "
            "the others may be chance, which does not show that the runs are equal."
        )
    else:
        parts.append("No values per person that could be paired were kept, so no difference here has been tested.")
    return " ".join(parts)
