"""Earlier reports side by side."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.errors import InputError
from evaluation.report.compare import compare
from evaluation.report.folder import write_report
from evaluation.report.people import people_frame, read_people, write_people
from evaluation.statistics import holm, paired_test
from tests.evaluation.report.examples import PROVENANCE, TABLE, example


def _values(shift: float, people: int = 40) -> pl.DataFrame:
    steady = [float(person % 3) for person in range(people)]
    return pl.DataFrame(
        [
            {"user_id": str(person), "run": run, "metric": "NDCG@10", "value": value + (shift if run == "ours" else 0)}
            for run in ("ours", "popularity")
            for person, value in enumerate(steady)
        ]
    )


def _write(folder: Path, shift: float, **changes: object) -> Path:
    write_report(example(settings={"k": 10, "shift": shift}, plots=(), **changes), folder)
    write_people(_values(shift), folder)
    return folder


def test_rows_about_the_same_thing_stand_together(tmp_path: Path) -> None:
    report = compare([_write(tmp_path / "a", 0), _write(tmp_path / "b", 1)])
    rows = report.table(TABLE.title).rows

    assert [row[1] for row in rows] == ["a", "b", "a", "b"]
    assert rows[0][0] == rows[1][0] == "ours"


def test_only_settings_that_differ_are_shown(tmp_path: Path) -> None:
    report = compare([_write(tmp_path / "a", 0), _write(tmp_path / "b", 1)])

    assert report.table("Settings that differ").rows == (("shift", "0", "1"),)


def test_pairs_of_people_are_tested_and_corrected(tmp_path: Path) -> None:
    report = compare([_write(tmp_path / "a", 0.5), _write(tmp_path / "b", 0)], seed=4)
    frame = report.table("Paired tests").frame()
    direct = paired_test(_values(0.5)["value"][:40], _values(0)["value"][:40], seed=4)

    assert frame["of"].to_list() == ["ours", "popularity"]
    assert frame["difference"].to_list() == [0.5, 0.0]
    assert frame["p (Holm)"].to_list() == pytest.approx(holm([direct.p, 1.0]).tolist())
    assert frame["holds at .05"].to_list() == [True, False]
    assert "Of 2 paired comparisons, 1 hold" in report.answer


def test_runs_of_other_data_are_not_paired(tmp_path: Path) -> None:
    other = PROVENANCE.model_copy(update={"data_hash": "0" * 64})
    report = compare([_write(tmp_path / "a", 0), _write(tmp_path / "b", 1, provenance=other)])

    assert "Paired tests" not in [table.title for table in report.tables]
    assert "not all of the same data" in report.answer
    assert "no difference here has been tested" in report.answer


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "x" / "run", 0), _write(tmp_path / "y" / "run", 1)

    assert compare([first, second]).table("Runs").frame()["run"].to_list() == [str(first), str(second)]
    with pytest.raises(InputError, match="named twice"):
        compare([first, first])
    with pytest.raises(InputError, match="two reports"):
        compare([first])


def test_people_without_a_value_are_left_out() -> None:
    frame = people_frame(["ann", "bob"], {("ours", "NDCG"): [0.5, np.nan], ("ours", "HR"): np.array([True, False])})
    assert frame.rows() == [("ann", "ours", "NDCG", 0.5), ("ann", "ours", "HR", 1.0), ("bob", "ours", "HR", 0.0)]


def test_values_of_people_are_checked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file can't be written to \(file exists\)"):
        write_people(_values(0), tmp_path / "file")
    assert read_people(tmp_path).is_empty()
    with pytest.raises(InputError, match="no metric"):
        write_people(_values(0).drop("metric"), tmp_path)
    with pytest.raises(InputError, match="two values"):
        write_people(pl.concat([_values(0), _values(1)]), tmp_path)
    write_people(_values(0), tmp_path)
    assert read_people(tmp_path).equals(_values(0))
    (tmp_path / "people.jsonl").write_text('{"user_id": ')
    with pytest.raises(InputError, match="can't be read"):
        read_people(tmp_path)
