"""What a chat request may hold, and how the rest is refused: with a 400 that names the field."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from server.chat_request import FORGOTTEN
from tests.server.conftest import Running

BODY: dict[str, Any] = {"model": "tastemaker", "messages": [{"role": "user", "content": "a film"}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def http(start: Callable[..., Running]) -> Iterator[httpx.Client]:
    with start(max_messages=3, max_message_chars=10, max_body_bytes=100_000).http() as client:
        yield client


def post(http: httpx.Client, **changes: Any) -> httpx.Response:
    return http.post("/v1/chat/completions", content=json.dumps({**BODY, **changes}), headers=JSON)


def user(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


def shown(url: str) -> dict[str, Any]:
    return user([{"type": "image_url", "image_url": {"url": url}}])


@pytest.mark.parametrize(
    ("changes", "param", "says"),
    [
        ({"messages": []}, "messages", "at least 1, and holds nothing"),
        (user(" \n\t"), "messages", "no words of the user"),
        (user(None), "messages", "no words of the user"),
        (user("12345678901"), "messages[0].content", "has 11 characters; at most 10 are read"),
        (user("a\0b"), "messages[0].content", "NUL"),
        (user("a\ud800"), "messages[0].content", "surrogate"),
        (shown("https://example.org/a.png"), "messages[0].content[0].image_url.url", "addresses are not fetched"),
        (shown("data:image/png;base64,AAAA"), "messages[0].content[0].image_url.url", "not a picture"),
        (shown("data:image/png;base64,!"), "messages[0].content[0].image_url.url", "base64"),
        (user([{"type": "image_url", "image_url": {}}]), "messages[0].content[0].image_url.url", "Missing"),
        (user([{"type": "input_audio"}]), "messages[0].content[0].type", "Text and pictures"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, "messages", "no words of the user"),
        (
            {"messages": [*BODY["messages"], {"role": "tool", "content": "x"}, *BODY["messages"]]},
            "messages[1].role",
            "tools are not supported",
        ),
        ({"messages": BODY["messages"] * 4}, "messages", "holds 4 messages; at most 3"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "A message is of the role"),
        ({"messages": "hi"}, "messages", "must be a list"),
        ({"n": 2}, "n", "One answer"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "at most 4"),
        ({"stop": ""}, "stop", "at least 1"),
        ({"max_tokens": 0}, "max_tokens", "It must be at least 1"),
        ({"temperature": 3}, "temperature", "It must be at most 2"),
        ({"temperature": float("nan")}, "temperature", "Invalid"),
        ({"stream": "yes"}, "stream", "must be true or false"),
        ({"tools": [{"type": "function"}]}, "tools", "not supported"),
        ({"tool_choice": "required"}, "tool_choice", "not supported"),
        ({"functions": [{"name": "f"}]}, "functions", "not supported"),
        ({"logprobs": True}, "logprobs", "not given"),
        ({"modalities": ["text", "audio"]}, "modalities", "Answers are text"),
        ({"audio": {"voice": "x"}}, "audio", "Answers are text"),
        ({"top_p": 2}, "top_p", "It must be at most 1"),
        ({"logit_bias": {"1": 5}}, "logit_bias", "not supported"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort", "It must be 'none', 'minimal'"),
        ({"seed": "7"}, "seed", "It must be a whole number"),
        ({"user": 7}, "user", "It must be a string, in quotes"),
        ({"messages": ["hi"]}, "messages[0]", "It must be an object"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"id": "1"}]}, *BODY["messages"]]},
            "messages[0].tool_calls",
            "Tools are not supported",
        ),
        ({"store": True}, "store", "not stored"),
        ({"store": 0}, "store", "not stored"),
        ({"temprature": 1}, "temprature", "Unrecognized request argument supplied: temprature"),
        ({"popularity_correction": 2}, "popularity_correction", "at most 1"),
        ({"metadata": {"conversation_id": "short"}, "user": "ann"}, "metadata.conversation_id", "8 to 64"),
        ({"metadata": {"conversation_id": "conversation-1\n"}, "user": "a"}, "metadata.conversation_id", "8 to 64"),
        ({"metadata": {"conversation_id": "conversation-1"}}, "user", "name the 'user'"),
        ({"user": "a\nb"}, "user", "printable"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema", "needs a name"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}},
            "response_format.json_schema.name",
            "should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
        ),
        ({"response_format": {"type": "xml"}}, "response_format.type", "It must be 'text'"),
        ({"model": None}, "model", "must be a string"),
    ],
)
def test_a_field_that_can_not_be_used_is_named(
    http: httpx.Client, changes: dict[str, Any], param: str, says: str
) -> None:
    response = post(http, **changes)
    error = response.json()["error"]
    assert (response.status_code, error["param"], error["type"]) == (400, param, "invalid_request_error")
    assert says in error["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 1, "tools": [], "logprobs": False, "top_p": 1, "frequency_penalty": 0, "modalities": ["text"]},
        {"n": None, "stop": None, "response_format": {"type": "text"}, "store": False, "service_tier": "auto"},
        {"n": 1.0, "seed": 2.0**70, "max_tokens": 3.0, "max_completion_tokens": 4, "stream_options": {}},
        {"metadata": {"anything": "else"}, "prompt_cache_key": "x", "parallel_tool_calls": True},
    ],
)
def test_values_that_change_nothing_are_taken(http: httpx.Client, changes: dict[str, Any]) -> None:
    assert post(http, **changes).status_code == 200


def test_a_wish_that_changes_nothing_is_taken_and_told(running: Running) -> None:
    def notices(**changes: Any) -> list[str]:
        told: list[str] = post(http, **changes).json()["choices"][0]["message"]["details"]["notices"]
        return told

    with running.http() as http:
        told = notices(top_p=0.9, frequency_penalty=0.5, presence_penalty=0, reasoning_effort="low", verbosity="high")
        neutral = notices(top_p=1, frequency_penalty=0, reasoning_effort=None)
    assert told == ["A notice.", "Without effect here: top_p, frequency_penalty, reasoning_effort, verbosity."]
    assert neutral == ["A notice."]


def test_the_last_message_of_the_user_is_answered(running: Running) -> None:
    said = [
        *BODY["messages"],
        {"role": "assistant", "content": "Heat."},
        {"role": "user", "content": [{"type": "text", "text": "old"}]},
    ]
    after = [{"role": "user", "content": " "}, {"role": "system", "content": "Be brief.", "details": {"x": "\0"}}]
    with running.http() as http:
        assert post(http, messages=[*said, *after]).status_code == 200
    asked = running.turn.requests[0].messages
    assert [message.content for message in asked] == ["a film", "Heat.", "old"]


def test_of_a_very_long_conversation_the_end_is_read(running: Running) -> None:
    long = [{"role": role, "content": f"{n} {'x' * 6_000}"} for n in range(5) for role in ("user", "assistant")]
    with running.http() as http:
        answer = post(http, messages=[*long, {"role": "user", "content": "a film"}]).json()
    read = running.turn.requests[0].messages
    assert [message.content[0] for message in read if message.role == "user"] == ["2", "3", "4", "a"]
    assert FORGOTTEN in answer["choices"][0]["message"]["details"]["notices"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"nothing", b"\xff\xfe", b"[" * 90_000, b'{"seed": ' + b"9" * 5_000 + b"}", b"[]", b"3", b"null"],
    ids=["empty", "cut", "word", "not utf-8", "deep", "long number", "list", "number", "null"],
)
def test_a_body_that_is_no_json_object(http: httpx.Client, content: bytes) -> None:
    response = http.post("/v1/chat/completions", content=content, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type(http: httpx.Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = http.post("/v1/chat/completions", content=json.dumps(BODY), headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "wrong_content_type")


def test_a_body_that_is_too_large_is_not_read(http: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 1_000

    said = http.post("/v1/chat/completions", content=b" " * 100_001, headers=JSON)
    unsaid = http.post("/v1/chat/completions", content=endless(), headers=JSON)
    assert [response.status_code for response in (said, unsaid)] == [413, 413]
    assert unsaid.json()["error"]["message"] == "The body is larger than 100000 bytes."
