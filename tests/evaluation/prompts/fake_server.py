"""A scripted stand-in for vLLM over real HTTP: ranks the labels of a schema in their order, or misbehaves."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeServer:
    """What it does next, and what it was asked."""

    url: str = ""
    delay: float = 0.0
    status: int = 200  # of every answer to a question
    stumbles: int = 0  # answers with 503 before that
    dies_after: int | None = None  # answers, after which it cuts every connection
    text: str = ""  # instead of a ranking
    asked: list[str] = field(default_factory=list)  # hashes of the requests, as the plan makes them
    together: threading.Barrier | None = None  # answers only when so many questions wait
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_dead(self) -> bool:
        """Whether it has answered all that it was to answer."""
        return self.dies_after is not None and len(self.asked) > self.dies_after

    def reply(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body of its answer to a question."""
        status = 503 if len(self.asked) <= self.stumbles else self.status
        return status, self.answer(body) if status == 200 else {"error": {"message": "no\nway"}}

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """A reply in OpenAI's shape."""
        said = self.text or json.dumps(_of_schema(body["response_format"]["json_schema"]["schema"]))
        return {
            "choices": [{"message": {"content": said}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3},
        }


def _of_schema(schema: dict[str, Any]) -> dict[str, Any]:
    ranking = schema["properties"]["ranking"]
    texts = {name: "It is what this person likes." for name in schema["properties"] if name != "ranking"}
    return {**texts, "ranking": ranking["items"]["enum"][: ranking["maxItems"]]}


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *arguments: object) -> None:
        pass  # a client that was killed


@contextmanager
def fake_server(**script: Any) -> Iterator[FakeServer]:
    """The server on a free port."""
    fake = FakeServer(**script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if fake.is_dead:
                self.close_connection = True
                return
            self._send(200, {"data": [{"id": "fake"}, {"id": "other"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.endswith("/chat/completions"):
                self._send(404, {})
                return
            with fake.lock:
                fake.asked.append(_hash(body))
            time.sleep(fake.delay)
            if fake.together:
                fake.together.wait()
            if fake.is_dead:
                self.close_connection = True
                return
            self._send(*fake.reply(body))

        def _send(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except OSError:
                self.close_connection = True  # whoever asked was killed

        def log_message(self, *arguments: object) -> None:
            pass

    server = _QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _hash(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
