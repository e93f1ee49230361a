"""Many varied turns of the real product: nothing reaches a person that the catalogue and they don't allow."""

import asyncio
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.item import ItemTable
from evaluation.understanding.report import Labelled, read_labelled
from tests.end_to_end.honesty import faults
from tests.end_to_end.product import Server

LABELLED = Path(__file__).parents[2] / "evaluation" / "understanding"
AT_ONCE = 8


async def test_sixty_turns(server: Server, items: ItemTable) -> None:
    conversations = read_labelled(LABELLED / "dev_1.jsonl")[::5]
    await check(server, items, [body(one) for one in islice(cycle(conversations), 60)])


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_five_hundred_turns(server: Server, items: ItemTable) -> None:
    conversations = [*read_labelled(LABELLED / "dev_1.jsonl"), *read_labelled(LABELLED / "dev_2.jsonl")]
    await check(server, items, [body(one) for one in conversations[:500]])


def body(conversation: Labelled) -> dict[str, Any]:
    """A request that asks for the answer to the last message of a conversation."""
    messages = [
        {"role": message.role, "content": message.content}
        | ({"recommendations": [{"item_id": one} for one in message.item_ids]} if message.item_ids else {})
        for message in conversation.messages
    ]
    return {"model": "tastemaker", "messages": messages}


async def check(server: Server, items: ItemTable, bodies: list[dict[str, Any]]) -> None:
    """Ask everything, a few at once, and judge every answer."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def answer(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
        async with turns:
            response = await client.post("/v1/chat/completions", json=body)
        assert response.status_code == 200, (body, response.text)
        return dict(response.json()["choices"][0]["message"])

    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=120) as client:
        answers = await asyncio.gather(*(answer(client, body) for body in bodies))
    bad = [
        (body["messages"][-1]["content"], found)
        for body, message in zip(bodies, answers, strict=True)
        if (found := faults(message, items))
    ]
    assert bad == []
    counts: Counter[str] = Counter()
    for message in answers:
        found = message["details"]["counts"]
        counts.update({f"unsupported {kind}": n for kind, n in found.pop("unsupported_by_kind").items()})
        counts.update(found)
        counts[f"{message['details']['kind']} by {message['details']['source']}"] += 1
    print(f"\n{len(answers)} turns:", dict(counts))
    # The model took part, and was not replaced by the search where it was needed.
    assert counts["recommendations by model"] > 0.6 * len(answers)
    assert counts["recommendations by retrieval"] <= 0.02 * len(answers)
    assert counts["reasons_kept"] > 0
