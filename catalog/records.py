"""Tables as records with line numbers: JSON lines, CSV or Parquet. Knows nothing about what the columns mean."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.tables import Notice, broken_line, decoded_lines, separator_of, tells_separator
from core.errors import InputError

__all__ = ["Record", "broken_line", "find_table", "read_records"]

SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")

Record = dict[str, Any]

_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


def find_table(folder: Path, stem: str) -> Path | None:
    """The one file of a folder with this stem and one of `SUFFIXES`. Raises InputError when there are several."""
    found = [path for suffix in SUFFIXES if (path := folder / f"{stem}{suffix}").is_file()]
    if len(found) > 1:
        raise InputError(f"{folder} holds {' and '.join(path.name for path in found)}.", mend="Keep one of them.")
    return found[0] if found else None


def read_records(path: Path, notice: Notice = lambda _, __: None) -> Iterator[tuple[int, Record]]:
    """Each record with its line number. Empty lines are passed over; `notice` hears of what was mended.

    Raises InputError for a file that can't be read and for a line that isn't a record.
    """
    try:
        if path.suffix == ".parquet":
            yield from _read_parquet(path)
        elif path.suffix in (".csv", ".tsv"):
            yield from _read_csv(path, notice)
        else:
            yield from _read_jsonl(path)
    except OSError as error:
        raise InputError(
            f"{path} can't be read: {error.strerror}.", mend="Check the path and its permissions."
        ) from error


def _read_jsonl(path: Path) -> Iterator[tuple[int, Record]]:
    for number, line in decoded_lines(path):
        if not line.strip():
            continue
        try:
            record = json.loads(line.rstrip(), parse_constant=lambda _: None)  # NaN and Infinity are missing values
        except (ValueError, RecursionError) as error:
            cause = (
                f"it is not JSON ({error.msg} at column {error.colno})"
                if isinstance(error, json.JSONDecodeError)
                else "it is not JSON"
            )
            raise broken_line(path, number, cause, "Write one JSON object a line, or delete the line") from error
        if not isinstance(record, dict):
            raise broken_line(path, number, "it is not a JSON object", 'Write it like {"id": "1", "title": "…"}')
        yield number, record


def _read_csv(path: Path, notice: Notice) -> Iterator[tuple[int, Record]]:
    separator = separator_of(path)
    rows = csv.reader((line for _, line in decoded_lines(path, notice)), delimiter=separator, strict=True)
    header: list[str] | None = None
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            if "field limit" in str(error):
                cause = f"a field is longer than {csv.field_size_limit():,} characters"
                raise broken_line(path, line, cause, "Close its quotes, or shorten it") from error
            mend = "Check its quotes"
            raise broken_line(path, line, f"it is not CSV ({error})", mend) from error
        if row is None:
            return
        if not row or (header is None and tells_separator(separator.join(row))):
            continue
        if header is None:
            header = _checked_header(path, row)
            continue
        while len(row) > len(header) and not row[-1].strip():
            row.pop()  # spreadsheets end lines with separators
        if len(row) != len(header):
            cause = f"it has {len(row)} fields, and the first line names {len(header)}"
            holds = _NAMES.get(separator, repr(separator))
            raise broken_line(path, line, cause, f"Put fields that hold {holds} in double quotes")
        yield line, dict(zip(header, row, strict=True))


def _checked_header(path: Path, row: list[str]) -> list[str]:
    names = [name.strip() for name in row]
    while names and not names[-1]:
        names.pop()
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise broken_line(path, 1, f"it names the column {twice!r} twice", "Give each column a name of its own")
    return names


def _read_parquet(path: Path) -> Iterator[tuple[int, Record]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"{path.name} is not a Parquet file.", mend="Write it anew, or give CSV or JSON lines."
        ) from error
    yield from enumerate(frame.iter_rows(named=True), 1)
