"""Files and folders that are either there as a whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write a file or folder to, which takes the place of `path` when the block ends without an error.

    It has the same suffix and stands beside `path`. What an earlier, killed run left there is removed.
    """
    unfinished = path.with_name(f".unfinished-{path.name}")
    remove(unfinished)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield unfinished
        if path.is_dir():  # a folder can't be replaced by another in one step
            shutil.rmtree(path)
        os.replace(unfinished, path)  # noqa: PTH105 - the name says what it does to an existing file
    finally:
        remove(unfinished)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
