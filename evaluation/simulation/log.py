"""Conversations in one file of JSON lines, each on disk as soon as it has ended; only keys are held in memory."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from evaluation.kept import IdentifiedLines, Identity
from evaluation.simulation.conversation import Conversation

FILE = "conversations.jsonl"


class ConversationLog:
    """Appends conversations and gives back those that are there; errors are those of `IdentifiedLines`."""

    def __init__(self, folder: Path, identity: Identity) -> None:
        """`identity`: all that a conversation depends on."""
        self.path = folder / FILE
        self._lines = IdentifiedLines(self.path, identity, "conversations")
        self._keys = {key(one.recommender, one.user_id) for one in self}

    def __contains__(self, of: str) -> bool:
        return of in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Conversation]:
        """All conversations, one at a time from the file."""
        for number, line in self._lines:
            try:
                yield Conversation.model_validate(line)
            except ValidationError as error:
                raise self._lines.broken(number) from error

    def append(self, conversation: Conversation) -> None:
        """Write a conversation; it is on disk when this returns."""
        self._lines.append(conversation.model_dump(mode="json"))
        self._keys.add(key(conversation.recommender, conversation.user_id))


def key(recommender: str, user_id: str) -> str:
    """What a conversation is kept under."""
    return f"{recommender}\t{user_id}"
