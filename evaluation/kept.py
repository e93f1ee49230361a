"""What a run has computed so far, as JSON lines behind one that says what of: a killed run goes on where it was."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import InputError
from evaluation.resumed import append_lines, keep_whole_lines, writing

Identity = Mapping[str, Any]


class IdentifiedLines:
    """A file of JSON lines whose first one is its identity. A line is whole or it is not there.

    `identity` must hold everything that the lines depend on: the data's hash, people, seed, options. Raises InputError
    where the file holds lines of something else, so that two runs are never mixed, and where it can't be written.
    """

    def __init__(self, path: Path, identity: Identity, holds: str) -> None:
        """`holds`: what the lines are, in the plural, as errors call them."""
        self.path, self._holds = path, holds
        wanted = {"identity": as_json(identity)}
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as file:
                is_new = not keep_whole_lines(file)
        if is_new:
            self.append(wanted)
        elif self._read(1, self._first()).get("identity") != wanted["identity"]:
            raise InputError(
                f"{path} holds {holds} of other settings or other data.",
                mend="Name another folder with --report, or delete this file.",
            )

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The lines behind the first one with their numbers, one at a time from the file."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number > 1:
                    yield number, self._read(number, line)

    def append(self, line: Mapping[str, Any]) -> None:
        """Write a line; it is on disk when this returns."""
        append_lines(self.path, [line])

    def broken(self, number: int) -> InputError:
        """What to say of a line that this version can't read."""
        cause = f"{self.path}, line {number} is no {self._holds.removesuffix('s')} of this version."
        return InputError(cause, mend="Delete the line, or name another folder with --report.")

    def _first(self) -> bytes:
        with self.path.open("rb") as file:
            return file.readline()

    def _read(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self.broken(number)
        return value


class Kept:
    """Results by key in FOLDER/NAME.jsonl; errors are those of `IdentifiedLines`."""

    def __init__(self, folder: Path, name: str, identity: Identity) -> None:
        self._lines = IdentifiedLines(folder / f"{name}.jsonl", identity, "results")
        self._results: dict[str, Any] = {}
        for number, line in self._lines:
            if not line.keys() >= {"key", "result"}:
                raise self._lines.broken(number)
            self._results[line["key"]] = line["result"]

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, key: str) -> Any:
        return self._results[key]

    def __setitem__(self, key: str, result: Any) -> None:
        """Keep a result, which must be JSON; it is on disk when this returns."""
        self._lines.append({"key": key, "result": result})
        self._results[key] = as_json(result)


def as_json(value: Any) -> Any:
    """A value as it comes back from a file: tuples are lists, keys are text."""
    return json.loads(json.dumps(value))
