"""Messages of a conversation, and what a person thinks of items."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.values import Value


class Message(Value):
    """One message. An answer of ours also names the items that it recommended, best first."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(repr=False)  # what people say stays out of logs
    picture: bytes | None = Field(None, repr=False)  # a file that the person showed with it, as "something like this"
    item_ids: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What a person thinks of an item that was shown to them."""

    UP = "up"
    DOWN = "down"
    SEEN = "seen"


class Feedback(Value):
    """A person's verdict on an item."""

    item_id: str
    verdict: Verdict
