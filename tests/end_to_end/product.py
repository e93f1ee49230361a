"""The product as people start it: the `tastemaker` command in child processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import openai
import psutil

COMMAND = [sys.executable, "-m", "cli.main"]
ARTIFACTS = Path("artifacts").resolve()
CATALOG = "ml-100k"


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """This environment with all that `folder` must keep apart: the state, and settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TASTEMAKER_")}
    settings = {"artifacts": ARTIFACTS, "database_url": f"sqlite:///{folder / 'state.sqlite3'}", **settings}
    if model := os.environ.get("TASTEMAKER_MODEL"):
        settings = {"model": model, **settings}
    return kept | {f"TASTEMAKER_{name.upper()}": str(value) for name, value in settings.items()}


def tastemaker(
    folder: Path, *arguments: str, stdin: str = "", timeout: float = 120, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with `folder` as the current one."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@dataclass
class Server:
    """A running `tastemaker serve`."""

    url: str
    process: subprocess.Popen[str]
    folder: Path
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "stderr"

    @property
    def said(self) -> str:
        """What it has written to the terminal."""
        return self.log.read_text()

    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=120)

    def openai(self) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key="none", max_retries=0, timeout=120)

    def get(self, path: str) -> httpx.Response:
        with self.http() as http:
            return http.get(path)

    def readiness(self) -> dict[str, str]:
        return dict(self.get("/readyz").json())

    def wait_ready(self, seconds: float = 240) -> None:
        wait_for(lambda: self.readiness()["status"] == "ready", seconds, self.readiness)

    def family(self) -> list[psutil.Process]:
        """The processes below this one."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        """Press Ctrl-C, which a terminal sends to the whole process group: the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(15)


@contextmanager
def serving(folder: Path, *arguments: str, **settings: object) -> Iterator[Server]:
    """`tastemaker serve` on a free port, from the moment when its API answers."""
    port = free_port()
    with (folder / "stderr").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *arguments],
            cwd=folder,
            env=environment(folder, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
    server = Server(f"http://127.0.0.1:{port}", process, folder)
    try:
        wait_for(lambda: _is_up(server), 90, lambda: server.said)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            finally:
                process.kill()


def _is_up(server: Server) -> bool:
    assert server.process.poll() is None, server.said
    try:
        return server.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(reached: Callable[[], bool], seconds: float, about: Callable[[], Any] = str) -> None:
    """Wait until something is true, and fail with what is `about` it where that takes too long."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, about()
        time.sleep(0.1)
