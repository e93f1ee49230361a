"""What a comparison of prompts costs beside the engine: `python benchmarks/prompt_batches.py throughput|memory`.

`throughput` asks the same questions twice, at the same concurrency: by the runner, which renders, asks, parses and
keeps every answer on disk, and by bare requests whose bodies are ready in memory. Everything is asked once before it
counts, so that both sides find it in vLLM's prefix cache, and who goes first alternates. Prints the ratio of tokens a
second.

`memory` runs comparisons of more and more people against a server that answers at once, each in a process of its own,
and prints the largest resident memory of each.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np

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

PROMPTS = ("hard", "json", "chain-of-thought", "few-shot")


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


async def by_runner(plan: Plan, models: Models, total: int, concurrency: int) -> float:
    """Tokens a second of the runner, its writing to disk included."""
    with tempfile.TemporaryDirectory() as folder:
        log = AnswerLog(Path(folder))
        answered = log.open()
        async with LanguageModel(models.engine, timeout=600, patience=60) as model:
            began = time.perf_counter()
            await answer_all(plan, model, log, answered, total=total, concurrency=concurrency)
            seconds = time.perf_counter() - began
        tokens = sum(answer.prompt_tokens + answer.completion_tokens for answer in log)
        log.close()
    return tokens / seconds


async def bare(bodies: list[bytes], models: Models, concurrency: int) -> float:
    """Tokens a second of the same requests, ready in memory, and nothing else."""
    address, open_bodies, tokens = models.engine.address, iter(bodies), 0
    headers = {"Authorization": f"Bearer {address.key}", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=600, limits=limits, headers=headers, trust_env=False) as client:

        async def work() -> None:
            nonlocal tokens
            for body in open_bodies:
                answer = (await client.post(f"{address.url}/chat/completions", content=body)).json()
                tokens += answer["usage"]["total_tokens"]

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return tokens / (time.perf_counter() - began)


def throughput(settings: Settings, users: int, concurrency: int, rounds: int) -> None:
    """Print the ratio of each round and their geometric mean."""
    with tempfile.TemporaryDirectory() as folder:
        plan, models = make_plan(settings, users, Path(folder))
    bodies = [json.dumps(task.request).encode() for task in plan.tasks()]
    with models.running(print):
        asyncio.run(bare(bodies, models, concurrency))
        ratios = []
        for place in range(rounds):
            found = {}
            for side in ("runner", "bare") if place % 2 == 0 else ("bare", "runner"):
                work = (
                    by_runner(plan, models, len(bodies), concurrency)
                    if side == "runner"
                    else bare(bodies, models, concurrency)
                )
                found[side] = asyncio.run(work)
            ratios.append(found["runner"] / found["bare"])
            print(f"runner {found['runner']:.0f} tokens/s, bare {found['bare']:.0f}: {ratios[-1]:.3f}", flush=True)
    print(f"{len(bodies)} questions, {concurrency} at once: geometric mean {statistics.geometric_mean(ratios):.3f}")


def memory(sizes: list[int]) -> None:
    """Print the peak of each size; the catalogue's own data is in all of them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _At_once)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for size in sizes:
        command = [sys.executable, __file__, "one", str(size), f"http://127.0.0.1:{server.server_port}/v1"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(done.stdout.strip(), flush=True)
    server.shutdown()


def one(users: int, llm: str) -> None:
    """One comparison in this process."""
    with tempfile.TemporaryDirectory() as folder:
        result = evaluate_prompts(PROMPTS, ("base",), users=users, report=folder, llm=llm)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{users} people, {int(np.sum(result.frame['people'][: len(PROMPTS)]))} answers: {peak:.0f} MiB")


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
