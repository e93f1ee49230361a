"""What holds for the repository as a whole."""

import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]
MAX_BYTES = 1_000_000


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_the_one_of_this_checkout(package: str) -> None:
    """The names are common ones: another distribution's `server` or `index` must not shadow ours."""
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).parent == ROOT / package


def test_the_readme_names_every_package() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(PACKAGES) <= set(re.findall(r"^\| `(\w+)` \|", readme, flags=re.MULTILINE))


def test_locks_hold_names_and_versions_only() -> None:
    for lock in ("cpu.txt", "gpu.txt"):
        for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[a-z0-9-]+==[\w.]+(\s*;.*)?", line), line


def test_no_file_is_large() -> None:
    assert [path for path in tracked() if path.stat().st_size > MAX_BYTES] == []


def test_both_extras_have_the_same_vllm() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    versions = {name.split("==")[1] for extra in ("cpu", "gpu") for name in extras[extra] if name.startswith("vllm")}
    assert len(versions) == 1
