"""What goes into a turn, and what comes out while it runs."""

from collections.abc import AsyncIterator
from typing import Protocol

from pydantic import Field

from core.conversation import Feedback, Message
from core.recommendation import Answer, Recommendation
from core.values import Value


class TurnRequest(Value):
    """A conversation that ends with a message of the person, and what else is known of them."""

    messages: tuple[Message, ...] = Field(repr=False)
    # Items chosen before this conversation, oldest first; a person who was never seen has none.
    history: tuple[str, ...] = Field((), repr=False)
    # Verdicts on items that were shown, oldest first; the last one on an item counts.
    feedback: tuple[Feedback, ...] = ()
    # Who asks, as the catalogue's table of users names them; read only where the operator corrects for parity.
    user: str | None = Field(None, repr=False)
    popularity_correction: float | None = None  # None: the operator's setting
    count: int | None = None  # None: what the person says, else the operator's setting
    temperature: float = 0.0
    seed: int | None = None

    @property
    def said(self) -> str:
        """The person's last words; empty where they said nothing."""
        return next((message.content for message in reversed(self.messages) if message.role == "user"), "")


class TextDelta(Value):
    """The next words of the answer. Joined, all deltas are the answer's text."""

    text: str


class ItemReady(Value):
    """A recommendation that has passed verification; comes before the words that speak of it.

    Where the order was there before a word was written, its reason is empty and comes later.
    """

    recommendation: Recommendation


class ReasonReady(Value):
    """The reason of an item that came before without one; comes before the words that speak of it."""

    recommendation: Recommendation


class TurnDone(Value):
    """The end of a turn."""

    answer: Answer


TurnEvent = TextDelta | ItemReady | ReasonReady | TurnDone


class Turn(Protocol):
    """One turn of a chat. Closing the iterator cancels the generation."""

    def run(self, request: TurnRequest) -> AsyncIterator[TurnEvent]:
        """Words, items and reasons as they become ready, then one `TurnDone`."""
        ...
