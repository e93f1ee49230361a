"""Turns of conversations from a file: `{"id": …, "messages": [{"role", "content"}, …], "seen": [ids]}`, one a line."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.fields import as_id
from catalog.records import Record, broken_line, read_records
from core.conversation import Message
from core.errors import InputError
from core.item import ItemTable
from evaluation.json_ids import as_number

_FORM = 'Write it like {"id": 1, "messages": [{"role": "user", "content": "Something like Heat"}], "seen": ["7"]}'


@dataclass(frozen=True)
class Turn:
    """A conversation up to where items are to be recommended."""

    id: Any  # as the file writes it
    messages: tuple[Message, ...]
    seen: tuple[int, ...]  # rows that must not be recommended, those of unknown items left out


class TurnFile:
    """A file that has been read through once: every line is sound, and what the catalogue doesn't know is counted."""

    def __init__(self, path: Path, items: ItemTable) -> None:
        """Raises InputError that names the first broken line, or the file when it can't be read or is empty."""
        if path.is_dir():
            raise InputError(f"{path} is a folder.", mend="Give a file of JSON lines.")
        self.path = path
        self._items = items
        self._turns: list[Turn] = []
        self.unknown = 0  # ids of `seen` that are not in the catalogue
        self._numbers: set[bool] = set()  # whether ids of `seen` are JSON numbers
        for line, record in read_records(path):
            self._turns.append(self._turn(line, record))
        if not self._turns:
            raise InputError(f"{path} has no lines.", mend=f"{_FORM}, one a line.")
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(self._turns)

    def item_id(self, item_id: str) -> str | int:
        """An id in the type that the file writes ids in: a number where all of them are, else as the catalogue does."""
        return as_number(item_id) if self._numbers == {True} else item_id

    def _turn(self, line: int, record: Record) -> Turn:
        messages, seen = record.get("messages"), record.get("seen") or []
        if "id" not in record:
            raise broken_line(self.path, line, "it has no id", _FORM)
        if not isinstance(messages, list) or not isinstance(seen, list):
            raise broken_line(self.path, line, "messages and seen must be lists", _FORM)
        self._numbers.update(isinstance(item_id, int) for item_id in seen)
        ids = [as_id(item_id) for item_id in seen]
        self.unknown += sum(item_id not in self._items for item_id in ids)
        rows = tuple(self._items.row(item_id) for item_id in ids if item_id in self._items)
        return Turn(record["id"], tuple(self._message(line, message) for message in messages), rows)

    def _message(self, line: int, message: Any) -> Message:
        try:
            return Message(role=message["role"], content=message.get("content") or "")
        except (TypeError, KeyError, AttributeError, ValidationError) as error:
            cause = "a message needs a role (user, assistant or system) and its content"
            raise broken_line(self.path, line, cause, _FORM) from error
