"""The first step of a turn, with its real parts."""

import pytest

from agent import steps
from agent.no_generator import NoGenerator
from agent.understand.context import Context
from agent.understand.reader import Reader
from agent.understand.reading import Reading
from core.conversation import Message
from core.turn import TurnRequest
from encoders.text import TextEncoder
from tests.catalogue import parts


async def test_a_conversation_is_read_once(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    own = Reader.read

    def counted(reader: Reader, text: str, context: Context) -> Reading:
        read.append(text)
        return own(reader, text, context)

    monkeypatch.setattr(Reader, "read", counted)
    messages = (
        Message(role="user", content="a crime film"),
        Message(role="assistant", content="**Fargo (1996)** — A crime film."),
        Message(role="user", content="who directed it?"),
    )
    event = await steps.understood(parts(NoGenerator(), encoder=encoder), TurnRequest(messages=messages))
    assert read == ["a crime film", "who directed it?"]
    assert [message.item_ids for message in event.request.messages] == [(), ("2",), ()]
