"""Databases and servers for tests: the databases are real, the server is uvicorn on a free port."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
import uvicorn
from sqlalchemy import create_engine, text

from server.app import create_app
from server.services import Services
from tests.fakes_turn import FakeTurn, fake_services, sqlite_url
from tests.postgres import find_programs, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A pattern of URLs on a running PostgreSQL."""
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("PostgreSQL is not installed, and CI must test with it.")
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_postgres(programs) as pattern:
        yield pattern


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    pattern = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    engine = create_engine(pattern.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(pattern.format(name=name))


@dataclass(frozen=True)
class Running:
    """A server that runs on scripted services."""

    url: str
    services: Services

    @property
    def turn(self) -> FakeTurn:
        return cast(FakeTurn, self.services.turn)

    def http(self, **options: Any) -> httpx.Client:
        """A plain client of the server."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=20, **options)

    def metric(self, name: str, **labels: str) -> float | None:
        """The value of a metric."""
        return self.services.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts servers; the keywords are settings."""
    with ExitStack() as stack:

        def begin(database_url: str = "", **settings: Any) -> Running:
            services = fake_services(database_url or sqlite_url(tmp_path), **settings)
            stack.callback(services.state.database.close)
            return Running(stack.enter_context(_uvicorn(services)), services)

        yield begin


@pytest.fixture
def running(start: Callable[..., Running]) -> Running:
    """A server with the default settings."""
    return start()


class _uvicorn:  # noqa: N801 - used as a function
    def __init__(self, services: Services) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(services), lifespan="off", ws="none", log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self._socket.close()


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
