"""How a text table is written: its letters and what stands between its columns. Exports seldom say either."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import InputError

MAX_LINE_CHARS = 10_000_000

# Hears of something that was mended while reading: the line, and what it was.
Notice = Callable[[int, str], None]

_SEPARATORS = ",;\t|"
_TOLD_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # what Excel writes above a table
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# First bytes of files that are called .csv and are none.
_NO_TEXT = {
    b"PK\x03\x04": ("an Excel file or another archive", "Open it and save it as CSV (UTF-8)"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "Open it and save it as CSV (UTF-8)"),
    b"\x1f\x8b": ("compressed", "Unpack it"),
    b"%PDF": ("a PDF", "Give a table"),
}


class Notices:
    """Counts what was left out or mended in a file, with the first line where it happened."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._counts: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def add(self, line: int, what: str) -> None:
        self._counts[what] += 1
        self._first.setdefault(what, line)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each kind, in the order of the first ones."""
        return tuple(
            f"{self._file}, line {self._first[what]}: {what}"
            + (f" (and so on {count - 1:,} more lines)." if count > 1 else ".")
            for what, count in self._counts.items()
        )


def broken_line(path: Path, line: int, cause: str, mend: str) -> InputError:
    """An error that names a file and a line of it, counted from 1 (for Parquet: the row, counted from 1)."""
    return InputError(f"{path.name}, line {line}: {cause}.", mend=f"{mend}.")


def decoded_lines(path: Path, notice: Notice | None = None) -> Iterator[tuple[int, str]]:
    """Lines as text. A byte order mark, which spreadsheets write, is no part of the first line.

    Text is UTF-8 or, with its mark, UTF-16. With `notice`, a line that is neither is read as Windows-1252, which
    contains Latin-1 and is what Western spreadsheets and library systems write. Raises InputError for anything else.
    """
    with path.open("rb") as file:
        start = file.read(4)
        _refuse_other_files(path, start)
        if start[:2] in _UTF16_MARKS:
            yield from _utf16_lines(path)
            return
        file.seek(0)
        for number, line in enumerate(file, 1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                text = _western(path, number, line, error, notice)
            yield number, _short_enough(path, number, text)


def separator_of(path: Path) -> str:
    """The comma, semicolon, tab or bar that divides the first line into most columns; a comma where none does."""
    first = next((text for _, text in decoded_lines(path, lambda _, __: None) if text.strip()), "")
    if told := _TOLD_SEPARATOR.fullmatch(first):
        return told[1]
    return max(_SEPARATORS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def tells_separator(line: str) -> bool:
    """Whether a line holds no columns but Excel's "sep=;"."""
    return bool(_TOLD_SEPARATOR.fullmatch(line))


def _refuse_other_files(path: Path, start: bytes) -> None:
    for mark, (what, mend) in _NO_TEXT.items():
        if start.startswith(mark):
            raise InputError(f"{path.name} is {what}.", mend=f"{mend}.")


def _utf16_lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with path.open(encoding="utf-16", newline="\n") as file:
            for number, text in enumerate(file, 1):
                yield number, _short_enough(path, number, text)
    except UnicodeError as error:
        raise broken_line(path, number + 1, "it is not UTF-16", "Save the file as UTF-8") from error


def _western(path: Path, number: int, line: bytes, error: UnicodeDecodeError, notice: Notice | None) -> str:
    try:
        if notice is None or b"\0" in line:
            raise error
        text = line.decode("cp1252")
    except UnicodeDecodeError:
        cause = f"byte {error.start + 1} is not UTF-8"
        raise broken_line(path, number, cause, "Save the file as UTF-8") from error
    notice(number, "it is not UTF-8 and was read as Windows-1252; if letters are wrong, save the file as UTF-8")
    return text


def _short_enough(path: Path, number: int, text: str) -> str:
    if len(text) > MAX_LINE_CHARS:
        cause = f"it is longer than {MAX_LINE_CHARS:,} characters"
        raise broken_line(path, number, cause, "Shorten its fields")
    return text
