"""Lines that outlive a kill."""

from pathlib import Path

import pytest

from core.errors import InputError
from evaluation.resumed import resumed


def _write(out: Path, inputs: dict[str, str], lines: list[bytes], *, killed: bool = False) -> int:
    with resumed(out, inputs) as (file, done):
        file.writelines(lines[done:])
        if killed:
            raise KeyboardInterrupt
    return done


def test_what_was_written_stays_and_a_torn_line_is_cut(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with pytest.raises(KeyboardInterrupt):
        _write(out, {"of": "a"}, [b"1\n", b"2\n", b"3, torn"], killed=True)

    assert not out.exists()
    assert _write(out, {"of": "a"}, [b"1\n", b"2\n", b"3\n"]) == 2
    assert out.read_bytes() == b"1\n2\n3\n"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_other_inputs_start_anew(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _write(tmp_path / "out", {"of": "a"}, [b"1\n"], killed=True)

    assert _write(tmp_path / "out", {"of": "b"}, [b"9\n"]) == 0
    assert (tmp_path / "out").read_bytes() == b"9\n"


def test_a_folder_and_a_full_disk_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        _write(tmp_path, {}, [])
    with pytest.raises(InputError, match=r"can't be written to \(no space left on device\)"):
        _full(tmp_path / "out")
    assert (tmp_path / "out.part").is_file()


def _full(out: Path) -> None:
    with resumed(out, {}), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"1\n")
