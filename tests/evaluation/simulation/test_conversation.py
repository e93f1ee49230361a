"""Conversations with baselines and with the real turn, kept and resumed."""

import asyncio
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.no_generator import NoGenerator
from agent.turn import ChatTurn
from core.conversation import Message
from core.errors import InputError
from core.turn import TurnDone, TurnRequest
from encoders.text import TextEncoder
from evaluation.simulation.conversation import Conversation, Exchange, converse
from evaluation.simulation.facets import Facets
from evaluation.simulation.log import ConversationLog, key
from evaluation.simulation.person import SimulatedPerson, Temperament
from evaluation.simulation.recommenders import ListRecommender, Recommender, Shown, Talk, TurnRecommender
from evaluation.simulation.report import people_frame, summarised
from evaluation.simulation.run import Side, SimulationOptions, hold
from evaluation.simulation.world import Person
from tests import catalogue
from tests.evaluation.simulation.films import FILMS, WORDING, looks_for

CHOSEN = np.arange(60)[::-1].copy()  # the first film is the most popular


def popularity(count: int = 3) -> ListRecommender:
    return ListRecommender("popularity", FILMS, count, lambda _: CHOSEN)


def simulated(target: int) -> SimulatedPerson:
    return SimulatedPerson(looks_for(target, (0, 1)), FILMS, Facets(FILMS), WORDING, np.random.default_rng(0))


async def test_a_list_is_gone_down_without_the_history_and_without_repeats() -> None:
    found = await converse(simulated(9), popularity(), turns=5, history_known=True)
    assert [exchange.item_ids for exchange in found.exchanges] == [("2", "3", "4"), ("5", "6", "7"), ("8", "9", "10")]
    assert [exchange.place for exchange in found.exchanges] == [8, 5, 2]
    assert found.found == 3
    assert found.last_words


async def test_turns_are_used_up() -> None:
    found = await converse(simulated(40), popularity(), turns=4, history_known=False)
    assert (len(found.exchanges), found.found, found.last_words) == (4, None, "")


class Talking:
    """Never recommends."""

    name = "talking"

    async def answer(self, talk: Talk) -> Shown:
        return Shown("Which genre do you like?")


async def test_questions_are_counted_and_answered() -> None:
    found = await converse(simulated(9), Talking(), turns=3, history_known=False)
    summary = summarised([found], 3)["talking"]
    assert summary.questions == [3]
    assert summary.found == [0]
    assert summary.success(3).tolist() == [0.0]


async def test_the_real_turn_is_watched_without_being_changed(encoder: TextEncoder) -> None:
    parts = catalogue.parts(NoGenerator(), encoder=encoder)
    messages = (Message(role="user", content="a crime film, please"),)
    shown = await TurnRecommender(parts, 2).answer(Talk(messages, ("1",), "3"))
    answers = [
        event.answer
        async for event in ChatTurn(parts).run(TurnRequest(messages=messages, history=("1",), count=2))
        if isinstance(event, TurnDone)
    ]
    assert shown.item_ids == tuple(one.item_id for one in answers[0].recommendations)
    assert shown.place is not None
    assert (shown.place <= 2) == ("3" in shown.item_ids)


async def test_a_target_that_is_ruled_out_has_no_place(encoder: TextEncoder) -> None:
    parts = catalogue.parts(NoGenerator(), encoder=encoder)
    messages = (Message(role="user", content="a comedy, but no romance"),)
    shown = await TurnRecommender(parts, 2).answer(Talk(messages, (), "11"))
    assert shown.item_ids
    assert shown.place is None


async def test_a_whole_conversation_with_the_real_turn(encoder: TextEncoder) -> None:
    parts = catalogue.parts(NoGenerator(), encoder=encoder)
    items = catalogue.FILMS
    looking = Person("u", ("1", "3"), "2")
    rng = np.random.default_rng(1)
    temperament = Temperament(greets=1.0, crowd=2)
    person = SimulatedPerson(looking, items, Facets(items), catalogue.WORDING, rng, temperament)
    found = await converse(person, TurnRecommender(parts, 2), turns=6, history_known=False)
    assert not found.exchanges[0].item_ids  # a greeting finds nothing
    assert found.found is not None
    assert "2" in found.exchanges[-1].item_ids


def kept(user: str, found: int | None = None) -> Conversation:
    exchange = Exchange(said="Hi!", told="", crowd=60, answered="Hello.", item_ids=("1",), place=2)
    return Conversation(
        user_id=user, target="9", recommender="r", history_known=True, exchanges=(exchange,), found=found
    )


def test_the_log_gives_back_what_was_kept_and_cuts_what_a_kill_tore(tmp_path: Path) -> None:
    log = ConversationLog(tmp_path, {"seed": 0})
    log.append(kept("a", 1))
    log.append(kept("b"))
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + b'{"user_id": "c", "targ')
    again = ConversationLog(tmp_path, {"seed": 0})
    assert [one.user_id for one in again] == ["a", "b"]
    assert key("r", "b") in again
    assert key("r", "c") not in again
    assert log.path.read_bytes() == whole


def test_conversations_of_other_settings_are_not_mixed(tmp_path: Path) -> None:
    ConversationLog(tmp_path, {"seed": 0})
    with pytest.raises(InputError, match="other settings"):
        ConversationLog(tmp_path, {"seed": 1})


class Slow:
    """Takes its time."""

    name = "slow"

    async def answer(self, talk: Talk) -> Shown:
        await asyncio.sleep(0.005)
        return await popularity().answer(talk)


def test_a_killed_run_goes_on_without_repeating_or_losing_anything(tmp_path: Path) -> None:
    people = [replace(looks_for(target), user_id=f"u{target}") for target in range(40)]
    options = SimulationOptions(turns=3)

    def run(recommender: Recommender, folder: Path) -> list[Conversation]:
        log = ConversationLog(folder, {"seed": 0})
        asyncio.run(hold(people, [Side("list", recommender, False)], FILMS, WORDING, options, log))
        return list(log)

    child = os.fork()
    if child == 0:  # the run that is killed
        try:
            run(Slow(), tmp_path / "killed")
        finally:
            os._exit(0)
    path, deadline = tmp_path / "killed" / "conversations.jsonl", time.monotonic() + 30
    while not (path.is_file() and path.read_bytes().count(b"\n") > 5) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    before = path.read_bytes()
    assert 5 < before.count(b"\n") < 40
    resumed, straight = run(popularity(), tmp_path / "killed"), run(popularity(), tmp_path / "straight")
    assert path.read_bytes().startswith(before[: before.rindex(b"\n") + 1])

    def heard(one: Conversation) -> str:
        timed = {"seconds", "cpu_seconds"}
        return json.dumps([each.model_dump(exclude=timed) for each in one.exchanges])

    assert [(one.user_id, one.found, heard(one)) for one in resumed] == [
        (one.user_id, one.found, heard(one)) for one in straight
    ]


def test_outcomes_by_person() -> None:
    outcomes = summarised([kept("a", 1), kept("b")], 2)
    assert outcomes["r"].success(1).tolist() == [1.0, 0.0]
    assert people_frame(outcomes)["value"].to_list() == [1.0, 0.0]
