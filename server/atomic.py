"""Files and folders that are either there as a whole or not at all, and that never take the place of a stranger's."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import InputError

# An empty file in every folder that `replacing` made: such a folder may be replaced.
MARK = ".written-by-tastemaker"


@contextmanager
def replacing(path: Path, *, own: bool = False) -> Iterator[Path]:
    """A path to write a file or folder to, which takes the place of `path` when the block ends without an error.

    It has the same suffix and stands beside `path`. What an earlier, killed run left there is removed. A folder at
    `path` is replaced only by another one, and only if it is empty, if this function made it, or if the caller knows
    that it is its `own`; else InputError is raised, and nothing is lost.
    """
    unfinished, former = (path.with_name(f".{word}-{path.name}") for word in ("unfinished", "former"))
    if former.exists() and not path.exists():
        os.replace(former, path)  # noqa: PTH105 - killed between the two renames below
    if not own:
        _refuse_foreign(path)
    remove(unfinished)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield unfinished
        if unfinished.is_dir():
            (unfinished / MARK).touch()
        if path.is_dir():  # a folder can't be replaced by another in one step
            if not unfinished.is_dir():
                raise InputError(f"{path} is a folder, and a file is to be written.", mend="Name a file.")
            remove(former)
            os.replace(path, former)  # noqa: PTH105
        os.replace(unfinished, path)  # noqa: PTH105 - the name says what it does to an existing file
        remove(former)
    finally:
        remove(unfinished)


def _refuse_foreign(path: Path) -> None:
    """Before any work is done."""
    if path.is_dir() and not (path / MARK).exists() and any(path.iterdir()):
        cause = f"{path} is a folder that this program did not write."
        raise InputError(cause, mend="Move it away, or name another place.")


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
