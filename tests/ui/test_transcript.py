from html.parser import HTMLParser

from core.artifacts import Wording
from core.evidence import EvidenceKind
from core.recommendation import AnswerKind, Source
from ui.client import HISTORY_MESSAGES, newest
from ui.page import HERE, SCRIPT
from ui.prose import prose, spoken
from ui.transcript import answer_parts, card_html, failure_parts, turns
from ui.wire import Card, ChatMessage, Details, EvidenceLine, NotChosen

WORDING = Wording(item="film", items="films", category="genre")
HEAT = Card(
    item_id="1",
    title="Heat",
    year=1995,
    categories=("Crime",),
    image="/v1/items/1/image",
    reason="It is tense.",
    evidence_ids=("b",),
)
DETAILS = Details(
    kind=AnswerKind.RECOMMENDATIONS,
    source=Source.MODEL,
    notices=("I don't know “Haet”.", "Said in the text."),
    evidence=(
        EvidenceLine(id="a", item_id="1", kind=EvidenceKind.CROWD, text="40 people liked it.", score=0.9),
        EvidenceLine(id="b", item_id="1", kind=EvidenceKind.METADATA, text="It is a thriller.", score=0.1),
        EvidenceLine(id="c", item_id="2", kind=EvidenceKind.METADATA, text="Of another film.", score=0.5),
    ),
    not_chosen=(NotChosen(item_id="9", title="Seven"),),
    seconds={"understand": 0.25, "generate": 2.0},
)
ANSWER = ChatMessage(
    role="assistant",
    content="Said in the text.\n\n**Heat** — It is tense.",
    recommendations=(HEAT,),
    details=DETAILS,
)


def test_words_about_a_card_are_left_to_the_card() -> None:
    for line in ("**Heat** — It is tense.", "1. **Heat** (1995): It", "- Heat", "Heat: It is", "**He"):
        assert prose(f"Try this.\n\n{line}", [HEAT]) == "<p>Try this.</p>", line


def test_prose_that_only_mentions_a_card_stays() -> None:
    assert prose("Heat is longer than Ronin.", [HEAT]) == "<p>Heat is longer than Ronin.</p>"
    assert prose("**Heat** — By Michael Mann.", []) == "<p><strong>Heat</strong> — By Michael Mann.</p>"


def test_prose_has_paragraphs_lists_and_no_html_of_others() -> None:
    assert prose("One\ntwo\n\n- a\n- <b>", []) == "<p>One<br>two</p><ul><li>a</li><li>&lt;b&gt;</li></ul>"


def test_a_table_has_heads_and_no_html_of_others_and_may_be_unfinished() -> None:
    lines = ["| | Heat | <b> |", "| --- | --- | --- |", "| Year | 1995 | **1996** |", "| People"]
    assert prose("\n".join(lines), []).endswith(
        '<table><thead><tr><td></td><th scope="col">Heat</th><th scope="col">&lt;b&gt;</th></tr></thead>'
        '<tbody><tr><th scope="row">Year</th><td>1995</td><td><strong>1996</strong></td></tr>'
        '<tr><th scope="row">People</th></tr></tbody></table></div>'
    )
    assert "<table>" in prose("|", [])
    assert spoken(ChatMessage(role="assistant", content="\n".join(lines[:3]))) == "Heat, <b> Year, 1995, 1996"


class Elements(HTMLParser):
    """The elements that a browser would make, each with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_nothing_from_outside_becomes_html() -> None:
    evil = '"><img src=x onerror=alert(1)>'
    card = Card(item_id=evil, title=evil, categories=(evil,), image=f"/{evil}", reason=evil)
    line = EvidenceLine(id="e", item_id=evil, kind=EvidenceKind.CROWD, text=evil)
    details = DETAILS.model_copy(
        update={"evidence": (line,), "not_chosen": (NotChosen(item_id="9", title=evil),), "notices": (f"{evil}!",)}
    )
    answer = ChatMessage(role="assistant", content=f"{evil}\n- {evil}", recommendations=(card,), details=details)
    parts = answer_parts(answer, Wording(items=evil)) | failure_parts(evil)
    elements = Elements("".join(parts.values())).found
    assert [attrs["src"] for tag, attrs in elements if tag == "img"] == [f"/{evil}"]
    assert not [attrs for _, attrs in elements if "onerror" in attrs]


def test_pictures_come_from_this_server_alone() -> None:
    for address in ("https://example.org/x.jpg", "//example.org/x.jpg", "javascript:alert(1)", ""):
        assert "<img" not in card_html(HEAT.model_copy(update={"image": address}), 0, WORDING)
    assert 'src="/v1/items/1/image" alt="Picture of Heat"' in card_html(HEAT, 0, WORDING)


def test_the_evidence_that_a_reason_rests_on_comes_first_and_is_marked() -> None:
    why = answer_parts(ANSWER, WORDING)["why-0"]
    assert why.index("It is a thriller.") < why.index("40 people liked it.")
    assert why.count('class="used"') == 1
    assert "Of another film." not in why


def test_the_end_tells_who_chose_how_long_it_took_and_what_lost() -> None:
    end = answer_parts(ANSWER, WORDING)["end"]
    assert "Chosen by the language model in 2.2 s" in end
    assert '<ol><li><button type="button" data-ask="Why not Seven?">Seven</button></li></ol>' in end
    assert "I don&#x27;t know “Haet”." in end
    assert "Said in the text." not in end


def test_an_unfinished_answer_has_no_details_yet() -> None:
    unfinished = ANSWER.model_copy(update={"details": None})
    assert list(answer_parts(unfinished, WORDING)) == ["text", "card-0", "reason-0"]


def test_what_is_said_after_the_cards_stands_below_them() -> None:
    answer = ANSWER.model_copy(update={"content": "Try this.\n\nThe model stopped.\n\n**Heat** — It is tense."})
    parts = answer_parts(answer, WORDING, lead=len("Try this."))
    assert list(parts) == ["text", "card-0", "reason-0", "why-0", "late", "end"]
    assert (parts["text"], parts["late"]) == ("<p>Try this.</p>", "<p>The model stopped.</p>")
    assert "late" not in answer_parts(ANSWER, WORDING, lead=len("Said in the text."))


def test_a_price_stands_first_as_price_tags_have_it() -> None:
    def told(**price: object) -> str:
        return card_html(HEAT.model_copy(update=price), 0, WORDING).split('class="meta">')[1].split("</p>")[0]

    assert told(price=1299.5, currency="EUR").startswith("<span><b>EUR 1,299.50</b> ")
    assert told(price=0.0).startswith("<span><b>Price 0</b> ")
    assert told().startswith("<span>1995 ")


def test_an_answer_about_items_offers_to_go_on() -> None:
    told = ChatMessage(
        role="assistant", content="It is long.", details=DETAILS.model_copy(update={"kind": AnswerKind.INFORMATION})
    )
    assert ">Something else</button>" in answer_parts(told, WORDING)["end"]
    talk = told.model_copy(update={"details": DETAILS.model_copy(update={"kind": AnswerKind.SMALL_TALK})})
    assert "<button" not in answer_parts(talk, WORDING)["end"]


def test_every_file_of_the_script_is_joined_once() -> None:
    assert sorted(SCRIPT) == sorted(path.stem for path in (HERE / "script").iterdir())


def test_a_reason_that_comes_later_leaves_its_card_as_it_is() -> None:
    early = ANSWER.model_copy(update={"recommendations": (HEAT.model_copy(update={"reason": ""}),), "details": None})
    before, after = answer_parts(early, WORDING), answer_parts(ANSWER, WORDING)
    assert before["card-0"] == after["card-0"]
    assert (before["reason-0"], after["reason-0"]) == ("", "It is tense.")


def test_a_kept_conversation_becomes_turns_and_an_unanswered_message_can_be_sent_again() -> None:
    question = ChatMessage(role="user", content="Hi <b>")
    first, second = turns([question, ANSWER, question], WORDING)
    assert first["question"] == "Hi <b>"
    assert list(first["parts"]) == ["text", "card-0", "reason-0", "why-0", "end"]
    assert "data-retry" in second["parts"]["note"]


def test_an_answer_is_spoken_once() -> None:
    assert spoken(ANSWER) == "Said in the text. Heat (1995): It is tense."


def test_a_long_conversation_is_sent_from_a_message_of_the_person_on() -> None:
    said = [ChatMessage(role="user", content="q"), ChatMessage(role="assistant", content="a")] * HISTORY_MESSAGES
    sent = newest([*said, ChatMessage(role="user", content="last")])
    assert len(sent) == HISTORY_MESSAGES - 1
    assert (sent[0].role, sent[-1].content) == ("user", "last")
    assert newest([ChatMessage(role="user", content="x" * 100_000)])[0].content == "x" * 100_000
