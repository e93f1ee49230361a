"""The one interface of this step, and the ways to choose who fulfils it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.conversation import Message
from core.intent import Intent


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, understood: what it asks for, and its messages.

    Our answers among them name their items by id, also where a client sent only their text back.
    """

    intent: Intent
    messages: tuple[Message, ...]


class Understanding(Protocol):
    """Turns a conversation into what the person wants."""

    async def understand(self, messages: Sequence[Message]) -> Conversation:
        """The intent after the last message, which must be the person's.

        Raises InputError when no message is the person's, and EngineError when a language model is needed and can't
        answer.
        """
        ...
