"""The page in a real browser: it asks for nothing, runs nothing, fits a phone, and follows the ground."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from evaluation.report.folder import write_report
from evaluation.report.page import render
from tests.browser import chromium
from tests.evaluation.report.examples import HOSTILE, example


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def _opened(browser: Browser, folder: Path, text: str = "plain", **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page of a report with all its plots, and every address that it asked for."""
    address = write_report(example(text), folder).as_uri()
    context = browser.new_context(**options)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(address)
    yield page, asked
    context.close()


def test_every_text_is_escaped() -> None:
    page = render(example(HOSTILE))

    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 10


def test_ids_are_unique_and_all_references_are_to_them() -> None:
    page = render(example())
    ids = re.findall(r'\bid="([^"]+)"', page)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)) <= {
        pair for name in ids for pair in ((name, ""), ("", name))
    }


def test_the_page_asks_for_nothing_and_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    with _opened(browser, tmp_path, HOSTILE) as (page, asked):
        assert asked == [(tmp_path / "report.html").as_uri()]
        assert page.evaluate("document.scripts.length + document.images.length") == 0


def test_a_phone_shows_its_own_drawings_and_scrolls_only_tables(browser: Browser, tmp_path: Path) -> None:
    with _opened(browser, tmp_path, viewport={"width": 390, "height": 800}) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.locator(".narrow svg").first.is_visible()
        assert not page.locator(".wide svg").first.is_visible()
        letters = page.locator(".narrow svg text").first.bounding_box()
        assert letters is not None
        assert letters["height"] >= 11


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    assert "63\u00a0% of them" in render(example("63 % of them"))


def test_plots_follow_a_dark_ground_and_paper_is_light(browser: Browser, tmp_path: Path) -> None:
    colour = "getComputedStyle(document.querySelector('.wide text')).fill"
    with _opened(browser, tmp_path, color_scheme="dark") as (page, _):
        assert page.evaluate(colour) in {"rgb(176, 167, 157)", "rgb(241, 237, 232)"}
        page.emulate_media(media="print")
        assert page.evaluate(colour) in {"rgb(98, 92, 85)", "rgb(29, 27, 23)"}
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 27, 24)"


def test_drawings_say_in_words_what_they_show(browser: Browser, tmp_path: Path) -> None:
    with _opened(browser, tmp_path, "A line rises.") as (page, _):
        assert page.get_by_role("img", name="A line rises.").count() == 2
