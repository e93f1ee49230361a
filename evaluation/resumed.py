"""Files of lines that outlive a kill: a line is there as a whole or not at all, and what is written stays."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import InputError


@contextmanager
def resumed(out: Path, inputs: Mapping[str, Any]) -> Iterator[tuple[BinaryIO, int]]:
    """A file to append lines to, and how many an earlier run left in it; it becomes `out` when the block has ended.

    Until then it is OUT.part, and OUT.part.json says what its lines are made from: of other `inputs` they are made
    anew. Raises InputError where `out` can't be written.
    """
    part = out.with_name(f"{out.name}.part")
    described = part.with_name(f"{part.name}.json")
    wanted = json.dumps(inputs)
    with clear_write_errors(out):
        part.parent.mkdir(parents=True, exist_ok=True)
        if not (described.is_file() and described.read_text(encoding="utf-8") == wanted):
            part.unlink(missing_ok=True)
            described.write_text(wanted, encoding="utf-8")
        with part.open("ab+") as file:
            yield file, keep_whole_lines(file)
        os.replace(part, out)  # noqa: PTH105 - the name says what it does to an existing file
        described.unlink()


def keep_whole_lines(file: BinaryIO) -> int:
    """Cut off a last line without its end, and go to the file's end; gives how many lines remain."""
    file.seek(0)
    count = end = 0
    for line in file:
        if line.endswith(b"\n"):
            count += 1
            end += len(line)
    file.truncate(end)
    file.seek(end)
    return count


def append_line(path: Path, value: Any) -> None:
    """Write a value as a line of JSON at the file's end; it is on disk when this returns. Raises OSError."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def clear_write_errors(out: Path) -> Iterator[None]:
    """Turn what a disk does into an InputError."""
    if out.is_dir():
        raise InputError(f"{out} is a folder.", mend="Give --out a file.")
    try:
        yield
    except OSError as error:
        cause = f"{out} can't be written ({error.strerror or error})."
        raise InputError(
            cause, mend="Mend that and run the same command again: it goes on where it stopped."
        ) from error
