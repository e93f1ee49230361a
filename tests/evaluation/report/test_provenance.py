"""Where numbers come from."""

import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from evaluation.report.provenance import Provenance, code_version, command_line


def _git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_code_is_a_commit_and_says_when_files_differ_from_it(tmp_path: Path) -> None:
    _git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-m", "one")
    commit = _git(tmp_path, "rev-parse", "HEAD")

    assert code_version(tmp_path) == commit
    (tmp_path / "code.py").write_text("2")
    assert code_version(tmp_path) == f"{commit} + changes"


def test_outside_git_code_is_the_package(tmp_path: Path) -> None:
    assert code_version(tmp_path) == f"tastemaker {version('tastemaker')}"


def test_a_git_that_takes_too_long_costs_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()

    def slow(command: list[str], **options: object) -> None:
        raise subprocess.TimeoutExpired(command, 30)

    monkeypatch.setattr(subprocess, "run", slow)
    assert code_version(tmp_path) == f"tastemaker {version('tastemaker')}"


def test_a_command_can_be_typed_again() -> None:
    assert command_line(["/somewhere/bin/tastemaker", "evaluate", "a b", "$x"]) == "tastemaker evaluate 'a b' '$x'"


def test_what_is_collected_is_of_this_run() -> None:
    found = Provenance.collect(started=datetime.now(UTC), data_hash="abc", seed=5)

    assert (found.data_hash, found.seed) == ("abc", 5)
    assert 0 <= found.seconds < 60
    assert found.packages["numpy"] == version("numpy")
