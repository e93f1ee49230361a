"""What a turn costs beside the language model: `python benchmarks/turn.py [--turns 12] [--rounds 2]`.

Prints, from one run: the time of each step; whole turns through the API against bare vLLM calls with the same prompts,
those of one turn side by side as in the turn, alone and sixteen turns at once; and the time to the first words and to
the last card. Every prompt is sent once before it counts, so that both sides of a pair find it in vLLM's prefix cache,
and who goes first alternates. Settings come from the environment: with an adapter (`TASTEMAKER_ADAPTER`) the order is
there after one pass, and so are the cards.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import uvicorn

from agent.turn import ChatTurn
from core.conversation import Message
from core.generator import ChatPrompt, GenerationDone, Generator
from core.settings import Settings
from server.app import create_app
from server.composition import Product, build

Pair = tuple[list[Message], tuple[ChatPrompt, ...]]  # a conversation, and the prompts that its turn makes
CONVERSATIONS = Path(__file__).parent.parent / "evaluation" / "understanding" / "dev_1.jsonl"


@dataclass
class Recorder:
    """A generator that remembers what it is asked."""

    generator: Generator
    prompts: list[ChatPrompt] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.generator.ready

    def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        self.prompts.append(prompt)
        return self.generator.stream(prompt)


@dataclass(frozen=True)
class Measured:
    """One call: seconds to its end, to its first words and to its last card, and tokens that were generated."""

    seconds: float
    first: float
    tokens: int
    cards: float = 0.0


def requests(count: int) -> list[list[Message]]:
    """Conversations that ask for recommendations, the same ones at every run."""
    wanted = []
    for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines():
        labelled = json.loads(line)
        intent = labelled["intent"]
        if intent["kind"] in ("recommend", "refine") and len(intent) > 1:
            wanted.append([Message.model_validate(message) for message in labelled["messages"]])
    step = max(1, len(wanted) // count)
    return wanted[::step][:count]


async def prompts_of(
    client: httpx.AsyncClient, recorder: Recorder, conversations: Sequence[list[Message]]
) -> list[Pair]:
    """Each conversation with the prompts that its turn makes; those that need no model are left out."""
    pairs = []
    for messages in conversations:
        recorder.prompts.clear()
        await whole_turn(client, messages, {})
        if recorder.prompts:
            pairs.append((messages, tuple(recorder.prompts)))
    return pairs


async def whole_turn(client: httpx.AsyncClient, messages: Sequence[Message], steps: dict[str, list[float]]) -> Measured:
    """A turn through the API, streamed."""
    said = [{"role": message.role, "content": message.content} for message in messages]
    body = {"model": "tastemaker", "messages": said, "stream": True, "stream_options": {"include_usage": True}}
    start, first, cards, tokens = time.perf_counter(), 0.0, 0.0, 0
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
            first = first or (time.perf_counter() - start if delta.get("content") else 0.0)
            cards = time.perf_counter() - start if delta.get("recommendations") else cards
            for step, seconds in ((delta.get("details") or {}).get("seconds") or {}).items():
                steps.setdefault(step, []).append(seconds)
            tokens = (chunk.get("usage") or {}).get("completion_tokens", tokens)
    return Measured(time.perf_counter() - start, first, tokens, cards)


async def bare_calls(client: httpx.AsyncClient, product: Product, prompts: Sequence[ChatPrompt]) -> Measured:
    """The prompts of a turn straight to vLLM, all at once."""
    start = time.perf_counter()
    done = await asyncio.gather(*(bare_call(client, product, prompt) for prompt in prompts))
    return Measured(time.perf_counter() - start, min(one.first for one in done), sum(one.tokens for one in done))


async def bare_call(client: httpx.AsyncClient, product: Product, prompt: ChatPrompt) -> Measured:
    """The same prompt straight to vLLM, streamed."""
    address = product.engine.address
    body = {
        "model": address.model,
        "messages": prompt.messages,
        "temperature": 0,
        "max_tokens": prompt.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": prompt.answer_schema}},
    }
    headers = {"Authorization": f"Bearer {address.key}"}
    start, first, tokens = time.perf_counter(), 0.0, 0
    async with client.stream("POST", f"{address.url}/chat/completions", json=body, headers=headers) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            first = first or (time.perf_counter() - start if chunk["choices"] else 0.0)
            tokens = (chunk.get("usage") or {}).get("completion_tokens", tokens)
    return Measured(time.perf_counter() - start, first, tokens)


async def alone(client: httpx.AsyncClient, product: Product, pairs: list[Pair]) -> None:
    steps: dict[str, list[float]] = {}
    turns, bares = list[Measured](), list[Measured]()
    for place, (messages, prompts) in enumerate(pairs):
        if place % 2:
            bare = await bare_calls(client, product, prompts)
            turn = await whole_turn(client, messages, steps)
        else:
            turn = await whole_turn(client, messages, steps)
            bare = await bare_calls(client, product, prompts)
        turns.append(turn)
        bares.append(bare)
    print("step             median ms    worst ms")
    for step, seconds in steps.items():
        print(f"{step:<14} {1000 * statistics.median(seconds):>10.1f} {1000 * max(seconds):>11.1f}")
    ratios = [turn.seconds / bare.seconds for turn, bare in zip(turns, bares, strict=True)]
    print(f"\nwhole turn / bare call, one at a time, {len(pairs)} pairs")
    print(
        f"  ratio: geometric mean {statistics.geometric_mean(ratios):.3f}, from {min(ratios):.2f} to {max(ratios):.2f}"
    )
    print(f"  whole turn: median {statistics.median(turn.seconds for turn in turns):.2f} s", end="")
    print(f" (bare call: {statistics.median(bare.seconds for bare in bares):.2f} s)")
    print(f"  last card: median {statistics.median(turn.cards for turn in turns):.2f} s")
    print(f"  first words: median {1000 * statistics.median(turn.first for turn in turns):.0f} ms", end="")
    print(f" (vLLM's first token: {1000 * statistics.median(bare.first for bare in bares):.0f} ms)")


async def together(client: httpx.AsyncClient, product: Product, pairs: list[Pair], rounds: int, size: int) -> None:
    chosen = [pairs[place % len(pairs)] for place in range(size)]

    async def speed(calls: list) -> float:
        start = time.perf_counter()
        done = await asyncio.gather(*calls)
        return sum(one.tokens for one in done) / (time.perf_counter() - start)

    ratios = []
    print(f"\n{size} at once, tokens a second")
    for place in range(rounds):
        sides = ["turn", "bare"] if place % 2 == 0 else ["bare", "turn"]
        found = {}
        for side in sides:
            calls = (
                [whole_turn(client, messages, {}) for messages, _ in chosen]
                if side == "turn"
                else [bare_calls(client, product, prompts) for _, prompts in chosen]
            )
            found[side] = await speed(calls)
        ratios.append(found["turn"] / found["bare"])
        print(f"  turns {found['turn']:.0f}, bare vLLM {found['bare']:.0f}, ratio {ratios[-1]:.3f} ({sides[0]} first)")
    print(f"  ratio: geometric mean {statistics.geometric_mean(ratios):.3f}")


async def measure(product: Product, recorder: Recorder, address: str, turns: int, rounds: int, size: int) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=httpx.Limits(max_connections=None)) as client:
        pairs = await prompts_of(client, recorder, requests(turns))
        await alone(client, product, pairs)
        await together(client, product, pairs, rounds, size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--catalog", default="ml-100k")
    options = parser.parse_args()
    state = f"sqlite:///{tempfile.mkdtemp()}/state.db"
    product = build(Settings(catalog=options.catalog, database_url=state, generation_timeout=300), print)
    product.engine.start()
    recorder = Recorder(product.generator)
    services = replace(product.services, turn=ChatTurn(replace(product.parts, generator=recorder)))
    server = uvicorn.Server(uvicorn.Config(create_app(services), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    try:
        assert product.engine.wait_ready(600), product.engine.status.detail
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        asyncio.run(
            measure(product, recorder, f"http://127.0.0.1:{port}", options.turns, options.rounds, options.at_once)
        )
    finally:
        server.should_exit = True
        product.engine.stop()


if __name__ == "__main__":
    main()
