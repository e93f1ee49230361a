"""The page on phones, with the keyboard alone, and without any other host."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser import ask, finished
from tests.ui.conftest import Open, Site


def test_a_phone_shows_all_without_scrolling_sideways(visit: Open) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, color_scheme="dark")
    page = visitor.page
    ask(page, "ten films, please")
    page.get_by_text("Why this?").first.click()
    expect(page.get_by_role("article")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    small = page.locator("button:visible, summary:visible").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 32).map(each => each.outerHTML)"
    )
    assert small == []


def test_on_a_phone_the_keyboard_makes_room_for_the_answer(visit: Open) -> None:
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).page
    assert page.evaluate("document.activeElement.id") != "message"
    page.locator("#message").tap()
    assert page.evaluate("document.activeElement.id") == "message"
    ask(page, "something tense")
    assert page.evaluate("document.activeElement.id") != "message"


def test_a_comparison_is_a_table_that_fits_a_phone(visit: Open) -> None:
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).page
    ask(page, "compare Heat and Fargo")
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["Heat (1995)", "Fargo (1996)"])
    expect(table.get_by_role("rowheader")).to_have_text(["Genre", "Plot"])
    expect(table.get_by_role("cell").last).to_have_text("A car salesman hires two men.")
    expect(page.locator("[data-slot=text] > p")).to_have_text("They share the genres crime and thriller.")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.get_by_role("list", name="Ask on").get_by_role("button")).to_have_text(["Something else"])
    expect(page.locator("[data-spoken]")).to_contain_text("Genre, action, crime, thriller, crime, drama, thriller")


def test_cards_do_not_move_once_they_are_there(site: Site, visit: Open) -> None:
    page = visit().page
    page.get_by_label("Your message").last.fill("something tense")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    page.wait_for_timeout(400)  # the card has come in
    before = page.locator(".card").first.bounding_box()
    finished(page, 1)
    page.wait_for_timeout(400)
    assert page.locator(".card").first.bounding_box() == before


def test_a_low_window_is_left_to_the_conversation(visit: Open) -> None:
    page = visit(viewport={"width": 320, "height": 256}).page
    ask(page, "something tense")
    turn = page.locator(".turn").bounding_box()
    assert turn is not None
    assert turn["y"] <= 1
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_nothing_is_asked_of_other_hosts(site: Site, visit: Open) -> None:
    visitor = visit()
    ask(visitor.page, "four films")
    hosts = {urlsplit(request.url).hostname for request in visitor.requests if not request.url.startswith("data:")}
    assert hosts == {"127.0.0.1"}
    assert visitor.page.get_by_text("Gradio").count() == 0


def test_all_can_be_done_with_the_keyboard(site: Site, visit: Open) -> None:
    page = visit().page
    expect(page.get_by_label("Your message").last).to_be_focused()
    page.keyboard.type("tense")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("but short")
    page.keyboard.press("Enter")
    finished(page, 1)
    assert site.world.requests[0]["messages"][0]["content"] == "tense\nbut short"
    page.keyboard.press("Enter")  # nothing to send
    reached = []
    page.locator(".new").focus()
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText"))
    assert reached == ["I like Heat", "Not for me: Heat", "Seen it: Heat", "Why this?\nHeat", "I like Fargo"]
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Space")
    expect(page.locator(".evidence").first).to_be_visible()
    assert len(site.world.requests) == 1
