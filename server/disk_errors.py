"""What a disk does to long jobs, as one line each."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import InputError

_MIN_FREE_BYTES = 1_000_000
_ELSEWHERE = "Set TASTEMAKER_ARTIFACTS to another folder."


@contextmanager
def clear_disk_errors(folder: Path) -> Iterator[None]:
    """Raise InputError for a disk that is full, or a folder that can't be written."""
    try:
        yield
    except OSError as error:
        raise _clear(folder, error) from error
    except Exception as error:  # FAISS and Polars report a full disk in errors of their own
        if folder.exists() and shutil.disk_usage(folder).free < _MIN_FREE_BYTES:
            raise _clear(folder, OSError(errno.ENOSPC, "")) from error
        raise


def _clear(folder: Path, error: OSError) -> InputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(error)
    if full:
        mend = "Free some space and run the same command again: it goes on where it stopped."
        return InputError(f"The disk is full at {folder}.", mend=mend)
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return InputError(f"{error.filename or folder} is not a folder.", mend=_ELSEWHERE)
    cause = f"{error.filename or folder} can't be written ({error.strerror or error})."
    return InputError(cause, mend="Check its permissions, or set TASTEMAKER_ARTIFACTS to another folder.")
