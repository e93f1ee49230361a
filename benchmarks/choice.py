"""What a ranking pass costs: `python benchmarks/choice.py --model FOLDER [--rounds 8] [--loads 1,4]`.

Starts vLLM with an adapter of random weights (its numbers don't change the time) and asks for choices among 20
candidates, each prompt a new one. Beside each choice stands a bare vLLM call that reads a text prompt of as many tokens
and writes one; who goes first alternates, and the median of the ratios is what counts. A choice's time is all of it:
rendering, tokenizing and putting together the embeddings are in it.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx
import numpy as np
import torch

from core.adapter import AdapterLayout, AdapterManifest, base_model_identity, write_manifest
from core.artifacts import Wording
from core.candidate import Candidate
from core.intent import Intent, TurnKind
from core.item import Item, ItemTable
from encoders.soft_prompt import SoftPromptProjector
from server.adapters import find_adapters
from server.choice import VllmChooser
from server.choice_questions import Questions
from server.local_engine import MODEL_NAME, LocalEngine
from server.token_table import token_table
from server.vllm_command import PROMPT_EMBEDDINGS

CANDIDATES = 20
HISTORY = 10
DIMENSIONS = 128
_WORDS = "Silent Golden Last River Night Garden Iron Paper Summer Station Letter Glass Winter Stone Bridge".split()
INTENT = Intent(kind=TurnKind.RECOMMEND, query="something a bit dark")


def catalogue(rng: random.Random, count: int = 500) -> ItemTable:
    """Films with titles of about the usual length."""
    titles = (" ".join(rng.sample(_WORDS, rng.randint(1, 4))) for _ in range(count))
    return ItemTable(Item(id=str(n), title=title, year=rng.randint(1940, 2000)) for n, title in enumerate(titles))


def random_adapter(folder: Path, model: Path, items: int) -> AdapterLayout:
    """A soft prompt that nobody trained."""
    identity = base_model_identity(model)
    layout = AdapterLayout(folder)
    projector = SoftPromptProjector(DIMENSIONS, identity.hidden_size)
    projector.start_from(token_table(model), person_ids=[500])
    projector.save(layout.projector)
    np.save(layout.embeddings, np.random.default_rng(0).normal(size=(items, DIMENSIONS)).astype(np.float16))
    manifest = AdapterManifest(
        name=MODEL_NAME,
        base_model=identity,
        dimensions=DIMENSIONS,
        has_soft_prompt=True,
        has_lora=False,
    )
    write_manifest(layout, manifest)
    return layout


class Bench:
    """Asks one vLLM in both ways."""

    def __init__(self, engine: LocalEngine, model: Path, items: ItemTable, folder: Path, rng: random.Random) -> None:
        from transformers import AutoTokenizer

        self._engine = engine
        self._items = items
        self._rng = rng
        layout = random_adapter(folder / "adapter", model, len(items))
        (adapter,) = find_adapters(str(layout.root), folder, str(model))
        wording = Wording(item="film", items="films", category="genre")
        self._soft = VllmChooser.load(engine, adapter, model, items, wording, timeout=600)
        self._hard = VllmChooser(engine, Questions(items, wording, AutoTokenizer.from_pretrained(model)), timeout=600)
        self._client = httpx.AsyncClient(timeout=600, trust_env=False)
        self._vocabulary = len(token_table(model))

    async def choose(self, chooser: VllmChooser) -> int:
        """A choice among other candidates for another person each time: the prompt's tokens."""
        ids = [str(n) for n in self._rng.sample(range(len(self._items)), CANDIDATES + HISTORY)]
        candidates = tuple(Candidate(item_id=one, score=self._rng.random()) for one in ids[:CANDIDATES])
        choice = await chooser.choose(INTENT, candidates, history=tuple(ids[CANDIDATES:]))
        return choice.usage.prompt_tokens

    async def read(self, tokens: int) -> int:
        """A bare call with a prompt of as many tokens that vLLM never saw."""
        address = self._engine.address
        prompt = [self._rng.randrange(100, self._vocabulary) for _ in range(tokens)]
        body = {"model": address.model, "prompt": prompt, "max_tokens": 1, "temperature": 0}
        headers = {"Authorization": f"Bearer {address.key}"}
        response = await self._client.post(f"{address.url}/completions", json=body, headers=headers)
        response.raise_for_status()
        return tokens

    async def run(self, rounds: int, loads: Sequence[int]) -> None:
        """Print a table of medians and ratios."""
        tokens = await self.choose(self._soft)
        hard_tokens = await self.choose(self._hard)
        await self.read(tokens)
        ways: dict[str, Callable[[], Awaitable[int]]] = {
            "bare": lambda: self.read(tokens),
            "soft": lambda: self.choose(self._soft),
            "hard": lambda: self.choose(self._hard),
        }
        print(f"{CANDIDATES} candidates, {HISTORY} titles: {tokens} tokens with soft prompts, {hard_tokens} without")
        print("| at once | bare, s | soft, s | soft / bare (quartiles) | hard / bare |\n|---|---|---|---|---|")
        for load in loads:
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            for number in range(rounds):
                for name in list(ways) if number % 2 else list(reversed(ways)):
                    began = time.perf_counter()
                    await asyncio.gather(*(ways[name]() for _ in range(load)))
                    seconds[name].append(time.perf_counter() - began)
            print(_row(load, seconds), flush=True)
        for chooser in (self._soft, self._hard):
            await chooser.aclose()
        await self._client.aclose()


def _row(load: int, seconds: dict[str, list[float]]) -> str:
    ratios = {
        name: [mine / bare for mine, bare in zip(taken, seconds["bare"], strict=True)]
        for name, taken in seconds.items()
    }
    low, middle, high = statistics.quantiles(ratios["soft"], n=4)
    cells = [
        str(load),
        f"{statistics.median(seconds['bare']):.2f}",
        f"{statistics.median(seconds['soft']):.2f}",
        f"{middle:.2f} ({low:.2f} to {high:.2f})",
        f"{statistics.median(ratios['hard']):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="the checkpoint's folder")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--loads", default="1,4", help="choices at once")
    arguments = parser.parse_args()
    model = arguments.model.absolute()
    rng = random.Random(0)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(model, log=Path(folder) / "vllm.log", extra=PROMPT_EMBEDDINGS)
        engine.start()
        try:
            if not engine.wait_ready(900):
                raise SystemExit(engine.status.detail)
            bench = Bench(engine, model, catalogue(rng), Path(folder), rng)
            asyncio.run(bench.run(arguments.rounds, [int(load) for load in arguments.loads.split(",")]))
        finally:
            engine.stop()


if __name__ == "__main__":
    main()
