"""What is written is there as a whole, and takes nobody else's place."""

import os
from pathlib import Path

import pytest

from core.errors import InputError
from server.atomic import MARK, replacing


def write_folder(path: Path, text: str, *, own: bool = False) -> None:
    with replacing(path, own=own) as unfinished:
        unfinished.mkdir()
        (unfinished / "a.txt").write_text(text)


def write_file(path: Path, text: str) -> None:
    with replacing(path) as unfinished:
        unfinished.write_text(text)


def test_a_folder_that_was_written_here_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "made"
    write_folder(path, "first")
    (path / "later.txt").touch()
    write_folder(path, "second")
    assert {file.name for file in path.iterdir()} == {"a.txt", MARK}
    assert (path / "a.txt").read_text() == "second"


def test_an_empty_folder_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    write_folder(tmp_path / "made", "first")
    assert (tmp_path / "made" / "a.txt").read_text() == "first"


def test_a_strangers_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(b"1")
    with pytest.raises(InputError, match=r"photos is a folder that this program did not write. Move it away"):
        write_folder(tmp_path / "photos", "first")
    with pytest.raises(InputError, match="did not write"), replacing(tmp_path / "photos"):
        pytest.fail("it was to be refused before")
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["1.jpg"]
    write_folder(tmp_path / "photos", "second", own=True)  # the caller knows better
    assert not (tmp_path / "photos" / "1.jpg").exists()


def test_a_file_takes_no_folders_place(tmp_path: Path) -> None:
    write_folder(tmp_path / "made", "first")
    with pytest.raises(InputError, match=r"made is a folder, and a file is to be written. Name a file."):
        write_file(tmp_path / "made", "a file")
    assert (tmp_path / "made" / "a.txt").read_text() == "first"
    write_file(tmp_path / "file", "first")
    write_file(tmp_path / "file", "second")
    assert (tmp_path / "file").read_text() == "second"


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "made"
    write_folder(path, "first")
    with pytest.raises(TypeError):
        write_folder(path, None)  # type: ignore[arg-type]
    assert (path / "a.txt").read_text() == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["made"]


def test_a_kill_between_the_two_renames_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "made"
    write_folder(path, "first")
    rename = os.replace

    def killed_before(source: Path, target: Path) -> None:
        if target == path:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr("server.atomic.os.replace", killed_before)
    with pytest.raises(KeyboardInterrupt):
        write_folder(path, "second")
    monkeypatch.undo()
    assert not path.exists()
    with replacing(path):
        assert (path / "a.txt").read_text() == "first"  # what was learned there can be taken over
        (tmp_path / ".unfinished-made").mkdir()
    assert list(tmp_path.iterdir()) == [path]
