"""The page in a real browser, against the fake API: conversations, opinions, reasons, pictures."""

import re

from playwright.sync_api import expect

from encoders.pictures import picture_from_data_url, read_picture
from tests.browser import ask, finished
from tests.drawings import drawing
from tests.ui.conftest import Open, Site
from tests.ui.fake_api import EVIL, LOST, MOVED, OPENERS


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


def test_the_strength_of_the_correction_is_the_visitors(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "A thriller")
    assert site.world.requests[-1]["popularity_correction"] is None  # as the server is set
    page.get_by_text("Popularity", exact=True).click()
    slider = page.get_by_label("Correct for popularity")
    expect(slider).to_have_value("20")
    slider.fill("0")
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(slider).to_be_hidden()
    ask(page, "A thriller")
    assert site.world.requests[-1]["popularity_correction"] == 0
    page.reload()
    page.get_by_text("Popularity", exact=True).click()
    expect(slider).to_have_value("0")
    page.get_by_role("button", name="Back to the default").click()
    expect(slider).to_have_value("20")
    page.mouse.click(5, 500)
    expect(slider).to_be_hidden()
    page.get_by_text("Popularity", exact=True).click()
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


def test_an_answer_says_what_can_be_asked_of_it(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    on = page.get_by_role("list", name="Ask on").get_by_role("button")
    expect(on).to_have_text(["Compare the first two", f"Why not {LOST[0]}?", "Something else"])
    page.get_by_text("Also considered: 7").click()
    page.get_by_role("button", name=LOST[2], exact=True).click()
    finished(page, 2)
    on.first.click()
    finished(page, 3)
    asked = [message["content"] for message in site.world.requests[-1]["messages"] if message["role"] == "user"]
    assert asked == ["something tense", f"Why not {LOST[2]}?", "Compare the first two"]


def test_an_opinion_can_be_undone(site: Site, visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    up, down = (page.get_by_role("button", name=name).first for name in ("I like Heat", "Not for me: Heat"))
    up.click()
    down.click()
    expect(down).to_have_attribute("title", "Take it back")
    page.get_by_role("button", name="Undo").click()
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("alert")).to_be_hidden()
    ask(page, "hello")  # waits for the feedback on its way
    assert list(site.world.feedback.values()) == [{"heat": "up"}]


def test_what_is_noted_is_told_until_the_next_message(visit: Open) -> None:
    page = visit().page
    ask(page, "something tense")
    page.get_by_role("button", name="I like Heat").click()
    expect(page.get_by_role("alert")).to_contain_text("Noted for your next message.")
    page.get_by_label("Your message").last.fill("slow")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_hidden()
