"""The official OpenAI client, unmodified, against a real server with a scripted turn."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from core.conversation import Feedback, Message, Verdict
from core.errors import EngineError
from core.turn import TextDelta
from server.answer_format import JsonAnswer
from server.http_server import HttpServer
from server.state import PersonKey
from tests.fakes_turn import ANSWER, EVENTS, Hang
from tests.server.conftest import Running, eventually

TEXT = "Try Heat. A crime film, as you asked."
HI: Any = [{"role": "user", "content": "a crime film"}]


@pytest.fixture
def client(running: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0, timeout=20) as client:
        yield client


def create(client: openai.OpenAI, **changes: Any) -> Any:
    return client.chat.completions.create(**{"model": "tastemaker", "messages": HI, **changes})


def test_a_completion(client: openai.OpenAI) -> None:
    completion = create(client)

    message = completion.choices[0].message
    assert (message.role, message.content, completion.choices[0].finish_reason) == ("assistant", TEXT, "stop")
    assert message.recommendations[0]["image"] == "/v1/items/1/image"
    assert message.details["not_chosen"] == [{"item_id": "2", "title": "Toy Story", "year": 1995, "score": 0.2}]
    assert completion.usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}) == {
        "prompt_tokens": 40,
        "completion_tokens": 9,
        "total_tokens": 49,
    }


def test_a_stream_brings_an_item_before_the_words_about_it(client: openai.OpenAI) -> None:
    chunks = list(create(client, stream=True, stream_options={"include_usage": True}))

    deltas = [chunk.choices[0].delta.model_dump(exclude_unset=True) for chunk in chunks[:-1]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert [delta.get("content") or [item["title"] for item in delta["recommendations"]] for delta in deltas[1:5]] == [
        "Try ",
        ["Heat"],
        "Heat. A crime",
        " film, as you asked.",
    ]
    assert deltas[5]["details"]["kind"] == "recommendations"
    assert deltas[6] == {}
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * 6 + ["stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 49
    assert len({chunk.id for chunk in chunks}) == 1


async def test_the_async_client(running: Running) -> None:
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
        completion = await client.chat.completions.create(model="tastemaker", messages=HI)
        assert completion.choices[0].message.content == TEXT
        stream = await client.chat.completions.create(model="tastemaker", messages=HI, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == TEXT


def test_the_answer_as_data(client: openai.OpenAI) -> None:
    parsed = client.chat.completions.parse(model="tastemaker", messages=HI, response_format=JsonAnswer)
    answer = parsed.choices[0].message.parsed
    assert answer is not None
    assert (answer.text, answer.recommendations[0].title, answer.notices) == (TEXT, "Heat", ["A notice."])


def test_the_parts_of_the_answer_that_a_client_asks_for(client: openai.OpenAI) -> None:
    class Film(BaseModel):
        title: str
        year: int | None

    class Films(BaseModel):
        recommendations: list[Film]

    parsed = client.chat.completions.parse(model="tastemaker", messages=HI, response_format=Films)
    assert parsed.choices[0].message.content == '{"recommendations":[{"title":"Heat","year":1995}]}'


def test_a_schema_that_no_answer_follows_is_refused_before_anything_runs(
    client: openai.OpenAI, running: Running
) -> None:
    class Weather(BaseModel):
        degrees: float

    with pytest.raises(openai.BadRequestError, match="has no field 'degrees'") as raised:
        client.chat.completions.parse(model="tastemaker", messages=HI, response_format=Weather)
    assert (raised.value.param, raised.value.code) == ("response_format.json_schema.schema", "unsupported_schema")
    assert running.turn.requests == []


def test_an_answer_may_be_sent_back_as_it_came(client: openai.OpenAI, running: Running) -> None:
    first = create(client).choices[0].message
    create(
        client, messages=[{"role": "system", "content": "be brief"}, *HI, first, {"role": "user", "content": "older"}]
    )

    assert running.turn.requests[1].messages == (
        Message(role="system", content="be brief"),
        Message(role="user", content="a crime film"),
        Message(role="assistant", content=TEXT, item_ids=("1",)),
        Message(role="user", content="older"),
    )


def test_stop_and_max_tokens_bound_the_text(client: openai.OpenAI, running: Running) -> None:
    stopped = create(client, stop=["crime film", "never"])
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("Try Heat. A ", "stop")
    cut = create(client, max_tokens=4)
    assert (cut.choices[0].message.content.strip(), cut.choices[0].finish_reason) == ("Try Heat. A crime", "length")
    assert cut.usage.completion_tokens == 4
    assert cut.choices[0].message.recommendations[0]["title"] == "Heat"
    words = [chunk.choices[0] for chunk in create(client, max_completion_tokens=2, stream=True)]
    assert "".join(choice.delta.content or "" for choice in words).strip() == "Try Heat."
    assert words[-1].finish_reason == "length"
    assert eventually(lambda: running.turn.closed == 3)


def test_what_a_request_says_reaches_the_turn(client: openai.OpenAI, running: Running) -> None:
    running.services.state.give_feedback(_person("ann"), "2", Verdict.DOWN)
    create(
        client,
        user="ann",
        temperature=0.5,
        seed=7,
        extra_body={"popularity_correction": 0.4},
        messages=[{"role": "user", "content": [{"type": "text", "text": "a crime film"}]}],
    )
    asked = running.turn.requests[0]
    assert (asked.temperature, asked.seed, asked.popularity_correction) == (0.5, 7, 0.4)
    assert asked.feedback == (Feedback(item_id="2", verdict=Verdict.DOWN),)
    assert asked.messages[0].content == "a crime film"


def test_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tastemaker", "tastemaker-text"]
    assert client.models.retrieve("tastemaker").owned_by == "tastemaker"
    for missing in ("gpt-5", "Qwen/Qwen2.5-7B-Instruct"):
        with pytest.raises(openai.NotFoundError, match=f"'{missing}' does not exist; there are: ") as raised:
            client.models.retrieve(missing)
        assert (raised.value.type, raised.value.param) == ("invalid_request_error", "model")
        assert raised.value.code == "model_not_found"


def test_an_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="The model 'gpt-5' does not exist; use 'tastemaker'"):
        create(client, model="gpt-5")


def test_a_connection_outlives_the_pauses_of_proxies() -> None:
    server = HttpServer(uvicorn.Config(FastAPI()), on_exit=lambda: None)
    assert server.config.timeout_keep_alive > 60


def test_an_unexpected_error_is_told_without_its_text(client: openai.OpenAI, running: Running) -> None:
    running.turn.enqueue(RuntimeError("a secret"))
    with pytest.raises(openai.InternalServerError) as raised:
        create(client)
    assert raised.value.body == {
        "message": "Something went wrong here. The server's log says what.",
        "type": "server_error",
        "param": None,
        "code": None,
    }
    assert running.metric("tastemaker_turns_failed_total") == 1


def test_an_error_before_the_first_words_has_its_own_status(client: openai.OpenAI, running: Running) -> None:
    running.turn.enqueue(EngineError("The model is away.", mend="Wait."))
    with pytest.raises(openai.InternalServerError, match=r"The model is away\. Wait\.") as raised:
        create(client, stream=True)
    assert raised.value.status_code == 503


def test_an_error_in_the_middle_of_a_stream_is_a_chunk(client: openai.OpenAI, running: Running) -> None:
    running.turn.enqueue(TextDelta(text="Try "), EngineError("The model died."))
    stream = create(client, stream=True)
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "Try "]
    with pytest.raises(openai.APIError, match="The model died"):
        next(stream)


def test_a_turn_without_an_end_is_an_error(client: openai.OpenAI, running: Running) -> None:
    running.turn.enqueue(TextDelta(text="Try "))
    with pytest.raises(openai.InternalServerError):
        create(client)


async def test_too_many_turns_at_once(start: Callable[..., Running]) -> None:
    running = start(max_concurrent_turns=1)
    running.turn.enqueue(Hang)
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
        first = asyncio.create_task(client.chat.completions.create(model="tastemaker", messages=HI))
        assert await asyncio.to_thread(eventually, running.turn.hanging.is_set)
        with pytest.raises(openai.RateLimitError) as raised:
            await client.chat.completions.create(model="tastemaker", messages=HI, stream=True)
        assert (raised.value.type, raised.value.code) == ("requests", "rate_limit_exceeded")
        assert raised.value.response.headers["retry-after"] == "1"
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        # The place of the client that left is free again.
        assert await asyncio.to_thread(eventually, lambda: running.turn.closed == 1)
        assert (await client.chat.completions.create(model="tastemaker", messages=HI)).choices


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("script", [(Hang,), (EVENTS[0], Hang)], ids=["before the first words", "after them"])
def test_the_turn_of_a_client_that_left_is_cancelled(running: Running, stream: bool, script: Any) -> None:
    running.turn.enqueue(*script)
    body = {
        "model": "tastemaker",
        "messages": HI,
        "stream": stream,
        "user": "ann",
        "metadata": {"conversation_id": "conversation-1"},
    }

    async def leave() -> None:
        async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
            call = asyncio.create_task(_read_all(client, body))
            assert await asyncio.to_thread(eventually, running.turn.hanging.is_set)
            assert running.turn.closed == 0
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    asyncio.run(leave())
    assert eventually(lambda: running.turn.closed == 1, seconds=2)
    assert eventually(lambda: running.metric("tastemaker_turns_cancelled_total") == 1)
    assert running.metric("tastemaker_running_turns") == 0
    kept = running.services.state.conversation(_person("ann"), "conversation-1", last=10)
    assert [(message.role, message.content) for message in kept] == [("user", "a crime film")]


async def _read_all(client: openai.AsyncOpenAI, body: Any) -> None:
    answer = await client.chat.completions.create(**body)
    if body["stream"]:
        async for _ in answer:
            pass


def _person(name: str) -> PersonKey:
    return PersonKey("", name)


def test_metrics_of_a_turn(client: openai.OpenAI, running: Running) -> None:
    create(client)
    assert running.metric("tastemaker_answers_total", source="model", kind="recommendations") == 1
    assert running.metric("tastemaker_items_dropped_total") == ANSWER.counts.items_dropped == 2
    assert running.metric("tastemaker_reasons_total", outcome="kept") == 3
    assert running.metric("tastemaker_tokens_total", kind="completion") == 9
    assert running.metric("tastemaker_turn_step_seconds_count", step="understand") == 1
    assert running.metric("tastemaker_first_words_seconds_count") == 1
    assert eventually(
        lambda: (
            running.metric("tastemaker_requests_total", method="POST", route="/v1/chat/completions", status="200") == 1
        )
    )
