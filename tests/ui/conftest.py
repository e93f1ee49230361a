"""The page over the fake API on a port of its own, and a browser to look at it."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.ui.fake_api import World, create_app

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """A running page; `world` is what its API knows."""

    address: str
    world: World


@dataclass
class Visit:
    """A browser's context with its page, and what went on in it."""

    context: BrowserContext
    page: Page
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"There is no {CHROMIUM}: install Debian's `chromium`, or set CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield browser
        browser.close()


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


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """Opens the page as somebody new; every visit is checked for errors of scripts at the end."""
    visits: list[Visit] = []

    def open_page(**options: object) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        visit = Visit(context, context.new_page())
        visit.page.set_default_timeout(30_000)
        visit.page.on("request", lambda request: visit.requests.append(request))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("dialog", lambda dialog: visit.errors.append(dialog.message))
        visits.append(visit)
        visit.page.goto(site.address)
        visit.page.wait_for_selector("#message")
        return visit

    yield open_page
    for visit in visits:
        visit.context.close()
    assert [error for visit in visits for error in visit.errors] == []
