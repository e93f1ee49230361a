"""Keys, hosts and headers."""

import logging
from collections.abc import Callable
from pathlib import Path

import openai
import pytest

from server.security import key_hash, needs_key
from tests.server.conftest import Running

BODY = {"model": "tastemaker", "messages": [{"role": "user", "content": "a film"}]}
KEYS = " first-secret , second-secret"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_without_its_key_a_client_gets_nothing(start: Callable[..., Running]) -> None:
    running = start(api_keys=KEYS)
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key="wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as raised:
            client.models.list()
        assert raised.value.code == "invalid_api_key"
        assert raised.value.response.headers["www-authenticate"] == "Bearer"
        assert client.with_options(api_key="second-secret").models.list().data[0].id == "tastemaker"


def test_what_is_closed_and_what_is_open(start: Callable[..., Running]) -> None:
    with start(api_keys=KEYS).http() as http:
        for path in ("/healthz", "/readyz", "/v1/items/1/image", "/openapi.json"):
            assert http.get(path).status_code == 200, path
        for path in ("/v1/models", "/v1/items/1", "/metrics", "/v1/nothing", "/v1/conversations/conversation-1?user=a"):
            assert http.get(path).status_code == 401, path
        # The body of a stranger is not looked at.
        assert http.post("/v1/chat/completions", content=b"{", headers={"Content-Type": "x"}).status_code == 401
        basic = {"Authorization": "Basic first-secret"}
        assert http.get("/v1/models", headers=basic).status_code == 401
        assert http.get("/metrics", headers=bearer("first-secret")).status_code == 200
    assert needs_key("POST", "/v1/items/1/image")


def test_each_key_has_people_and_conversations_of_its_own(start: Callable[..., Running]) -> None:
    running = start(api_keys=KEYS)
    body = {**BODY, "user": "ann", "metadata": {"conversation_id": "conversation-1"}}
    address = "/v1/conversations/conversation-1?user=ann"
    with running.http() as http:
        assert http.post("/v1/chat/completions", json=body, headers=bearer("first-secret")).status_code == 200
        assert http.get(address, headers=bearer("second-secret")).status_code == 404
        assert http.delete(address, headers=bearer("second-secret")).status_code == 404
        assert len(http.get(address, headers=bearer("first-secret")).json()["messages"]) == 2


def test_keys_are_neither_logged_nor_stored(start: Callable[..., Running], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    running = start(api_keys=KEYS)
    running.turn.enqueue(RuntimeError("logged with its traceback"))
    with running.http() as http:
        for key in ("first-secret", "stranger-secret"):
            http.post("/v1/chat/completions", json={**BODY, "user": "ann"}, headers=bearer(key))
            http.post("/v1/feedback", json={"user": "ann", "item_id": "1", "verdict": "up"}, headers=bearer(key)).read()
    logged = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any("logged with its traceback" in str(record.exc_info) for record in logged)
    assert "-secret" not in "".join(logging.Formatter().format(record) for record in logged)
    file = running.services.settings.database_url.removeprefix("sqlite:///")
    stored = b"".join(Path(file + end).read_bytes() for end in ("", "-wal"))
    assert b"-secret" not in stored
    assert key_hash("first-secret").encode() in stored


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("localhost.evil.example:80", 421), ("", 421), ("localhost:7860", 200), ("[::1]:1", 200)],
)
def test_on_loopback_other_host_names_are_refused(running: Running, host: str, status: int) -> None:
    with running.http() as http:
        assert http.get("/healthz", headers={"Host": host}).status_code == status


def test_bound_elsewhere_any_host_name_is_taken(start: Callable[..., Running]) -> None:
    with start(host="0.0.0.0").http() as http:
        assert http.get("/healthz", headers={"Host": "films.example"}).status_code == 200


def test_headers_keep_browsers_from_guessing_and_other_sites_out(running: Running) -> None:
    with running.http() as http:
        response = http.get("/v1/models", headers={"Origin": "https://evil.example"})
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"].startswith("req_")
        assert "access-control-allow-origin" not in response.headers
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        assert http.options("/v1/chat/completions", headers=asked).status_code == 405
