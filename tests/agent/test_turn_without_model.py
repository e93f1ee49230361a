"""A turn where no language model answers, or none is needed: search, questions, refinements."""

import numpy as np
import numpy.typing as npt
import pytest

from agent.no_generator import NoGenerator
from agent.phrases import MODEL_NOT_READY
from agent.turn import ChatTurn
from core.conversation import Feedback, Message, Verdict
from core.recommendation import Answer, AnswerKind, Source
from core.turn import TurnRequest
from encoders.text import TextEncoder
from tests.agent.turns import after, model_answer, run, said
from tests.catalogue import FILMS, parts
from tests.fakes import ScriptedGenerator

FloatArray = npt.NDArray[np.float64]


async def refined(turn: ChatTurn, text: str) -> tuple[Answer, Answer]:
    """The answer to "a thriller", and to what is said then."""
    first, _ = await run(turn, said("a thriller"))
    then, _ = await run(turn, after(said("a thriller"), first, text))
    return first, then


async def test_a_model_that_is_loading_is_not_waited_for(encoder: TextEncoder) -> None:
    generator = ScriptedGenerator(ready=False)
    answer, _ = await run(ChatTurn(parts(generator, encoder=encoder)), said("a comedy please"))
    assert len(answer.recommendations) == 3
    assert all("Comedy" in FILMS[one.item_id].categories for one in answer.recommendations)
    assert answer.notices == (MODEL_NOT_READY,)
    assert generator.prompts == []


async def test_that_the_model_is_loading_is_said_once_in_a_conversation(encoder: TextEncoder) -> None:
    first, then = await refined(ChatTurn(parts(ScriptedGenerator(ready=False), encoder=encoder)), "something older")
    assert MODEL_NOT_READY in first.text
    assert MODEL_NOT_READY not in then.text
    assert MODEL_NOT_READY not in then.notices
    assert then.source is Source.RETRIEVAL


async def test_without_a_language_model_nothing_is_said_of_one(encoder: TextEncoder) -> None:
    answer, _ = await run(ChatTurn(parts(NoGenerator(), encoder=encoder)), said("a comedy please"))
    assert len(answer.recommendations) == 3
    assert all(one.reason for one in answer.recommendations)
    assert (answer.notices, answer.source) == ((), Source.RETRIEVAL)
    assert "language model" not in answer.text


async def test_the_few_that_meet_every_wish_come_first_and_are_counted(encoder: TextEncoder) -> None:
    """The model can't put others before them, nor choose among what comes after."""
    wrong_way = model_answer(("Casino (1995)", "It is a crime drama."), ("Heat (1995)", "It is a crime thriller."))
    for generator in (NoGenerator(), ScriptedGenerator(*[wrong_way] * 3)):  # an answer for each of three items
        turn = ChatTurn(parts(generator, encoder=encoder, recommendations=3))
        answer, _ = await run(turn, said("a crime thriller from the nineties"))
        assert {one.item_id for one in answer.recommendations[:2]} == {"1", "2"}
        assert answer.notices[0].startswith(
            "Only 2 films fit all of this, first below. For the rest I did not insist on"
        )
        assert "closest" not in answer.text
    alone, _ = await run(ChatTurn(parts(NoGenerator(), encoder=encoder)), said("just one crime thriller from 1995"))
    assert [one.item_id for one in alone.recommendations] == ["1"]
    assert alone.notices == ()


async def test_what_is_wished_for_is_not_ruled_out_by_a_mood(encoder: TextEncoder) -> None:
    answer, _ = await run(ChatTurn(parts(NoGenerator(), encoder=encoder)), said("something scary but not gory"))
    assert {one.item_id for one in answer.recommendations[:2]} == {"4", "5"}
    assert not {"1", "2", "3", "9", "10"} & {one.item_id for one in answer.recommendations}


async def test_nothing_to_go_on_gets_one_question(encoder: TextEncoder) -> None:
    answer, _ = await run(ChatTurn(parts(ScriptedGenerator(), encoder=encoder)), said("recommend me something"))
    assert answer.kind is AnswerKind.QUESTION
    assert answer.text.count("?") == 1


async def test_thumbs_count_in_the_next_turn(encoder: TextEncoder) -> None:
    turn = ChatTurn(parts(ScriptedGenerator(ready=False), encoder=encoder))
    before, _ = await run(turn, said("a comedy please"))
    down = before.recommendations[0].item_id
    request = said("a comedy please").model_copy(update={"feedback": (Feedback(item_id=down, verdict=Verdict.DOWN),)})
    after, _ = await run(turn, request)
    assert after.intent.disliked == (down,)
    assert down not in {one.item_id for one in after.recommendations}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("who directed Taxi Driver?", "Martin Scorsese"),
        ("how long is Taxi Driver?", "114 minutes"),
        ("who directed Heat?", "doesn't say"),
    ],
)
async def test_questions_are_answered_from_the_catalogue(encoder: TextEncoder, question: str, words: str) -> None:
    answer, _ = await run(ChatTurn(parts(ScriptedGenerator(), encoder=encoder)), said(question))
    assert answer.kind is AnswerKind.INFORMATION
    assert words in answer.text


async def test_why_tells_what_the_correction_moved(encoder: TextEncoder) -> None:
    class Reversing:
        """Turns the list round, so that there is something to tell: everything in FILMS is about as popular."""

        def shifts(
            self, rows: object, scores: FloatArray, history: object, strength: float, user: object, **_: object
        ) -> dict[str, FloatArray]:
            return {"popularity": -2 * strength * scores} if strength else {}

    made = parts(ScriptedGenerator(ready=False), encoder=encoder, recommendations=5)
    made.shortlister._correction = Reversing()
    turn = ChatTurn(made)
    asked = said("I loved Heat and Alien").model_copy(update={"popularity_correction": 1.0})
    answer, _ = await run(turn, asked)
    found = [one for one in answer.recommendations if one.move and one.move.before != one.move.after]
    assert found
    moved = found[0]
    assert moved.move is not None
    asked = after(asked, answer, f"Why {FILMS[moved.item_id].title}?")
    why, _ = await run(turn, asked)
    assert why.kind is AnswerKind.INFORMATION
    assert f"from place {moved.move.before} to place {moved.move.after}" in why.text
    off, _ = await run(turn, asked.model_copy(update={"popularity_correction": 0.0}))
    assert "correction" not in off.text


@pytest.mark.parametrize(
    ("text", "again"), [("no comedy, please", False), ("too old", False), ("only those from 1995", True)]
)
async def test_a_refinement_shows_something_else_unless_it_picks(
    encoder: TextEncoder, text: str, *, again: bool
) -> None:
    first, then = await refined(ChatTurn(parts(NoGenerator(), encoder=encoder, recommendations=2)), text)
    shown = {one.item_id for one in first.recommendations}
    assert bool(shown.intersection(one.item_id for one in then.recommendations)) is again
    assert "come again" not in then.text


async def test_where_too_little_is_left_an_item_comes_again_last_and_the_answer_says_so(encoder: TextEncoder) -> None:
    first, then = await refined(ChatTurn(parts(NoGenerator(), encoder=encoder, recommendations=3)), "anything else?")
    shown = [one.item_id in {each.item_id for each in first.recommendations} for one in then.recommendations]
    assert shown == [False, False, True]  # there are five thrillers
    assert "Few other films fit all of this, so some come again." in then.notices


@pytest.mark.parametrize("words", ["surprise me", "idk", "best movie ever?", "anything but horror"])
async def test_who_leaves_the_choice_or_only_rules_out_gets_an_answer(encoder: TextEncoder, words: str) -> None:
    answer, _ = await run(ChatTurn(parts(NoGenerator(), encoder=encoder)), said(words))
    assert answer.kind is AnswerKind.RECOMMENDATIONS
    assert "4" not in [one.item_id for one in answer.recommendations] or "horror" not in words


async def test_a_limit_of_the_catalogue_is_said_in_the_answer_and_not_again(encoder: TextEncoder) -> None:
    turn = ChatTurn(parts(NoGenerator(), encoder=encoder))
    asked = said("a thriller under 40 euros")
    first, _ = await run(turn, asked)
    limit = "This catalogue doesn't say what films cost, so I can't go by that."
    assert first.text.startswith(limit)
    assert limit in first.notices
    second, _ = await run(turn, after(asked, first, "older"))
    assert limit not in second.text


async def test_why_not_is_answered_where_only_text_came_back(encoder: TextEncoder) -> None:
    turn = ChatTurn(parts(NoGenerator(), encoder=encoder, recommendations=2))
    first, _ = await run(turn, said("a thriller"))
    messages = (
        Message(role="user", content="a thriller"),
        Message(role="assistant", content=first.text),
        Message(role="user", content="why not Toy Story?"),
    )
    answer, _ = await run(turn, TurnRequest(messages=messages))
    assert "does not meet your wish for “thriller”" in answer.text
