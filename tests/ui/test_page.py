"""The page in a real browser, against the fake API. Slow words are only used where a test must act in between."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from encoders.pictures import picture_from_data_url, read_picture
from tests.browser import Visit, ask, finished
from tests.drawings import drawing
from tests.ui.conftest import Site
from tests.ui.fake_api import EVIL, MOVED, OPENERS
from ui.page import AWAY, BANNERS

expect.set_options(timeout=30_000)
Open = Callable[..., Visit]


def test_a_conversation_of_several_turns(site: Site, visit: Open) -> None:
    page = visit().page
    page.get_by_role("button", name=OPENERS[1]).click()
    finished(page, 1)
    heat = page.get_by_role("article", name="Heat (1995)")
    expect(heat).to_contain_text("1995 · Action · Crime · Thriller")
    expect(heat.get_by_role("img", name="Picture of Heat")).to_be_visible()
    expect(page.locator(".answer [data-slot=text]")).to_have_text(re.compile("^Here is what I found: .{40,60}$"))
    expect(page.locator("[data-spoken]")).to_contain_text("Heat (1995): You asked")

    heat.get_by_text("Why this?").click()
    expect(heat.locator(".evidence .used")).to_have_count(2)
    page.get_by_text("Also considered: 7").click()
    expect(page.get_by_text("Donnie Brasco")).to_be_visible()
    expect(page.get_by_text("Chosen by the language model in 2.3 s")).to_be_visible()

    ask(page, "hello")
    ask(page, "four films")
    sent = site.world.requests[-1]
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user", "assistant", "user"]
    assert sent["messages"][1]["recommendations"] == [{"item_id": name} for name in ("heat", "fargo", "love")]
    assert page.evaluate("document.activeElement.id") == "message"


def test_feedback_counts_in_the_next_turn_and_survives_a_reload(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    down = page.get_by_role("button", name="Not for me: Heat")
    down.click()
    ask(page, "others")
    assert [list(mine.items()) for mine in site.world.feedback.values()] == [[("heat", "down")]]
    expect(page.locator(".turn").last.get_by_role("article")).to_have_count(3)
    expect(page.locator(".turn").last.get_by_role("article", name="Heat (1995)")).to_have_count(0)

    page.reload()
    finished(page, 2)
    expect(down).to_have_attribute("aria-pressed", "true")
    up = page.get_by_role("button", name="I like Heat")
    up.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    expect(up).to_have_attribute("aria-pressed", "true")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    ask(page, "again")  # waits for the feedback on its way
    assert list(site.world.feedback.values()) == [{}]


def test_a_reload_goes_on_where_it_was_and_a_new_chat_starts_afresh(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    page.reload()
    expect(page.get_by_role("article", name="Heat (1995)")).to_be_visible()
    ask(page, "hello")
    assert len(site.world.requests[-1]["messages"]) == 3

    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("button", name=OPENERS[0])).to_be_visible()
    ask(page, "hello")
    first, second = site.world.requests[-2:]
    assert len(second["messages"]) == 1
    assert first["user"] == second["user"]
    assert first["metadata"] != second["metadata"]
    page.reload()
    finished(page, 1)


def test_two_browsers_are_two_people(site: Site, visit: Open) -> None:
    first, second = visit().page, visit().page
    ask(first, "hello")
    ask(second, "hello")
    assert len({request["user"] for request in site.world.requests}) == 2
    assert len(site.world.conversations) == 2
    first.reload()
    finished(first, 1)


def test_cards_stand_before_their_reasons_are_written(site: Site, visit: Open) -> None:
    site.world.word_seconds = 0.02
    page = visit().page
    page.get_by_role("textbox").fill("slow and ranked, please")
    page.keyboard.press("Enter")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(3)
    expect(cards.last.locator(".reason")).to_be_empty()
    expect(cards.last.locator(".reason")).to_have_css("animation-name", "tastemaker-wait")
    cards.last.evaluate("card => card.dataset.seen = 'yes'")
    finished(page, 1)
    expect(cards.last).to_have_attribute("data-seen", "yes")  # it was not painted again
    expect(cards.last.locator(".reason")).not_to_be_empty()
    expect(cards.last.locator(".reason")).to_have_css("animation-name", "none")


def test_what_comes_from_the_catalogue_is_text(visit: Open) -> None:
    page = visit().page
    ask(page, "four films")  # an alert would be an error of the visit
    evil = page.get_by_role("article", name=EVIL)
    expect(evil.get_by_role("heading")).to_have_text(EVIL)
    expect(evil.locator(".reason")).to_contain_text("<script>alert(2)</script>")
    ask(page, EVIL)
    page.reload()
    finished(page, 2)
    expect(page.locator(".question p").last).to_have_text(EVIL)


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


def test_back_finds_the_chat_before(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    new = page.get_by_role("button", name="New chat")
    new.click()
    new.click()  # of a chat in which nothing was said, none is made
    ask(page, "hello")
    page.go_back()
    expect(page.get_by_role("article")).to_have_count(3)
    finished(page, 1)
    ask(page, "others")
    assert site.world.requests[-1]["metadata"] == site.world.requests[0]["metadata"]
    assert len(site.world.requests[-1]["messages"]) == 3
    page.go_forward()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.locator(".question p")).to_have_text("hello")
    page.reload()
    expect(page.locator(".question p")).to_have_text("hello")


def test_a_tab_keeps_its_own_chat(visit: Open) -> None:
    visitor = visit()
    ask(visitor.page, "something tense")
    other = visitor.context.new_page()
    other.goto(visitor.page.url)
    finished(other, 1)
    other.get_by_role("button", name="New chat").click()
    ask(other, "hello")
    visitor.page.reload()
    expect(visitor.page.get_by_role("article")).to_have_count(3)


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
    site.world.loading = "off"
    expect(banner).to_have_text(BANNERS["off"])
    site.world.loading = None
    expect(banner).to_be_hidden()


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


def test_the_strength_of_the_correction_is_the_visitors(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "A thriller")
    assert site.world.requests[-1]["popularity_correction"] is None  # as the server is set
    page.get_by_text("How well known").click()
    slider = page.get_by_label("Correct for popularity")
    expect(slider).to_have_value("20")
    slider.fill("0")
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(slider).to_be_hidden()
    ask(page, "A thriller")
    assert site.world.requests[-1]["popularity_correction"] == 0
    page.reload()
    page.get_by_text("How well known").click()
    expect(slider).to_have_value("0")
    page.get_by_role("button", name="Back to the default").click()
    expect(slider).to_have_value("20")
    page.mouse.click(5, 500)
    expect(slider).to_be_hidden()
    page.get_by_text("How well known").click()
    slider.focus()
    page.keyboard.press("Tab")  # on to what stands below
    expect(slider).to_be_hidden()
    ask(page, "A thriller")
    assert site.world.requests[-1]["popularity_correction"] is None


def test_why_tells_what_moved(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "A thriller")
    first, _, third = (page.locator(".card").nth(place) for place in range(3))
    first.get_by_text("Why this?").click()
    third.get_by_text("Why this?").click()
    expect(first.get_by_text(MOVED)).to_be_visible()
    expect(third.locator(".moved")).to_have_count(0)


def test_a_picture_goes_with_one_message_and_is_shown_small(site: Site, visit: Open) -> None:
    page = visit().page
    attach = page.locator("input[type=file]")
    file = {"name": "poster.png", "mimeType": "image/png", "buffer": drawing("red", size=(1600, 2400))}
    attach.set_input_files(file)
    expect(page.get_by_alt_text("The picture that you show")).to_be_visible()
    page.get_by_role("button", name="Leave the picture out").click()
    expect(page.get_by_alt_text("The picture that you show")).to_be_hidden()
    attach.set_input_files(file)
    page.get_by_role("button", name="Send").click()
    finished(page, 1)
    expect(page.get_by_alt_text("The picture that you showed")).to_be_visible()
    expect(page.locator(".question p")).to_have_text("Something that looks like this")
    text, picture = site.world.requests[-1]["messages"][-1]["content"]
    assert text == {"type": "text", "text": "Something that looks like this"}
    shown = read_picture(picture_from_data_url(picture["image_url"]["url"]))
    assert shown.size == (512, 768)

    ask(page, "hello")
    first, _, last = site.world.requests[-1]["messages"]
    assert first["content"][1] == picture
    assert last["content"] == "hello"
    page.get_by_text("Why this?").first.click()
    expect(page.locator(".shares").first).to_contain_text("Words 50%")
    expect(page.locator(".shares .mix span")).to_have_count(3)


def test_a_file_that_is_no_picture_is_told(visit: Open) -> None:
    page = visit().page
    page.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no"})
    expect(page.get_by_role("alert")).to_contain_text("can’t be read as a picture")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
