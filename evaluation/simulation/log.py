"""Conversations in one file of JSON lines, each on disk as soon as it has ended.

The first line says what they were made of. A line is whole or it is not there, so a kill loses the conversation in
flight at most. Only keys are held in memory.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import InputError
from evaluation.resumed import append_line, keep_whole_lines
from evaluation.simulation.conversation import Conversation

FILE = "conversations.jsonl"


class ConversationLog:
    """Appends conversations and gives back those that are there. One process may append at a time."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """`identity`: all that a conversation depends on. Raises InputError where the file holds those of another."""
        self.path = folder / FILE
        self._keys: set[str] = set()
        wanted = json.loads(json.dumps(identity))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                lines = keep_whole_lines(file)
            if not lines:
                append_line(self.path, {"identity": wanted})
        except OSError as error:
            raise self._cannot(error) from error
        with self.path.open(encoding="utf-8") as file:
            if json.loads(file.readline()).get("identity") != wanted:
                raise InputError(
                    f"{self.path} holds conversations of other settings or other data.",
                    mend="Name another folder with --report, or delete this file.",
                )
        self._keys = {key(one.recommender, one.user_id) for one in self}

    def __contains__(self, of: str) -> bool:
        return of in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Conversation]:
        """All conversations, one at a time from the file."""
        with self.path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    continue
                try:
                    yield Conversation.model_validate_json(line)
                except ValidationError as error:
                    cause = f"{self.path}, line {number} is no conversation of this version."
                    raise InputError(cause, mend="Delete the line, or name another folder with --report.") from error

    def append(self, conversation: Conversation) -> None:
        """Write a conversation; it is on disk when this returns. Raises InputError where it can't be written."""
        try:
            append_line(self.path, conversation.model_dump(mode="json"))
        except OSError as error:
            raise self._cannot(error) from error
        self._keys.add(key(conversation.recommender, conversation.user_id))

    def _cannot(self, error: OSError) -> InputError:
        cause = f"{self.path} can't be written to ({(error.strerror or str(error)).lower()})."
        return InputError(cause, mend="Mend that and run the same command again: what was kept stays.")


def key(recommender: str, user_id: str) -> str:
    """What a conversation is kept under."""
    return f"{recommender}\t{user_id}"
