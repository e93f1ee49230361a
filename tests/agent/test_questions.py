"""The questions "why not X?", "compare A and B" and "why did it move?" in whole turns."""

import json
from dataclasses import replace

import numpy as np
import pytest

from agent.no_generator import NoGenerator
from agent.pictures import Seen
from agent.turn import ChatTurn
from core.conversation import Feedback, Message, Verdict
from core.recommendation import Answer, AnswerKind
from core.turn import TurnDone, TurnRequest
from encoders.text import TextEncoder
from index.query import Pictures
from tests.agent.turns import Prefers
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


async def test_why_not_of_what_was_shown_and_turned_down_says_so(turn: ChatTurn) -> None:
    request = TurnRequest(messages=(Message(role="user", content="a crime film"),))
    before = await answer(turn, request)
    ids = tuple(one.item_id for one in before.recommendations)
    shown = Message(role="assistant", content=before.text, item_ids=ids)
    question = Message(role="user", content=f"why not {FILMS[ids[0]].title}?")
    turned_down = Feedback(item_id=ids[0], verdict=Verdict.DOWN)
    messages = (*request.messages, shown, question)
    after = await answer(turn, request.model_copy(update={"messages": messages, "feedback": (turned_down,)}))
    assert after.text.endswith("at place 1. You gave it a thumbs-down since, so I won't show it again.")


async def test_why_not_knows_feedback_and_history(turn: ChatTurn) -> None:
    _, after = await asked(
        turn, "a crime film", "why not Fargo?", feedback=(Feedback(item_id="2", verdict=Verdict.DOWN),)
    )
    assert "because you gave it a thumbs-down" in after.text
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


async def test_why_not_tells_where_the_model_put_it(encoder: TextEncoder) -> None:
    made = parts(NoGenerator(), encoder=encoder, recommendations=2, candidates=4)
    plain, _ = await asked(ChatTurn(made), "I loved Heat", "why not Ghost?")
    first, second = (one.item_id for one in plain.recommendations)
    others = [one.item_id for one in plain.not_chosen]
    # The model turns the best one down to the last place.
    turn = ChatTurn(replace(made, chooser=Prefers(second, *others, first)))
    before, after = await asked(turn, "I loved Heat", f"why not {FILMS[first].title}?")
    assert [one.item_id for one in before.recommendations] == [second, others[0]]
    read = 2 + len(others)
    assert f"**{FILMS[first].label}** came 1st of 11 films by its score" in after.text
    assert f"the language model put it {read}th of the {read} that it ranked, and both together {read}th" in after.text
    assert "I showed the first 2." in after.text


async def test_why_not_tells_what_the_model_took_instead(encoder: TextEncoder) -> None:
    made = parts(NoGenerator(), encoder=encoder, recommendations=1, candidates=4)
    plain, _ = await asked(ChatTurn(made), "I loved Heat", "why not Ghost?")
    passed_over, taken = plain.recommendations[0].item_id, plain.not_chosen[0].item_id
    draft = {"item": FILMS[taken].label, "evidence": ["a"], "reason": "It is a film."}
    generator = ScriptedGenerator(json.dumps({"reasoning": "", "items": [draft]}))
    turn = ChatTurn(replace(made, generator=generator))
    _, after = await asked(turn, "I loved Heat", f"why not {FILMS[passed_over].title}?")
    assert "so it was among the" in after.text
    assert f"It took others, such as {FILMS[taken].label}." in after.text


async def test_why_not_knows_the_picture(encoder: TextEncoder) -> None:
    class Looks:
        def look(self, picture: bytes) -> Seen:
            return Seen(Pictures(np.array([3, 9, 8]), np.array([0.9, 0.5, 0.1]), of=12))

    made = replace(parts(NoGenerator(), encoder=encoder, recommendations=1), pictures=Looks())
    messages = (
        Message(role="user", content="like this", picture=b"a file"),
        Message(role="assistant", content="Alien", item_ids=("4",)),
    )

    async def why_not(title: str) -> str:
        question = Message(role="user", content=f"why not {title}?")
        return (await answer(ChatTurn(made), TurnRequest(messages=(*messages, question)))).text

    star_wars = await why_not("Star Wars")
    assert "it lacks most in likeness to your picture" in star_wars
    assert star_wars.endswith("Its picture is the 2nd most like yours, of 12.")
    assert (await why_not("Ghost")).endswith("It has no picture that could be compared with yours.")


async def test_why_not_of_what_an_earlier_answer_showed_says_so(turn: ChatTurn) -> None:
    wish = Message(role="user", content="a thriller")
    first = await answer(turn, TurnRequest(messages=(wish,)))
    shown = Message(role="assistant", content=first.text, item_ids=tuple(one.item_id for one in first.recommendations))
    messages = (wish, shown, Message(role="user", content="anything else?"))
    second = await answer(turn, TurnRequest(messages=messages))
    others = Message(
        role="assistant", content=second.text, item_ids=tuple(one.item_id for one in second.recommendations)
    )
    label = FILMS[shown.item_ids[0]]
    messages = (*messages, others, Message(role="user", content=f"why not {label.title}?"))
    asked_again = await answer(turn, TurnRequest(messages=messages))
    assert asked_again.text == f"I showed **{label.label}** before, and you asked for something else."


async def test_why_and_what_moved_tell_what_the_model_did(encoder: TextEncoder) -> None:
    made = parts(NoGenerator(), encoder=encoder, recommendations=1, candidates=4)
    plain, _ = await asked(ChatTurn(made), "I loved Heat", "why not Ghost?", popularity_correction=0.0)
    second = plain.not_chosen[0].item_id
    turn = ChatTurn(replace(made, chooser=Prefers(second)))
    for question in ("why did {} move?", "why {}?"):
        title = FILMS[second].title
        before, after = await asked(turn, "I loved Heat", question.format(title), popularity_correction=0.0)
        assert before.recommendations[0].item_id == second
        assert "The language model's ranking moved it up from place 2 to place 1." in after.text
