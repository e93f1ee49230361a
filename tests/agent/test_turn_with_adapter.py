"""A turn in which an adapter orders the candidates, and the language model writes about each of the first."""

import asyncio
import json
from dataclasses import replace

from agent.no_generator import NoGenerator
from agent.turn import ChatTurn
from core.errors import EngineError
from core.generator import Choice, Generator
from core.recommendation import Source
from core.turn import ItemReady, ReasonReady, TextDelta, TurnDone
from encoders.text import TextEncoder
from tests.agent.turns import Prefers, model_answer, run, said
from tests.catalogue import parts
from tests.fakes import ScriptedGenerator


def ranked(generator: Generator, encoder: TextEncoder, count: int, chooser: Prefers) -> ChatTurn:
    """A turn that shows so many items in the order of a chooser."""
    return ChatTurn(replace(parts(generator, encoder=encoder, recommendations=count), chooser=chooser))


async def test_an_adapter_orders_the_candidates_and_the_model_only_writes_about_the_first(encoder: TextEncoder) -> None:
    generator = ScriptedGenerator(model_answer(("Chinatown (1974)", "It is a mystery.")))
    turn = ranked(generator, encoder, 1, Prefers("9", "3"))
    answer, _ = await run(turn, said("I loved Heat and Fargo"))
    assert [one.item_id for one in answer.recommendations] == ["9"]
    assert "Casino" not in generator.prompts[0].user
    assert "rank" in answer.seconds


async def test_with_an_adapter_the_cards_come_before_the_reasons_are_written(encoder: TextEncoder) -> None:
    # The first answer is about an item that is not among the cards as well.
    first = model_answer(("Ghost (1990)", "It is a comedy."), ("Chinatown (1974)", "A film-noir."))
    second = model_answer(("Casino (1995)", "It is a crime drama."))
    generator = ScriptedGenerator(first, second)
    answer, events = await run(ranked(generator, encoder, 2, Prefers("9", "3")), said("I loved Heat and Fargo"))
    kinds = [type(event) for event in events]
    assert kinds == [TextDelta, ItemReady, ItemReady, ReasonReady, TextDelta, ReasonReady, TextDelta, TurnDone]
    cards = [event.recommendation for event in events if isinstance(event, ItemReady)]
    assert [(one.item_id, one.reason) for one in cards] == [("9", ""), ("3", "")]
    reasons = [event.recommendation for event in events if isinstance(event, ReasonReady)]
    assert [one.item_id for one in reasons] == ["9", "3"]
    assert all(one.reason for one in reasons)
    assert answer.recommendations == tuple(reasons)
    assert answer.counts.items_dropped == 1
    assert answer.usage.completion_tokens == sum(len(text.split()) for text in (first, second))


async def test_where_the_order_is_known_each_item_has_a_prompt_of_its_own(encoder: TextEncoder) -> None:
    answers = (model_answer(("Chinatown (1974)", "A film-noir.")), model_answer(("Casino (1995)", "A crime drama.")))
    generator = ScriptedGenerator(*answers)
    await run(ranked(generator, encoder, 2, Prefers("9", "3")), said("I loved Heat and Fargo"))
    offered = [json.loads(prompt.user)["candidates"] for prompt in generator.prompts]
    assert [[each["item"] for each in items] for items in offered] == [["Chinatown (1974)"], ["Casino (1995)"]]
    # Alike as they are, they are not told in the same order.
    assert [list(items[0]["evidence"]) for items in offered] == [["a", "b"], ["b", "a"]]
    # One line of thought is enough for all of them.
    asked = [list(prompt.answer_schema["properties"]) for prompt in generator.prompts]
    assert asked == [["reasoning", "items"], ["items"]]
    assert ["your reasoning" in prompt.system for prompt in generator.prompts] == [True, False]


async def test_where_one_answer_fails_its_reason_is_composed_and_the_others_stay(encoder: TextEncoder) -> None:
    generator = ScriptedGenerator(chunk=20)
    generator.enqueue('{"reasoning": "', then=EngineError("It died."))
    generator.enqueue(model_answer(("Casino (1995)", "Casino is a crime drama.")))
    answer, _ = await run(ranked(generator, encoder, 2, Prefers("9", "3")), said("I loved Heat and Fargo"))
    first, second = answer.recommendations
    assert first.reason
    assert second.reason.startswith("Casino is a crime drama.")
    assert answer.source is Source.RETRIEVAL


async def test_the_first_words_do_not_wait_for_the_adapter(encoder: TextEncoder) -> None:
    heard = asyncio.Event()

    class Waits(Prefers):
        async def choose(self, *given: object, **named: object) -> Choice:
            await asyncio.wait_for(heard.wait(), 20)
            return Choice(scores={}, log_probabilities={})

    turn = ranked(NoGenerator(), encoder, 1, Waits())
    async for event in turn.run(said("I loved Heat and Fargo")):
        if isinstance(event, TextDelta):
            heard.set()
    assert heard.is_set()


async def test_where_the_adapter_can_not_answer_the_order_stays(encoder: TextEncoder) -> None:
    plain = ChatTurn(parts(NoGenerator(), encoder=encoder, recommendations=3))
    failing = ranked(NoGenerator(), encoder, 3, Prefers(fails=True))
    first, _ = await run(plain, said("I loved Heat and Fargo"))
    second, _ = await run(failing, said("I loved Heat and Fargo"))
    assert [one.item_id for one in second.recommendations] == [one.item_id for one in first.recommendations]
