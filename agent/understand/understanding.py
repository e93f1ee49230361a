"""The one interface of this step, and the ways to choose who fulfils it."""

from collections.abc import Sequence
from typing import Protocol

from core.conversation import Message
from core.intent import Intent


class Understanding(Protocol):
    """Turns a conversation into what the person wants."""

    async def understand(self, messages: Sequence[Message]) -> Intent:
        """The intent after the last message, which must be the person's.

        Raises InputError when no message is the person's, and EngineError when a language model is needed and can't
        answer.
        """
        ...

    def recalled(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages, where our answers name their items by id also if a client sent only their text back."""
        ...
