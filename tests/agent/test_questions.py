"""The questions "why not X?", "compare A and B" and "why did it move?" in whole turns."""

import pytest

from agent.turn import ChatTurn
from core.conversation import Feedback, Message, Verdict
from core.recommendation import Answer, AnswerKind
from core.turn import TurnDone, TurnRequest
from encoders.text import TextEncoder
from tests.catalogue import FILMS, parts
from tests.fakes import ScriptedGenerator


@pytest.fixture(scope="module")
def turn(encoder: TextEncoder) -> ChatTurn:
    return ChatTurn(parts(ScriptedGenerator(ready=False), encoder=encoder, recommendations=2, candidates=2))


async def answer(turn: ChatTurn, request: TurnRequest) -> Answer:
    events = [event async for event in turn.run(request)]
    done = events[-1]
    assert isinstance(done, TurnDone)
    return done.answer


async def asked(turn: ChatTurn, wish: str, question: str, **more: object) -> tuple[Answer, Answer]:
    """The answer to a wish, and the answer to a question about it."""
    first = TurnRequest.model_validate({"messages": (Message(role="user", content=wish),), **more})
    before = await answer(turn, first)
    ids = tuple(one.item_id for one in before.recommendations)
    shown = Message(role="assistant", content=before.text, item_ids=ids)
    messages = (*first.messages, shown, Message(role="user", content=question))
    after = await answer(turn, first.model_copy(update={"messages": messages}))
    assert after.kind is AnswerKind.INFORMATION
    return before, after


@pytest.mark.parametrize(
    ("wish", "question", "said"),
    [
        (
            "I loved Star Wars. No horror please",
            "why not Alien?",
            "because you ruled out horror: it is a horror sci-fi film",
        ),
        ("a comedy please", "why not Heat?", "does not meet your wish for “comedy”: it is an action crime thriller"),
        ("I loved Heat and Fargo", "why not Fargo?", "because you said that you like it"),
        ("I've seen Casino. a crime film please", "why not Casino?", "because you have seen it"),
        ("something like Heat", "why not Heat?", "so it is the measure and not an answer"),
        ("a film from the 70s", "why not Heat?", "does not meet your wish for “from 1970 to 1979”: it is from 1995"),
    ],
)
async def test_why_not_names_what_left_it_out(turn: ChatTurn, wish: str, question: str, said: str) -> None:
    _, after = await asked(turn, wish, question)
    assert said in after.text


async def test_why_not_tells_the_place_and_what_it_lacks(turn: ChatTurn) -> None:
    before, _ = await asked(turn, "I loved Heat", "why not Ghost?")
    shown = {one.item_id for one in before.recommendations}
    left_out = next(item for item in FILMS if item.id not in {*shown, "1"})
    _, after = await asked(turn, "I loved Heat", f"why not {left_out.title}?")
    last = FILMS[before.recommendations[-1].item_id]
    assert f"**{left_out.label}** fits what you asked for, but it came" in after.text
    assert f"Against {last.label}, the last one that I showed, it lacks most in" in after.text


async def test_why_not_of_what_was_shown_says_so(turn: ChatTurn) -> None:
    before, _ = await asked(turn, "I loved Heat", "why not Ghost?")
    second = FILMS[before.recommendations[1].item_id]
    _, after = await asked(turn, "I loved Heat", f"why not {second.title}?")
    assert after.text == f"**{second.label}** is in my last answer, at place 2."


async def test_why_not_knows_feedback_and_history(turn: ChatTurn) -> None:
    _, after = await asked(
        turn, "a crime film", "why not Fargo?", feedback=(Feedback(item_id="2", verdict=Verdict.DOWN),)
    )
    assert "because you said that you don't like it" in after.text
    _, after = await asked(turn, "a crime film", "why not Casino?", history=("3",))
    assert "because you chose it before" in after.text


async def test_comparing_puts_facts_side_by_side_and_gives_a_verdict(turn: ChatTurn) -> None:
    _, after = await asked(turn, "I loved Heat", "compare Casino and Annie Hall")
    lines = after.text.splitlines()
    assert lines[0] == "|  | Casino (1995) | Annie Hall (1977) |"
    assert "| Genre | crime, drama | comedy, romance |" in lines
    assert "They share no genre." in lines[-1]
    assert "For you, Casino fits better by likeness to Heat" in lines[-1]


async def test_comparing_with_what_one_knows_says_so(turn: ChatTurn) -> None:
    _, after = await asked(turn, "I loved Heat", "which is better, Heat or Casino?")
    assert "You said that you like Heat. So Casino is the one that is new to you." in after.text


async def test_what_no_correction_moved_is_said_not_to_have_moved(turn: ChatTurn) -> None:
    before, _ = await asked(turn, "I loved Heat", "why not Ghost?", popularity_correction=0.0)
    title = FILMS[before.recommendations[0].item_id].title
    _, after = await asked(turn, "I loved Heat", f"why did {title} move?", popularity_correction=0.0)
    assert "so nothing moved it" in after.text
