"""The page over the fake API on a port of its own, and a browser to look at it."""

import asyncio
import gc
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from tests.browser import Visit, chromium, visits
from tests.ui.fake_api import World, create_app

expect.set_options(timeout=30_000)
Open = Callable[..., Visit]


@dataclass
class Site:
    """A running page; `world` is what its API knows."""

    address: str
    world: World


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    """Without a browser there is nobody to serve, so the browser's skip comes first."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    world = World()
    config = uvicorn.Config(
        create_app(world, port), port=port, log_level="warning", ws="none", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    yield Site(f"http://127.0.0.1:{port}/", world)
    server.should_exit = True
    thread.join(10)
    with warnings.catch_warnings():
        # A page that reconnects while its server stops may be accepted by a loop that ends before it can be let go.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Open]:
    with visits(browser, site.address) as open_page:
        yield open_page
