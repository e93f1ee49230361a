"""What a comparison of prompts costs beside the engine: `python benchmarks/prompt_batches.py throughput|memory`.

`throughput` asks the same questions by the runner, which renders, asks, parses and keeps every answer on disk, and by
bare requests whose bodies are ready in memory, at the same concurrency. The engine's prefix cache is emptied before
each turn, and who goes first alternates. Prints tokens a second of both and their ratio for each round, and how many
of the requests that may run at once the engine had on average: that number doesn't depend on what else the machine
does. Where other programs take turns with the engine, ratios of single rounds say little; ask for more rounds.

`memory` runs comparisons of more and more people against a server that answers at once, each in a process of its own,
and prints the largest resident memory of each.
"""

import argparse
import asyncio
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from core.settings import Settings
from evaluation.prompts.answer_log import AnswerLog
from evaluation.prompts.language_model import LanguageModel
from evaluation.prompts.models import Models, local_models
from evaluation.prompts.people import load_people
from evaluation.prompts.plan import Plan, Run
from evaluation.prompts.run import evaluate_prompts
from evaluation.prompts.runner import answer_all
from evaluation.prompts.variants import PromptSettings, parse_variants
from prompts.template import find_template
from server.artifacts import load_artifacts
from server.local_engine import LocalEngine

PROMPTS = ("hard", "json", "chain-of-thought", "few-shot")
Side = Callable[[Plan, Models, list[bytes], int], Coroutine[Any, Any, int]]
_RUNNING = re.compile(r"^vllm:num_requests_running\{[^}]*\} (\S+)$", re.MULTILINE)
_LOOK_EVERY = 0.5  # seconds


def make_plan(settings: Settings, users: int, folder: Path) -> tuple[Plan, Models]:
    """All templates about some people, with the engine's own model."""
    artifacts = load_artifacts(settings.artifacts, settings.catalog)
    variants = parse_variants("base", PromptSettings())
    models = local_models(settings, variants, [], print)
    people = load_people(
        artifacts, settings, users=users, split="validation", targets=1, seed=0, ranker="history", work=folder
    )
    runs = [Run(name, find_template(name), variants[0], people, *models.of(variants[0])) for name in PROMPTS]
    return Plan(runs, seed=0), models


async def by_runner(plan: Plan, models: Models, bodies: list[bytes], concurrency: int) -> int:
    """Ask by the runner, its writing to disk included; how many tokens were read and written."""
    with tempfile.TemporaryDirectory() as folder:
        log = AnswerLog(Path(folder))
        answered = log.open()
        async with LanguageModel(models.engine, timeout=600, patience=60) as model:
            await answer_all(plan, model, log, answered, total=len(bodies), concurrency=concurrency)
        log.close()
        return sum(answer.prompt_tokens + answer.completion_tokens for answer in log)


async def bare(_: Plan, models: Models, bodies: list[bytes], concurrency: int) -> int:
    """Send the same requests, ready in memory, and nothing else; how many tokens were read and written."""
    open_bodies, tokens = iter(bodies), 0
    async with _client(models) as client:

        async def work() -> None:
            nonlocal tokens
            for body in open_bodies:
                answer = (await client.post("/v1/chat/completions", content=body)).json()
                tokens += answer["usage"]["total_tokens"]

        await asyncio.gather(*(work() for _ in range(concurrency)))
    return tokens


@dataclass(frozen=True)
class Turn:
    """What one side got from the engine."""

    speed: float  # tokens a second
    running: float  # mean number of requests that the engine worked on


async def turn(side: Side, plan: Plan, models: Models, bodies: list[bytes], concurrency: int) -> Turn:
    """One side from an empty prefix cache on."""
    running: list[float] = []

    async def watch(client: httpx.AsyncClient) -> None:
        while True:
            text = (await client.get("/metrics")).text
            running.append(sum(float(number) for number in _RUNNING.findall(text)))
            await asyncio.sleep(_LOOK_EVERY)

    async with _client(models) as client:
        (await client.post("/reset_prefix_cache")).raise_for_status()
        began, watching = time.perf_counter(), asyncio.create_task(watch(client))
        tokens = await side(plan, models, bodies, concurrency)
        seconds = time.perf_counter() - began
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return Turn(tokens / seconds, statistics.fmean(running))


def _client(models: Models) -> httpx.AsyncClient:
    address = models.engine.address
    return httpx.AsyncClient(
        base_url=address.url.removesuffix("/v1"),
        timeout=600,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        headers={"Authorization": f"Bearer {address.key or 'none'}", "Content-Type": "application/json"},
        trust_env=False,
    )


def throughput(settings: Settings, users: int, concurrency: int, rounds: int) -> None:
    """Print both sides and their ratio for each round, and the ratios' geometric mean and range."""
    with tempfile.TemporaryDirectory() as folder:
        plan, models = make_plan(settings, users, Path(folder))
        # Only so does vLLM let its prefix cache be emptied.
        environment = {"VLLM_SERVER_DEV_MODE": "1"}
        models.engine = LocalEngine(str(models.checkpoint), log=Path(folder, "vllm.log"), environment=environment)
        bodies = [json.dumps(task.request).encode() for task in plan.tasks()]
        with models.running(print):
            asyncio.run(bare(plan, models, bodies[:concurrency], concurrency))  # the first answers load what vLLM lacks
            turns = [_round(place, plan, models, bodies, concurrency) for place in range(rounds)]
    ratios = [runner.speed / other.speed for runner, other in turns]
    at_work = [statistics.fmean(pair[side].running for pair in turns) for side in (0, 1)]
    print(
        f"{len(bodies)} questions, {concurrency} at once, {rounds} rounds: the runner has "
        f"{statistics.geometric_mean(ratios):.3f} of the bare requests' tokens a second "
        f"(from {min(ratios):.3f} to {max(ratios):.3f}); the engine worked on {at_work[0]:.1f} requests at a time, "
        f"and on {at_work[1]:.1f} bare ones"
    )


def _round(place: int, plan: Plan, models: Models, bodies: list[bytes], concurrency: int) -> tuple[Turn, Turn]:
    """Both sides, the runner first in even rounds."""
    sides: tuple[Side, Side] = (by_runner, bare)
    found = {side: asyncio.run(turn(side, plan, models, bodies, concurrency)) for side in sides[:: 1 - 2 * (place % 2)]}
    runner, other = found[by_runner], found[bare]
    print(
        f"runner {runner.speed:.0f} tokens/s, bare {other.speed:.0f}: {runner.speed / other.speed:.3f} "
        f"({runner.running:.1f} and {other.running:.1f} requests at a time)",
        flush=True,
    )
    return runner, other


def memory(sizes: list[int]) -> None:
    """Print the peak of each size; the catalogue's own data is in all of them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _At_once)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for size in sizes:
        command = [sys.executable, __file__, "one", str(size), f"http://127.0.0.1:{server.server_port}/v1"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(done.stdout.strip(), flush=True)
    server.shutdown()


def one(users: int, llm: str) -> None:
    """One comparison in this process."""
    with tempfile.TemporaryDirectory() as folder:
        result = evaluate_prompts(PROMPTS, ("base",), users=users, report=folder, llm=llm)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{users} people, {result.frame['people'][: len(PROMPTS)].sum()} answers: {peak:.0f} MiB")


class _At_once(BaseHTTPRequestHandler):  # noqa: N801
    """Answers every question with the first labels of its schema."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send({"data": [{"id": "at-once"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "response_format" not in body:
            self.send_error(404)
            return
        fields = body["response_format"]["json_schema"]["schema"]["properties"]
        said = {name: "It suits this person well." for name in fields if name != "ranking"}
        said["ranking"] = fields["ranking"]["items"]["enum"][: fields["ranking"]["maxItems"]]
        message = {"message": {"content": json.dumps(said)}, "finish_reason": "stop"}
        self._send({"choices": [message], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    def _send(self, answer: dict[str, object]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


def main() -> None:
    if sys.argv[1:2] == ["one"]:
        one(int(sys.argv[2]), sys.argv[3])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("throughput", "memory"))
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--sizes", default="50,200,900", help="numbers of people for `memory`")
    parser.add_argument("--catalog", default="ml-100k")
    options = parser.parse_args()
    if options.what == "memory":
        memory([int(size) for size in options.sizes.split(",")])
    else:
        throughput(Settings(catalog=options.catalog), options.users, options.concurrency, options.rounds)


if __name__ == "__main__":
    main()
