"""Results by key that outlive a kill."""

import resource
from pathlib import Path

import pytest

from core.errors import InputError
from evaluation.kept import Kept

OF = {"seed": 1, "depths": (1, 2)}
# As every version has written it.
FILE = (
    '{"identity": {"seed": 1, "depths": [1, 2]}}\n{"key": "a", "result": {"ndcg": 0.25}}\n{"key": "b", "result": "é"}\n'
)


def _write(folder: Path, content: bytes) -> Path:
    path = folder / "depths.jsonl"
    path.write_bytes(content)
    return path


def test_results_are_kept_and_found_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "new", "depths", OF)
    kept["1"] = {"ndcg": 0.25, "title": "a\u2028b"}
    again = Kept(tmp_path / "new", "depths", OF)

    assert ("1" in again, "2" in again, len(again)) == (True, False, 1)
    assert again["1"] == {"ndcg": 0.25, "title": "a\u2028b"}


def test_the_format_of_the_file(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "depths", OF)
    kept["a"], kept["b"] = {"ndcg": 0.25}, "é"
    assert (tmp_path / "depths.jsonl").read_text(encoding="utf-8") == FILE


@pytest.mark.parametrize("end", range(len(FILE.encode()) + 1))
def test_a_kill_in_the_middle_of_a_line_loses_that_line_only(tmp_path: Path, end: int) -> None:
    content = FILE.encode()
    path = _write(tmp_path, content[:end])
    whole = content[:end].count(b"\n")
    kept = Kept(tmp_path, "depths", OF)
    assert ("a" in kept, "b" in kept) == (whole >= 2, whole >= 3)
    for key, result in (("a", {"ndcg": 0.25}), ("b", "é")):
        if key not in kept:
            kept[key] = result
    assert path.read_bytes() == content


def test_a_broken_line_in_the_middle_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    first, second, third = FILE.splitlines(keepends=True)
    for broken in (second[:9] + third, '{"key": "a"}\n', "5\n", "\n"):
        text = first + broken + third
        path = _write(tmp_path, text.encode())
        with pytest.raises(InputError, match=r"depths\.jsonl, line 2 is no result of this version\. Delete the line"):
            Kept(tmp_path, "depths", OF)
        assert path.read_bytes() == text.encode()


def test_results_of_two_runs_are_never_mixed(tmp_path: Path) -> None:
    Kept(tmp_path, "depths", {"seed": 1})["1"] = 1
    with pytest.raises(InputError, match="other settings or other data"):
        Kept(tmp_path, "depths", {"seed": 2})


def test_what_can_not_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "depths.jsonl").mkdir()
    with pytest.raises(InputError, match=r"depths\.jsonl can't be written to \(is a directory\)\. Mend that"):
        Kept(tmp_path, "depths", OF)


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "depths", OF)
    kept["a"] = {"ndcg": 0.25}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(FILE.encode()) - 5, limits[1]))
    try:
        with pytest.raises(InputError, match=r"can't be written to \(file too large\)\. Mend that"):
            kept["b"] = "é"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again = Kept(tmp_path, "depths", OF)
    assert ("a" in again, "b" in again) == (True, False)
    again["b"] = "é"
    assert (tmp_path / "depths.jsonl").read_text(encoding="utf-8") == FILE
