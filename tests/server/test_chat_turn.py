"""A chat turn of the server over a scripted turn, without HTTP."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.conversation import Message
from core.turn import ItemReady, ReasonReady, TextDelta, TurnDone, TurnRequest
from server.chat_request import ChatCall
from server.chat_turn import GREEDY, UNSEEN, ChatTurns, Finished
from server.completions import complete, stream
from tests.drawings import drawing
from tests.fakes_turn import ANSWER, HEAT, FakeTurn, fake_services, sqlite_url


def asked(temperature: float = 0.0) -> ChatCall:
    return ChatCall(
        turn=TurnRequest(messages=(Message(role="user", content="a crime film"),), temperature=temperature),
        model="tastemaker",
        user=None,
        conversation_id=None,
        stop=(),
        max_tokens=None,
        format=None,
        stream=False,
        include_usage=False,
    )


@pytest.mark.parametrize(("samples", "temperature", "notices"), [(True, 0.7, []), (False, 0.0, [GREEDY])])
async def test_an_engine_that_can_not_sample_says_so(
    tmp_path: Path, samples: bool, temperature: float, notices: list[str]
) -> None:
    services = replace(fake_services(sqlite_url(tmp_path)), samples=samples)
    turn = services.turn
    assert isinstance(turn, FakeTurn)
    events = [event async for event in ChatTurns(services).run(asked(temperature=0.7), "")]
    services.state.database.close()
    assert turn.requests[0].temperature == temperature
    done = events[-1]
    assert isinstance(done, Finished)
    assert done.details is not None
    assert [notice for notice in done.details.notices if notice == GREEDY] == notices


async def test_a_picture_that_says_nothing_here_is_told(tmp_path: Path) -> None:
    services = fake_services(sqlite_url(tmp_path))
    call = asked()
    shown = Message(role="user", content="like this", picture=drawing("red"))
    call = replace(call, turn=call.turn.model_copy(update={"messages": (shown,)}))
    *_, done = [event async for event in ChatTurns(services).run(call, "")]
    services.state.database.close()
    assert isinstance(done, Finished)
    assert done.details is not None
    assert UNSEEN in done.details.notices


async def test_an_item_is_streamed_before_its_reason_and_both_are_one_in_the_whole_answer(tmp_path: Path) -> None:
    services = fake_services(sqlite_url(tmp_path))
    turn, turns = services.turn, ChatTurns(services)
    assert isinstance(turn, FakeTurn)
    card = HEAT.model_copy(update={"reason": "", "evidence_ids": ()})
    words = TextDelta(text=ANSWER.text)
    script = (ItemReady(recommendation=card), ReasonReady(recommendation=HEAT), words, TurnDone(answer=ANSWER))
    turn.enqueue(*script)
    turn.enqueue(*script)
    chunks = [chunk async for chunk in stream(turns.run(asked(), ""), asked())]
    deltas = [chunk.choices[0].delta.model_dump(exclude_none=True) for chunk in chunks]
    assert [name for delta in deltas[1:4] for name in delta] == ["recommendations", "reasons", "content"]
    assert deltas[1]["recommendations"][0]["reason"] == ""
    reason = {"item_id": "1", "reason": HEAT.reason, "evidence_ids": ["e1"], "repaired": False}
    assert deltas[2]["reasons"] == [reason]
    whole = await complete(turns.run(asked(), ""), asked())
    services.state.database.close()
    (recommended,) = whole.choices[0].message.recommendations
    assert recommended.model_dump(include=set(reason)) == reason
