"""Every raw answer in one file of JSON lines, on disk as soon as it is there.

A line is whole or it is not there: the end of a line that a kill or a full disk tore off is cut when the file is opened
again. Only keys are held: with the questions', about 400 bytes an answer, 80 MB for 200,000.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from core.errors import InputError
from core.values import Value
from evaluation.resumed import append_lines, keep_whole_lines, writing

FILE = "answers.jsonl"


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


class AnswerLog:
    """Appends answers, and gives back those that are there. One process may append at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock: BinaryIO | None = None  # the file, held open
        self.written = 0

    def open(self) -> set[str]:
        """Cut off a torn line; gives the keys of the answers that are there.

        Raises InputError where another run has the file open or it can't be written.
        """
        import fcntl

        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = self.path.open("ab+")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                self.close()
                cause = f"Another run writes to {self.path}."
                raise InputError(cause, mend="Wait for it, or name another folder.") from error
            keep_whole_lines(self._lock)
        return {answer.key for answer in self}

    @property
    def kept(self) -> str:
        """What this run has got, for who has to start it again."""
        return f"{self.written:,} answers of this run are kept in {self.path}; the same command goes on after them."

    def close(self) -> None:
        """Let another run have the file."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

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
        if self._lock is None:
            raise ValueError("the log is not open")
        append_lines(self.path, (answer.model_dump(mode="json") for answer in answers))
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
