"""A chat turn of the server over a scripted turn, without HTTP."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.conversation import Message
from core.turn import TurnRequest
from server.chat_request import ChatCall
from server.chat_turn import GREEDY, ChatTurns, Finished
from tests.fakes_turn import FakeTurn, fake_services, sqlite_url


@pytest.mark.parametrize(("samples", "temperature", "notices"), [(True, 0.7, []), (False, 0.0, [GREEDY])])
async def test_an_engine_that_can_not_sample_says_so(
    tmp_path: Path, samples: bool, temperature: float, notices: list[str]
) -> None:
    services = replace(fake_services(sqlite_url(tmp_path)), samples=samples)
    turn = services.turn
    assert isinstance(turn, FakeTurn)
    request = TurnRequest(messages=(Message(role="user", content="a crime film"),), temperature=0.7)
    call = ChatCall(
        turn=request,
        model="tastemaker",
        user=None,
        conversation_id=None,
        stop=(),
        max_tokens=None,
        format=None,
        stream=False,
        include_usage=False,
    )
    events = [event async for event in ChatTurns(services).run(call, "")]
    services.state.database.close()
    assert turn.requests[0].temperature == temperature
    done = events[-1]
    assert isinstance(done, Finished)
    assert done.details is not None
    assert [notice for notice in done.details.notices if notice == GREEDY] == notices
