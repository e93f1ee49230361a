"""Steps of a long preparation, each done once for the same inputs, also over kills and restarts."""

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from server.atomic import replacing

if TYPE_CHECKING:
    from server.making.work import Work


def _always(_: "Work") -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """Makes one file or folder of an artifact folder."""

    name: str
    reads: tuple[str, ...]  # earlier steps, and sources (`Work.state`); a change of one of them makes it anew
    writes: str  # where, as `ArtifactLayout` calls it
    make: "Callable[[Work, Path], None]"  # writes to the path that it is given
    version: int = 1  # raised when it makes something else of the same inputs
    applies: "Callable[[Work], bool]" = _always  # whether the catalogue has what it is made of


class StepLedger:
    """Which steps are done, with their keys and the sizes of what they made, in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done = self._read()

    def is_done(self, name: str, key: str, output: Path) -> bool:
        """Whether the output is there, whole and made from the same inputs."""
        return self._done.get(name) == [key, _size(output)]

    @contextmanager
    def making(self, name: str, key: str, output: Path) -> Iterator[Path]:
        """Where to write a step's output; when the block ends without an error, it is done."""
        with replacing(output, own=name in self._done) as path:
            yield path
            self._done[name] = ["", -1]  # a kill between the two writes leaves no output under an earlier one's key
            self._write()
        self._done[name] = [key, _size(output)]
        self._write()

    def accept(self, name: str, output: Path) -> None:
        """Take what another command made of the same inputs as the step's output; nothing for a step never done."""
        if name in self._done:
            self._done[name] = [self._done[name][0], _size(output)]
            self._write()

    def _write(self) -> None:
        with replacing(self._path) as path:
            path.write_text(json.dumps(self._done, indent=1), encoding="utf-8")

    def _read(self) -> dict[str, list[str | int]]:
        try:
            done = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return done if isinstance(done, dict) else {}


def step_key(*parts: str | int) -> str:
    """A short hash of what a step depends on."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a folder for this process. Raises InputError when another holds it; a killed process lets go by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"Another prepare is writing to {folder}.", mend="Wait until it is done.") from error
        yield


def _size(path: Path) -> int:
    """Bytes of a file or of all files of a folder; -1 where there is nothing."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else -1
