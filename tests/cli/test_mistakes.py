"""What every command says of what can't be: one line, before anything is computed or lost."""

from pathlib import Path

import pytest

from cli.doctor import ALARM, Check, verdict
from cli.evaluate.outputs import check_out
from cli.evaluate.prompts import prompts
from cli.evaluate.unbiased import unbiased
from cli.recommend import recommend
from cli.train.adapter import train_adapter
from core.errors import InputError


def test_a_file_that_is_written_is_looked_at_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a folder"):
        check_out(tmp_path)
    with pytest.raises(InputError, match="file is no folder"):
        check_out(tmp_path / "file" / "deep" / "out")
    with pytest.raises(InputError, match="--out would overwrite --user-features"):
        check_out(tmp_path / "file", train=None, user_features=tmp_path / "new" / ".." / "file")
    check_out(tmp_path / "new" / "out", train=tmp_path / "file")


def test_a_folder_is_never_replaced_by_scores(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    with pytest.raises(InputError, match="is a folder"):
        unbiased(tmp_path / "train.csv", tmp_path / "test.csv", tmp_path / "out")
    assert (tmp_path / "out" / "mine").exists()


@pytest.mark.parametrize("prices", ["x", "1", "1,2,3", "nan,1", "1,inf", "-1,1"])
def test_prices_are_two_amounts(tmp_path: Path, prices: str) -> None:
    with pytest.raises(InputError, match="The prices can't be"):
        prompts(tmp_path / "report", prices=prices)
    assert not (tmp_path / "report").exists()


def test_a_history_of_commas_is_none() -> None:
    with pytest.raises(InputError, match="One of --history and --user is needed"):
        recommend(history=" ,,")


@pytest.mark.parametrize("name", ["../elsewhere", "a b", ".hidden", "a/b"])
def test_an_adapters_name_is_checked_before_it_is_trained(name: str) -> None:
    with pytest.raises(InputError, match="--out can't be"):
        train_adapter("nowhere", "", name)


def test_the_doctor_marks_an_alarm_that_is_no_fault() -> None:
    found = ((True, "48 GB free."), (True, f"{ALARM}one kind dominates."), (False, "It is missing."))
    assert [verdict(Check("disk", ok, text)) for ok, text in found] == ["ok  ", "look", "MEND"]
