"""A headless Chromium and visits to pages in it. What is looked at is the caller's."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

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
class Visit:
    """A browser's context with its page, and what went on in it."""

    context: BrowserContext
    page: Page
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, or a skip where there is none. Close it before tests with an event loop: Playwright holds one."""
    if not CHROMIUM.exists():
        reason = f"There is no {CHROMIUM}: install Debian's `chromium`, or set CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def visits(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Opens the page as somebody new; every visit is checked for errors of scripts at the end."""
    opened: list[Visit] = []

    def open_page(**options: object) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        visit = Visit(context, context.new_page())
        visit.page.set_default_timeout(30_000)
        visit.page.on("request", lambda request: visit.requests.append(request))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("dialog", lambda dialog: visit.errors.append(dialog.message))
        opened.append(visit)
        visit.page.goto(address)
        visit.page.wait_for_selector("#message")
        return visit

    yield open_page
    for visit in opened:
        visit.context.close()
    assert [error for visit in opened for error in visit.errors] == []


def finished(page: Page, turns: int) -> None:
    """Wait until so many turns are there and none is being answered."""
    expect(page.locator(".turn")).to_have_count(turns)
    expect(page.locator(".turn:is([data-state=done], [data-state=failed])")).to_have_count(turns)


def ask(page: Page, text: str) -> None:
    """Type a message, send it, and wait for the whole answer."""
    turns = page.locator(".turn").count()
    page.get_by_label("Your message").last.fill(text)
    page.keyboard.press("Enter")
    finished(page, turns + 1)
