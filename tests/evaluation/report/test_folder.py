"""Reports as folders: what is in them, what survives, and what is said when they can't be written or read."""

import errno
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from core.errors import InputError
from evaluation.report.folder import read_report, slug, write_report
from tests.evaluation.report.examples import TABLE, example


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = example()
    write_report(report, tmp_path / "new" / "folder")

    assert read_report(tmp_path / "new" / "folder") == report


def test_tables_are_csv_and_plots_are_drawings_of_their_own(tmp_path: Path) -> None:
    write_report(example(), tmp_path)

    table = pl.read_csv(tmp_path / "tables" / "01-accuracy-by-model.csv")
    assert table["NDCG@10 high"].to_list() == [0.3, 0.15]
    drawings = sorted((tmp_path / "plots").glob("*.svg"))
    assert [path.name for path in drawings] == ["01-plain.svg", "02-plain.svg", "03-plain.svg"]
    assert all(ElementTree.parse(path).getroot().tag.endswith("svg") for path in drawings)


def test_a_second_report_leaves_no_table_of_the_first_and_every_other_file(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text("{}\n")
    write_report(example(), tmp_path)
    write_report(example(tables=(TABLE.model_copy(update={"title": "Other"}),)), tmp_path)

    assert [path.name for path in (tmp_path / "tables").glob("*.csv")] == ["01-other.csv"]
    assert (tmp_path / "answers.jsonl").read_text() == "{}\n"


def test_a_full_disk_is_one_line_and_the_old_report_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(example("first"), tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InputError, match="no space left on device"):
        write_report(example("second"), tmp_path)
    monkeypatch.undo()
    assert read_report(tmp_path).title == "first"
    assert not list(tmp_path.rglob(".unfinished*"))


def test_a_folder_without_a_report_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no report in"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_text('{"title": 1')
    with pytest.raises(InputError, match="can't be read"):
        read_report(tmp_path)


@pytest.mark.parametrize(
    ("title", "name"), [("NDCG@10, by Gruppe Ä", "ndcg-10-by-gruppe-a"), ("../../etc", "etc"), ("漢字", "untitled")]
)
def test_titles_become_safe_names(title: str, name: str) -> None:
    assert slug(title) == name
