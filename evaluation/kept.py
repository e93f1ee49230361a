"""What a run has computed so far, by key, as JSON lines: a killed run goes on where it was."""

import json
from pathlib import Path
from typing import Any

from core.errors import InputError
from evaluation.resumed import append_line, keep_whole_lines

Identity = dict[str, Any]


class Kept:
    """Results by key in FOLDER/NAME.jsonl. Its first line says what they were computed from.

    `identity` must hold everything that results depend on: the data's hash, people, seed, options. Raises InputError
    where the file holds results of something else, so that two runs are never mixed, and where it can't be written.
    """

    def __init__(self, folder: Path, name: str, identity: Identity) -> None:
        self._path = folder / f"{name}.jsonl"
        lines = self._whole_lines()
        if not lines:
            self._append({"identity": identity})
        elif self._read(1, lines[0]).get("identity") != _as_json(identity):
            raise InputError(
                f"{self._path} holds results of other settings or other data.",
                mend="Name another folder with --report, or delete this file.",
            )
        kept = (self._read(number, line, "key", "result") for number, line in enumerate(lines[1:], start=2))
        self._results: dict[str, Any] = {line["key"]: line["result"] for line in kept}

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, key: str) -> Any:
        return self._results[key]

    def __setitem__(self, key: str, result: Any) -> None:
        """Keep a result, which must be JSON; it is on disk when this returns."""
        self._append({"key": key, "result": result})
        self._results[key] = _as_json(result)

    def _whole_lines(self) -> list[bytes]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+") as file:
                keep_whole_lines(file)
                file.seek(0)
                return file.readlines()
        except OSError as error:
            raise self._cannot(error) from error

    def _read(self, number: int, line: bytes, *fields: str) -> dict[str, Any]:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not (isinstance(value, dict) and all(field in value for field in fields)):
            mend = "Delete the line, or name another folder with --report."
            raise InputError(f"{self._path}, line {number} is no result of this version.", mend=mend)
        return value

    def _append(self, line: dict[str, Any]) -> None:
        try:
            append_line(self._path, line)
        except OSError as error:
            raise self._cannot(error) from error

    def _cannot(self, error: OSError) -> InputError:
        cause = f"{self._path} can't be written to ({(error.strerror or str(error)).lower()})."
        return InputError(cause, mend="Mend that and run the same command again: what was computed is kept.")


def _as_json(value: Any) -> Any:
    """A value as it comes back from a file: tuples are lists, keys are text."""
    return json.loads(json.dumps(value))
