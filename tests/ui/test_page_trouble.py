"""The page where something ends early: stops, refusals, lost connections. Slow words leave time to act."""

from playwright.sync_api import expect

from tests.browser import ask, finished
from tests.ui.conftest import Open, Site
from ui.page import AWAY, BANNERS


def test_an_answer_can_be_stopped_and_the_talk_goes_on(site: Site, visit: Open) -> None:
    page = visit().page
    page.get_by_label("Your message").last.fill("slow films")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    page.get_by_role("button", name="Stop the answer").click()
    finished(page, 1)
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    expect(page.get_by_label("Your message").last).to_be_focused()
    ask(page, "hello")
    assert site.world.cancelled == 1
    assert site.world.requests[-1]["messages"][1]["recommendations"] == [{"item_id": "heat"}]


def test_a_new_chat_ends_the_answer_of_the_old_one(site: Site, visit: Open) -> None:
    page = visit().page
    page.get_by_label("Your message").last.fill("slow films")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "hello")
    expect(page.locator(".card")).to_have_count(0)
    assert site.world.cancelled == 1


def test_a_refusal_is_a_line_with_a_way_on(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "fail once")
    expect(page.locator(".failure")).to_have_text("Too many turns are running; try again shortly.")
    page.get_by_role("button", name="Try again").click()
    finished(page, 1)
    expect(page.get_by_role("article")).to_have_count(3)
    ask(page, "break")
    expect(page.locator(".failure")).to_have_text("The answer broke off. Please try again.")
    ask(page, "hello")
    asked = [message["content"] for message in site.world.requests[-1]["messages"] if message["role"] == "user"]
    assert asked == ["fail once", "hello"]


def test_a_message_has_a_limit_and_is_sent_once(site: Site, visit: Open) -> None:
    page = visit().page
    box, send = page.get_by_label("Your message").last, page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    box.fill("x" * 501)
    expect(page.get_by_text("501 of 500 characters: please shorten")).to_be_visible()
    expect(send).to_be_disabled()
    page.keyboard.press("Enter")
    box.fill("hello " * 80)
    send.dblclick()
    finished(page, 1)
    assert len(site.world.requests) == 1


def test_a_banner_says_that_the_model_is_loading_and_goes_away_by_itself(site: Site, visit: Open) -> None:
    site.world.loading = "loading"
    page = visit().page
    banner = page.locator(".banner")
    expect(banner).to_have_text(BANNERS["loading"])
    ask(page, "something tense")
    expect(page.get_by_text("Chosen by search")).to_be_visible()
    site.world.loading = "failed"
    expect(banner).to_have_text(AWAY)
    site.world.loading = None
    expect(banner).to_be_hidden()


def test_nobody_is_told_that_all_is_as_it_was_set_up(site: Site, visit: Open) -> None:
    site.world.loading = "off"
    page = visit().page
    ask(page, "something tense")
    expect(page.locator(".banner")).to_be_hidden()
    expect(page.get_by_text("Chosen by search")).to_be_visible()


def test_a_card_whose_reason_never_came_has_no_hole(visit: Open) -> None:
    page = visit().page
    page.get_by_label("Your message").last.fill("slow and ranked: ten films")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(10)
    last = page.locator(".card").last
    expect(last.locator(".reason")).to_be_visible()
    page.get_by_role("button", name="Stop the answer").click()
    finished(page, 1)
    expect(last.locator(".reason")).to_be_hidden()
    expect(last.locator(".why")).to_be_hidden()


def test_sixteen_people_are_answered_at_once(site: Site, visit: Open) -> None:
    site.world.word_seconds = 0.05
    pages = [visit().page for _ in range(16)]
    for page in pages:
        page.get_by_label("Your message").last.fill("something tense")
        page.keyboard.press("Enter")
    for page in pages:
        page.wait_for_selector(".card")
    assert len(site.world.requests) == 16
    for page in pages:
        finished(page, 1)


def test_a_lost_connection_is_told_and_the_message_can_be_sent_again(site: Site, visit: Open) -> None:
    visitor = visit()
    page = visitor.page
    page.get_by_label("Your message").last.fill("slow films")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    visitor.context.set_offline(True)
    expect(page.locator(".banner")).to_have_text("The connection was lost. Trying again …")
    expect(page.locator(".failure")).to_have_text("The connection was lost.")
    expect(page.locator(".toast-wrap")).to_be_hidden()  # Gradio says the same, over the page's buttons
    visitor.context.set_offline(False)
    expect(page.locator(".banner")).to_be_hidden()
    site.world.word_seconds = 0
    page.get_by_role("button", name="Try again").click()
    finished(page, 1)
    expect(page.get_by_role("article")).to_have_count(3)


def test_what_never_arrived_outlives_a_reload(visit: Open) -> None:
    visitor = visit()
    page, box = visitor.page, visitor.page.get_by_label("Your message").last
    box.fill("half a thou")
    page.reload()
    expect(box).to_have_value("half a thou")
    box.fill("hello")
    visitor.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator(".failure")).to_have_text("The connection was lost.")
    visitor.context.set_offline(False)
    page.reload()
    expect(box).to_have_value("hello")
    page.get_by_role("button", name="Send").click()
    finished(page, 1)
    page.reload()
    finished(page, 1)
    expect(box).to_have_value("")


def test_leaving_in_the_middle_ends_the_answer_and_coming_back_offers_it_again(site: Site, visit: Open) -> None:
    page = visit().page
    page.get_by_label("Your message").last.fill("slow films")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    page.reload()
    expect(page.locator(".failure")).to_have_text("This answer was interrupted.")
    site.world.word_seconds = 0
    page.get_by_role("button", name="Try again").click()
    finished(page, 1)
    assert site.world.cancelled == 1


def test_a_file_that_is_no_picture_is_told(visit: Open) -> None:
    page = visit().page
    page.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no"})
    expect(page.get_by_role("alert")).to_contain_text("can’t be read as a picture")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
