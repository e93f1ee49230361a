"""The real vLLM behind `LocalEngine` and `VllmGenerator`: answers, cancels, dies and comes back."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from core.errors import EngineError
from core.generator import ChatPrompt, GenerationDone
from server.engine import EngineState
from server.external_engine import ExternalEngine
from server.local_engine import LocalEngine
from server.vllm_generator import VllmGenerator

SCHEMA = {
    "type": "object",
    "properties": {"reasoning": {"type": "string", "maxLength": 40}, "item": {"enum": ["Heat", "Alien"]}},
    "required": ["reasoning", "item"],
    "additionalProperties": False,
}


def prompt(*, schema: dict[str, object] | None = None, max_tokens: int = 64, user: str = "Tell a story") -> ChatPrompt:
    return ChatPrompt(system="You are brief.", user=user, answer_schema=schema or {}, max_tokens=max_tokens)


@pytest.fixture
async def generator(engine: LocalEngine) -> AsyncIterator[VllmGenerator]:
    generator = VllmGenerator(engine)
    yield generator
    await generator.aclose()


async def collect(generator: VllmGenerator, asked: ChatPrompt) -> tuple[list[str], GenerationDone]:
    events = [event async for event in generator.stream(asked)]
    *texts, done = events
    assert isinstance(done, GenerationDone)
    return [text for text in texts if isinstance(text, str)], done


async def metric(engine: LocalEngine, name: str) -> float:
    address = engine.address
    async with httpx.AsyncClient() as client:
        url = address.url.removesuffix("/v1") + "/metrics"
        text = (await client.get(url, headers={"Authorization": f"Bearer {address.key}"})).text
    return sum(float(value) for value in re.findall(rf"^{name}{{.*}} (\S+)$", text, re.MULTILINE))


async def until_ready(engine: LocalEngine) -> None:
    assert await asyncio.to_thread(engine.wait_ready, 180), engine.status.detail


async def test_streams_text_and_counts_tokens(generator: VllmGenerator) -> None:
    texts, done = await collect(generator, prompt(max_tokens=16))
    assert generator.ready
    assert len(texts) > 8
    assert done.usage.completion_tokens == 16
    assert generator.completion_tokens == 16
    assert generator.prompt_tokens == done.usage.prompt_tokens > 5
    assert generator.running == 0


async def test_answers_follow_the_schema_without_white_space(generator: VllmGenerator) -> None:
    texts, _ = await collect(generator, prompt(schema=SCHEMA))
    answer = json.loads("".join(texts))
    assert list(answer) == ["reasoning", "item"]
    assert answer["item"] in ("Heat", "Alien")
    assert "".join(texts).startswith('{"reasoning":"')


async def test_the_same_seed_gives_the_same_text(generator: VllmGenerator) -> None:
    asked = prompt(max_tokens=24).model_copy(update={"temperature": 1.0, "seed": 7})
    first, second = await collect(generator, asked), await collect(generator, asked)
    assert "".join(first[0]) == "".join(second[0])


async def test_leaving_early_ends_the_generation(engine: LocalEngine, generator: VllmGenerator) -> None:
    stream = generator.stream(prompt(max_tokens=1500))
    await anext(stream)
    assert await metric(engine, "vllm:num_requests_running") == 1
    await stream.aclose()
    await asyncio.sleep(0.5)
    assert await metric(engine, "vllm:num_requests_running") == 0
    assert generator.running == 0


async def test_a_prompt_that_is_too_long_is_one_clear_error(generator: VllmGenerator) -> None:
    with pytest.raises(EngineError, match=r"refused the prompt: .*maximum context length"):
        await collect(generator, prompt(user="word " * 9000))


async def test_an_answer_that_takes_too_long_is_given_up(engine: LocalEngine) -> None:
    generator = VllmGenerator(engine, total_timeout=0.5)
    with pytest.raises(EngineError, match="took too long"):
        await collect(generator, prompt(max_tokens=1500))
    await generator.aclose()


@pytest.mark.parametrize("path", ["/v1/models", "/invocations", "/tokenize", "/metrics"])
async def test_other_users_of_the_machine_are_refused(engine: LocalEngine, path: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(engine.address.url.removesuffix("/v1") + path, json={})
    assert answer.status_code == 401


async def test_an_external_address_serves_the_same(engine: LocalEngine) -> None:
    external = ExternalEngine(engine.address.url, key=engine.address.key)
    external.start()
    assert await asyncio.to_thread(external.wait_ready, 10)
    assert external.address == engine.address
    generator = VllmGenerator(external)
    assert len((await collect(generator, prompt(max_tokens=8)))[0]) > 4
    await generator.aclose()
    external.stop()


@pytest.mark.parametrize("victim", ["the API server", "the engine's worker"])
async def test_killed_mid_answer_it_says_so_and_comes_back(
    engine: LocalEngine, generator: VllmGenerator, victim: str
) -> None:
    before = engine.status
    assert engine.pid is not None
    server = psutil.Process(engine.pid)
    worker = next(child for child in server.children() if "resource_tracker" not in " ".join(child.cmdline()))
    family = [server, *server.children(recursive=True)]
    stream = generator.stream(prompt(max_tokens=1500))
    await anext(stream)
    (server if victim == "the API server" else worker).kill()
    killed = time.monotonic()
    with pytest.raises(EngineError):
        async for _ in stream:
            pass
    assert time.monotonic() - killed < 2
    await asyncio.sleep(max(0, killed + 1 - time.monotonic()))
    assert engine.status.state is not EngineState.READY
    assert not generator.ready
    with pytest.raises(EngineError):
        await collect(generator, prompt())
    await until_ready(engine)
    assert (engine.status.deaths, engine.status.restarts) == (before.deaths + 1, before.restarts + 1)
    assert not any(process.is_running() for process in family)
    assert (await collect(generator, prompt(max_tokens=8)))[1].usage.completion_tokens == 8


PARENT = """
import signal, sys, time
from pathlib import Path
from server.local_engine import LocalEngine
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs have it ignored
engine = LocalEngine(sys.argv[1], log=Path(sys.argv[2]))
engine.start()
print(engine.wait_ready(240), engine.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("sign", "group"), [(signal.SIGKILL, False), (signal.SIGINT, True)])
def test_nothing_outlives_the_parent(model_folder: Path, tmp_path: Path, sign: signal.Signals, group: bool) -> None:
    """SIGKILL of the parent alone, and Ctrl-C to its process group."""
    command = [sys.executable, "-c", PARENT, str(model_folder), str(tmp_path / "vllm.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as parent:
        assert parent.stdout is not None
        ready, pid = parent.stdout.readline().split()
        assert ready == "True"
        family = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children(recursive=True)]
        assert len(family) >= 2
        if group:
            os.killpg(parent.pid, sign)
        else:
            parent.send_signal(sign)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert "Traceback" not in (tmp_path / "vllm.log").read_text()
