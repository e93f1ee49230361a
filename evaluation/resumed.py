"""Files of lines that outlive a kill: a line is there as a whole or not at all, and what is written stays."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
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
    if out.is_dir():
        raise InputError(f"{out} is a folder.", mend="Give --out a file.")
    with writing(out):
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


def append_lines(path: Path, values: Iterable[Any]) -> None:
    """Write values as lines of JSON at the file's end; they are on disk when this returns. Raises InputError."""
    with writing(path), path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def writing(
    path: Path, mend: str = "Mend that and run the same command again: what was computed is kept."
) -> Iterator[None]:
    """Turn what a disk does while `path` is written into an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path} can't be written to ({(error.strerror or str(error)).lower()}).", mend=mend
        ) from error
