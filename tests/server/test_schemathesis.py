"""The API beside the page: Schemathesis finds nothing with all its phases and checks, and the page answers for none."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes_turn import sqlite_url

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = sqlite_url(tmp_path_factory.mktemp("state"))
    command = [sys.executable, "-m", "tests.server.with_page", str(port), database]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            _wait(server, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.poll() is None
        assert time.monotonic() < deadline
        try:
            httpx.get(f"{url}/healthz", trust_env=False).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


def test_every_answer_is_as_described(url: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{url}/openapi.json", "--seed=1", "--max-examples=40", "--no-color"]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "COLUMNS": "120"}
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "WARNINGS" not in run.stdout, run.stdout
    assert "13 selected / 13 total" in run.stdout


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("TRACE", "/healthz", 405, "GET"),
        ("PUT", "/v1/conversations/conversation-1", 405, "DELETE, GET"),
        ("GET", "/v1/chat/completions", 405, "POST"),
        ("DELETE", "/v1/items/a/b/image", 405, "GET"),
        ("GET", "/v1", 404, None),
        ("POST", "/v1/audio/speech", 404, None),
        ("POST", "/v1/responses", 404, None),
        ("POST", "/chat/completions", 404, None),
        ("GET", "/models", 404, None),
    ],
)
def test_the_page_does_not_answer_for_the_api(url: str, method: str, path: str, status: int, allow: str | None) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        response = http.request(method, path)
        assert (response.status_code, response.headers.get("allow")) == (status, allow)
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}
        assert status != 404 or "Chat is at /v1/chat/completions" in response.json()["error"]["message"]
        assert "gradio" in http.get("/").text
