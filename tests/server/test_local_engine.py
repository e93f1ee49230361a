"""The life of a `LocalEngine` around a scripted child: states, back-off, ports, deaths and what people are told."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.errors import EngineError
from server.engine import EngineState, EngineStatus
from server.local_engine import LocalEngine, restart_delay
from server.vllm_command import Hardware, vllm_arguments, vllm_environment
from server.vllm_log import VllmLog

FAKE = Path(__file__).parent / "fake_vllm.py"

Start = Callable[..., LocalEngine]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an engine around the fake; all of them are stopped in the end."""
    (tmp_path / "config.json").write_text("{}")
    engines: list[LocalEngine] = []

    def begin(mode: str, *, model: Path = tmp_path, port: int | None = None, pause: float = 0.2) -> LocalEngine:
        engine = LocalEngine(
            model,
            log=tmp_path / "vllm.log",
            port=port,
            command=lambda chosen: [sys.executable, str(FAKE), str(chosen), mode],
            delay=lambda failures: pause,
        )
        engines.append(engine)
        engine.start()
        return engine

    yield begin
    for engine in engines:
        engine.stop()


def until(engine: LocalEngine, reached: Callable[[EngineStatus], bool], seconds: float = 15) -> EngineStatus:
    deadline = time.monotonic() + seconds
    while not reached(status := engine.status):
        assert time.monotonic() < deadline, status
        time.sleep(0.01)
    return status


def family(engine: LocalEngine) -> list[psutil.Process]:
    assert engine.pid is not None
    server = psutil.Process(engine.pid)
    return [server, *server.children(recursive=True)]


def test_delays_double_up_to_a_minute() -> None:
    assert [restart_delay(failures) for failures in (1, 2, 3, 7, 8, 1000)] == [0.5, 1, 2, 32, 60, 60]


def test_it_loads_is_ready_and_stops_with_all_its_processes(start: Start) -> None:
    engine = start("serve")
    with pytest.raises(EngineError, match="loading"):
        _ = engine.address
    loading = until(engine, lambda status: "weights" in status.detail or status.state is EngineState.READY)
    assert loading.state is EngineState.LOADING
    assert engine.wait_ready(15)
    processes = family(engine)
    assert len(processes) >= 2
    engine.stop()
    assert engine.status.state is EngineState.STOPPED
    assert psutil.wait_procs(processes, timeout=2)[1] == []


@pytest.mark.parametrize("victim", ["server", "worker"])
def test_a_death_is_noticed_within_a_second_and_mended(start: Start, victim: str) -> None:
    engine = start("serve", pause=1.0)
    assert engine.wait_ready(15)
    processes = family(engine)
    spawned = next(process for process in processes if "spawn_main" in " ".join(process.cmdline()))
    (processes[0] if victim == "server" else spawned).kill()
    status = until(engine, lambda status: status.deaths == 1, seconds=1)
    assert status.state is EngineState.RESTARTING
    waiting = until(engine, lambda status: "again in 1 s" in status.detail)
    assert ("signal 9" if victim == "server" else "engine died") in waiting.detail
    assert psutil.wait_procs(processes, timeout=2)[1] == []
    assert engine.wait_ready(15)
    assert (engine.status.deaths, engine.status.restarts) == (1, 1)


def test_a_start_that_fails_says_why_and_is_tried_again(start: Start, tmp_path: Path) -> None:
    engine = start("broken")
    status = until(engine, lambda status: "again in" in status.detail)
    assert status.state is EngineState.FAILED
    assert status.detail == (
        f"vLLM stopped: no file named model.safetensors in /models/x (more in {tmp_path / 'vllm.log'}) "
        "It is started again in 0.2 s."
    )
    until(engine, lambda status: status.deaths >= 3)


def test_it_never_gives_up_on_a_child_that_keeps_dying(start: Start) -> None:
    engine = start("flaky", pause=0.05)
    status = until(engine, lambda status: status.deaths >= 3, seconds=30)
    assert status.restarts >= 2


def test_a_taken_port_and_a_folder_without_a_model_are_named(start: Start, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status = until(start("serve", port=port), lambda status: status.state is EngineState.FAILED)
        assert status.detail.startswith(f"Port {port}, where vLLM is to answer, is taken.")
    status = until(start("serve", model=tmp_path / "none"), lambda status: status.state is EngineState.FAILED)
    assert status.detail.startswith(f"There is no language model in {tmp_path / 'none'}.")


def test_the_key_is_not_logged(start: Start, tmp_path: Path) -> None:
    engine = start("serve")
    assert engine.wait_ready(15)
    key = engine.address.key
    engine.stop()
    log = (tmp_path / "vllm.log").read_text()
    assert "Starting to load model ***" in log
    assert key not in log


def test_an_interrupt_at_the_terminal_does_not_reach_the_child(start: Start) -> None:
    engine = start("serve")
    assert engine.wait_ready(15)
    assert engine.pid is not None
    assert os.getpgid(engine.pid) != os.getpgid(0)
    assert os.getsid(engine.pid) != os.getsid(0)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([b"ModuleNotFoundError: No module named 'vllm'"], "vLLM is not installed. Install the extra `cpu` or `gpu`."),
        ([b"OSError: [Errno 98] Address already in use"], "Another program has taken the port of vLLM."),
        ([b"RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory"], "There is not enough memory"),
        ([b"safetensors_rust.SafetensorError: header too large"], "incomplete or damaged"),
        ([b"INFO all is well"], "vLLM was ended by signal 9."),
    ],
)
def test_the_cause_of_an_end_is_one_line(tmp_path: Path, lines: list[bytes], said: str) -> None:
    log = VllmLog(tmp_path / "vllm.log", secret="secret")
    log.follow(lines)
    assert said in log.cause(-9)
    assert "\n" not in log.cause(-9)


def test_the_child_does_not_get_this_programs_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASTEMAKER_API_KEYS", "secret")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = vllm_environment(hardware=Hardware.GPU, key="key", local_model=True)
    assert "secret" not in environment.values()
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["HF_HUB_OFFLINE"] == "1"


def test_a_gpu_compiles_and_a_cpu_does_not() -> None:
    gpu = vllm_arguments("m", name="n", port=1, hardware=Hardware.GPU, extra=("--max-num-seqs", "9"))
    cpu = vllm_arguments("m", name="n", port=1, hardware=Hardware.CPU)
    assert "--enforce-eager" in cpu
    assert "--enforce-eager" not in gpu
    assert gpu[-2:] == ["--max-num-seqs", "9"]
