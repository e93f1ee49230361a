"""The page of the whole product in a real browser, with the real model behind it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visit, ask, chromium, finished, visits
from tests.end_to_end.product import Server

expect.set_options(timeout=60_000)
Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    with visits(browser, server.url) as open_page:
        yield open_page


def shown(page: Page, turn: int) -> list[str]:
    """The items of an answer."""
    cards = page.locator(".turn").nth(turn).get_by_role("article")
    return [str(card.get_attribute("data-item")) for card in cards.all()]


def test_a_conversation_with_feedback_lasts_over_a_reload(visit: Open) -> None:
    page = visit().page
    ask(page, "something tense, no horror")
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_text("Chosen by the language model").first).to_be_visible()
    first = page.get_by_role("article").first
    first.get_by_text("Why this?").click()
    expect(first.locator(".evidence .used").first).to_be_visible()
    expect(first.get_by_role("img", name="Picture of")).to_be_visible()

    turned_down = shown(page, 0)[0]
    down = first.get_by_role("button", name="Not for me")
    down.click()
    ask(page, "something tense, no horror")
    assert turned_down not in shown(page, 1)
    assert len(shown(page, 1)) == 3
    ask(page, "thanks")
    assert shown(page, 2) == []

    before = [shown(page, turn) for turn in range(3)]
    page.reload()
    finished(page, 3)
    assert [shown(page, turn) for turn in range(3)] == before
    expect(page.get_by_role("article").first.get_by_role("button", name="Not for me")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "something tense, no horror")
    assert turned_down not in shown(page, 0)  # a thumb is of the person, not of the conversation


def test_a_phone_in_the_dark(visit: Open, tmp_path: Path) -> None:
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, color_scheme="dark").page
    ask(page, "I loved Fargo and Pulp Fiction. What next?")
    expect(page.get_by_role("article")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    picture = tmp_path / "phone.png"
    page.screenshot(path=picture)
    with Image.open(picture) as image:
        assert image.width == 390
        assert ImageStat.Stat(image.convert("L")).median[0] < 64
