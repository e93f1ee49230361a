"""vLLM as a child process: started, watched, restarted when it dies, and ended with everything that it started."""

import http.client
import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import EngineError
from server.engine import EngineAddress, EngineState, EngineStatus, StatusBoard
from server.vllm_command import detect_hardware, vllm_arguments, vllm_environment
from server.vllm_process import VllmProcess

MODEL_NAME = "tastemaker-language-model"

_TICK = 0.1  # seconds between two looks at the processes
_HEALTH_EVERY = 5.0  # seconds between two questions to a server that is ready
_HEALTH_TIMEOUT = 1.0  # short: nothing else is watched meanwhile
_HEALTH_MISSES = 12  # about a minute: a machine under load may miss some
_STABLE = 120.0  # seconds of life after which earlier deaths are forgotten
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 60.0
_STOPPED = "The language model was stopped."


def restart_delay(failures: int) -> float:
    """Seconds before the next start, after `failures` lives (1 or more) that ended early."""
    return min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(failures - 1, 16))


class LocalEngine:
    """An `Engine` on this machine. `model` is a checkpoint folder or a hub name; `extra` are vLLM arguments."""

    def __init__(
        self,
        model: Path | str,
        *,
        log: Path,
        port: int | None = None,
        extra: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        command: Callable[[int], list[str]] | None = None,
        delay: Callable[[int], float] = restart_delay,
    ) -> None:
        """`port` None: a free one at every start. `names`: further names of the model, those of adapters.

        `command` replaces vLLM, for tests: port → command line.
        """
        self._model = str(model)
        self._log = log
        self._fixed_port = port
        self._extra = extra
        self._names = names
        self._environment = dict(environment or {})
        self._command = command
        self._delay = delay
        self._key = secrets.token_urlsafe(24)
        self._port = 0
        self._board = StatusBoard()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.pid: int | None = None  # of vLLM's API server, while one runs

    @property
    def status(self) -> EngineStatus:
        return self._board.status

    @property
    def address(self) -> EngineAddress:
        if self.status.state is not EngineState.READY:
            raise EngineError(self.status.detail)
        return EngineAddress(url=f"http://127.0.0.1:{self._port}/v1", key=self._key, model=MODEL_NAME)

    def start(self) -> None:
        if self._thread is not None:
            return
        self._board.set(EngineState.LOADING, "The language model is loading.")
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._board.set(EngineState.STOPPED, _STOPPED)

    def wait_ready(self, timeout: float) -> bool:
        return self._board.wait_ready(timeout)

    def _run(self) -> None:
        failures = 0
        starting = EngineState.LOADING
        while True:
            ready_for = self._live(starting)
            if self._stopping.is_set():
                return
            failures = 1 if ready_for > _STABLE else failures + 1
            delay = self._delay(failures)
            died = self.status
            self._board.set(died.state, f"{died.detail} It is started again in {delay:.3g} s.")
            if self._stopping.wait(delay):
                return
            starting = EngineState.RESTARTING
            self._board.set(starting, "The language model is starting again.", restarts=1)

    def _live(self, starting: EngineState) -> float:
        """One life of vLLM, to its end: for how many seconds it was ready."""
        try:
            process = self._begin()
        except EngineError as error:
            self._board.set(EngineState.FAILED, str(error), deaths=1)
            return 0.0
        self.pid = process.pid
        try:
            cause = self._load(process, starting)
            if cause is not None:
                self._board.set(EngineState.FAILED, cause, deaths=1)
                return 0.0
            self._board.set(EngineState.READY, "The language model is ready.")
            ready_at = time.monotonic()
            # Said before the end of the tree, which takes a second: somebody may wait for an answer.
            self._board.set(EngineState.RESTARTING, self._serve(process), deaths=1)
            return time.monotonic() - ready_at
        finally:
            self.pid = None
            process.end()

    def _begin(self) -> VllmProcess:
        self._port = self._fixed_port or _free_port()
        if not _is_free(self._port):
            raise EngineError(f"Port {self._port}, where vLLM is to answer, is taken.", mend="End what uses it.")
        hardware = detect_hardware()
        folder = Path(self._model)
        if folder.is_absolute() and not (folder / "config.json").is_file():
            raise EngineError(f"There is no language model in {folder}.", mend="Name a folder with a config.json.")
        command = [sys.executable, "-m", "server.vllm_child"]
        command += vllm_arguments(
            self._model, name=MODEL_NAME, port=self._port, hardware=hardware, names=self._names, extra=self._extra
        )
        if self._command is not None:
            command = self._command(self._port)
        environment = vllm_environment(hardware=hardware, key=self._key, local_model=folder.is_dir())
        environment |= self._environment
        return VllmProcess(command, environment, log=self._log, secret=self._key)

    def _load(self, process: VllmProcess, starting: EngineState) -> str | None:
        """Wait until vLLM answers and has answered once: None, or why it ended before."""
        began = time.monotonic()
        while not self._stopping.wait(_TICK):
            if cause := process.death():
                return cause
            seconds = int(time.monotonic() - began)
            self._board.set(starting, f"The language model is loading: {process.log.progress} ({seconds} s).")
            if self._is_healthy():
                process.watch_workers()
                self._warm_up()
                return process.death()
        return _STOPPED

    def _serve(self, process: VllmProcess) -> str:
        """Watch a ready vLLM: why it ended."""
        asked = time.monotonic()
        misses = 0
        while not self._stopping.wait(_TICK):
            if cause := process.death():
                return cause
            if time.monotonic() - asked > _HEALTH_EVERY:
                misses = 0 if self._is_healthy() else misses + 1
                asked = time.monotonic()
            if misses >= _HEALTH_MISSES:
                return "vLLM stopped answering."
        return _STOPPED

    def _is_healthy(self) -> bool:
        return self._ask("GET", "/health", None, timeout=_HEALTH_TIMEOUT) == 200

    def _warm_up(self) -> None:
        """Make vLLM load what it loads at the first constrained answer, so that the first person needn't wait."""
        schema = {"type": "object", "properties": {"a": {"enum": ["b"]}}, "required": ["a"]}
        body = {
            "model": MODEL_NAME,
            "messages": [{"role": "user", "content": "Hello"}],
            "max_tokens": 4,
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
        }
        self._ask("POST", "/v1/chat/completions", body, timeout=60)

    def _ask(self, method: str, path: str, body: dict[str, object] | None, *, timeout: float) -> int | None:
        """The HTTP status, or None when there is no answer in time."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body=json.dumps(body) if body else None, headers=headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return None
        else:
            return response.status
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
