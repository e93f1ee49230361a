"""What an experiment has computed so far, as JSON lines: a killed run goes on where it was."""

import json
from pathlib import Path
from typing import Any

from core.errors import InputError

Identity = dict[str, Any]


class Kept:
    """Results by key in FOLDER/NAME.jsonl. Its first line says what they were computed from.

    `identity` must hold everything that results depend on: the data's hash, people, seed, options. Raises InputError
    where the file holds results of something else, so that two runs are never mixed.
    """

    def __init__(self, folder: Path, name: str, identity: Identity) -> None:
        self._path = folder / f"{name}.jsonl"
        self._results: dict[str, Any] = {}
        lines = self._whole_lines()
        if not lines:
            self._write({"identity": identity}, mode="w")
        elif lines[0].get("identity") != _as_json(identity):
            raise InputError(
                f"{self._path} holds results of other settings or other data.",
                mend="Name another folder with --report, or delete this file.",
            )
        else:
            self._results = {line["key"]: line["result"] for line in lines[1:]}
            # A last line that was cut off is written over.
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            self._replace(text)

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, key: str) -> Any:
        return self._results[key]

    def __setitem__(self, key: str, result: Any) -> None:
        """Keep a result, which must be JSON; it is on disk when this returns."""
        self._write({"key": key, "result": result}, mode="a")
        self._results[key] = _as_json(result)

    def _whole_lines(self) -> list[dict[str, Any]]:
        if not self._path.is_file():
            return []
        lines = []
        for line in filter(None, self._path.read_text(encoding="utf-8", errors="replace").split("\n")):
            try:
                lines.append(json.loads(line))
            except ValueError:
                break  # the end of a line is missing where the run was killed: it and what follows is not known
        return lines

    def _write(self, line: dict[str, Any], mode: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            cause = f"{self._path} can't be written to ({(error.strerror or str(error)).lower()})."
            raise InputError(cause, mend="Free some space; what was computed until now is kept.") from error

    def _replace(self, text: str) -> None:
        from server.atomic import replacing

        with replacing(self._path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")


def _as_json(value: Any) -> Any:
    """A value as it comes back from a file: tuples are lists, keys are text."""
    return json.loads(json.dumps(value))
