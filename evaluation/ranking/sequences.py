"""Histories from a file: one person a line, `{"user_id": …, "item_ids": […]}` with the items in time order.

Nothing is held but the line at hand, so that a file may be larger than the memory.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.records import Record, broken_line, read_records
from core.errors import InputError
from core.item import ItemTable
from evaluation.json_ids import as_number
from evaluation.ranking.metrics import UNKNOWN

_FORM = 'Write it like {"user_id": "1", "item_ids": ["50", "181"]}'


@dataclass(frozen=True)
class Person:
    """One line: an id as it was given, and what was chosen as rows, oldest first; UNKNOWN for unknown items."""

    user_id: Any
    choices: tuple[int, ...]

    @property
    def history(self) -> list[int]:
        """The choices that the catalogue knows."""
        return [row for row in self.choices if row != UNKNOWN]


class SequenceFile:
    """A file that has been read through once: every line is sound, and what it holds has been counted."""

    def __init__(self, path: Path, items: ItemTable) -> None:
        """Raises InputError that names the first broken line, or the file when it can't be read or is empty."""
        self.path = path
        self._items = items
        self.people = 0
        self.unknown = 0  # choices of items that the catalogue doesn't know
        self.has_numbers = True  # all ids are JSON numbers, so answers are too
        for number, record in self._records():
            ids = _item_ids(path, number, record)
            self.people += 1
            self.unknown += sum(_text(item_id) not in items for item_id in ids)
            self.has_numbers = self.has_numbers and not any(isinstance(item_id, str) for item_id in ids)
        if not self.people:
            raise InputError(f"{path} has no lines.", mend=f"{_FORM}, one a line.")
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()

    def __iter__(self) -> Iterator[Person]:
        for number, record in self._records():
            ids = _item_ids(self.path, number, record)
            yield Person(record["user_id"], tuple(self._row(_text(item_id)) for item_id in ids))

    def item_id(self, row: int) -> str | int:
        """An item's id in the type that the file uses."""
        item_id = self._items.items[row].id
        return as_number(item_id) if self.has_numbers else item_id

    def _records(self) -> Iterator[tuple[int, Record]]:
        if self.path.is_dir():
            raise InputError(f"{self.path} is a folder.", mend="Give a file of JSON lines.")
        return read_records(self.path)

    def _row(self, item_id: str) -> int:
        return self._items.row(item_id) if item_id in self._items else UNKNOWN


def _item_ids(path: Path, number: int, record: Record) -> list[str | int | float]:
    user_id, ids = record.get("user_id"), record.get("item_ids")
    if not _is_id(user_id):
        raise broken_line(path, number, "user_id is neither text nor a number", _FORM)
    if not isinstance(ids, list):
        raise broken_line(path, number, "item_ids is not a list", _FORM)
    if wrong := [item_id for item_id in ids if not _is_id(item_id)]:
        raise broken_line(path, number, f"{str(wrong[0])[:40]!r} in item_ids is no id", _FORM)
    return ids


def _is_id(value: object) -> bool:
    """Text or a whole number; some programs write 50 as 50.0."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or isinstance(value, str) or (isinstance(value, float) and value.is_integer())


def _text(item_id: str | float) -> str:
    """An id as catalogues write it."""
    return item_id if isinstance(item_id, str) else str(int(item_id))
