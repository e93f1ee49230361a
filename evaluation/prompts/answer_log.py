"""Every raw answer in one file of JSON lines, on disk as soon as it is there.

A line is whole or it is not there: the end of a line that a kill or a full disk tore off is cut when the file is opened
again. Only 64-bit keys are held, so that memory doesn't grow with the answers.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from core.errors import InputError
from core.values import Value
from evaluation.resumed import keep_whole_lines

FILE = "answers.jsonl"
Keys = npt.NDArray[np.uint64]


class RawAnswer(Value):
    """An answer with all that it was asked for."""

    key: str  # of the prompt: see `evaluation.prompts.plan`
    catalog: str
    template: str  # with its version
    template_digest: str
    variant: str
    model: str
    user_id: str
    prompt: str  # its hash
    candidates: tuple[str, ...]  # item ids in the order of their labels
    text: str
    finish: str  # why it ended: "stop", or "length" where it was cut
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    attempts: int = 1


def short(key: str) -> int:
    """The first 64 bits of a key in hexadecimal."""
    return int(key[:16], 16)


class AnswerLog:
    """Appends answers, and gives back those that are there. One process may append at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._file: BinaryIO | None = None
        self.written = 0

    def open(self) -> Keys:
        """Cut off a torn line; gives the keys of the answers that are there, sorted.

        Raises InputError where another run has the file open or it can't be written.
        """
        import fcntl

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab+")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            keep_whole_lines(self._file)
        except BlockingIOError as error:
            self.close()
            raise InputError(
                f"Another run writes to {self.path}.", mend="Wait for it, or name another folder."
            ) from error
        except OSError as error:
            raise self._cannot(error) from error
        return np.unique(np.fromiter((short(answer.key) for answer in self), dtype=np.uint64))

    @property
    def kept(self) -> str:
        """What this run has got, for who has to start it again."""
        return f"{self.written:,} answers of this run are kept in {self.path}; the same command goes on after them."

    def close(self) -> None:
        """Let another run have the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[RawAnswer]:
        """The answers, in the order in which they came."""
        if not self.path.is_file():
            return
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield RawAnswer.model_validate_json(line)
                except ValidationError as error:
                    cause = f"{self.path}, line {number} is no answer of this version."
                    raise InputError(cause, mend="Delete the line, or name another folder with --report.") from error

    def append(self, answers: list[RawAnswer]) -> None:
        """Write answers; they are on disk when this returns. Raises InputError where they can't be written."""
        if self._file is None:
            raise ValueError("the log is not open")
        text = "".join(json.dumps(_as_json(answer), ensure_ascii=False) + "\n" for answer in answers)
        try:
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            self._drop_unwritten()
            raise self._cannot(error) from error
        self.written += len(answers)

    async def append_all(self, arriving: "asyncio.Queue[RawAnswer | None]") -> None:
        """Write what arrives until None does; what came together is written together, so no answer waits for a disk."""
        ended = False
        while not ended:
            batch = [await arriving.get()]
            while not arriving.empty():
                batch.append(arriving.get_nowait())
            ended = None in batch
            if answers := [answer for answer in batch if answer is not None]:
                await asyncio.to_thread(self.append, answers)

    def _drop_unwritten(self) -> None:
        """Closing would try to write what is buffered once more."""
        if self._file is not None:
            raw = self._file.raw  # type: ignore[attr-defined]  # of a buffered file
            raw.close()
            self._file = None

    def _cannot(self, error: OSError) -> InputError:
        cause = f"{self.path} can't be written to ({(error.strerror or str(error)).lower()})."
        return InputError(cause, mend="Mend that and run the same command again: what was answered is kept.")


def _as_json(answer: RawAnswer) -> dict[str, Any]:
    return answer.model_dump(mode="json")
