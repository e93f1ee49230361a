"""One life of vLLM: a tree of processes in a session of its own, begun with a command and ended as a whole."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.errors import EngineError
from server.vllm_log import VllmLog

_GRACE = 3.0  # seconds between SIGTERM and SIGKILL


class VllmProcess:
    """The running tree. Everything that it leaves in the temporary folder goes with it."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], *, log: Path, secret: str) -> None:
        self.log = VllmLog(log, secret=secret)
        self._scratch = tempfile.mkdtemp(prefix="tastemaker-")
        self._workers: list[psutil.Process] = []
        try:
            # A session of its own, so that Ctrl-C in the terminal reaches this program only.
            # The open end of standard input is the child's lifeline: see `vllm_child`.
            self._popen = subprocess.Popen(  # noqa: S603 - the command is our own
                command,
                env=environment | {"TMPDIR": self._scratch, "VLLM_RPC_BASE_PATH": self._scratch},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise EngineError(f"vLLM could not be started: {error}.") from error
        output = self._popen.stdout or ()
        self._reader = threading.Thread(target=self.log.follow, args=(output,), name="vllm-log", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def watch_workers(self) -> None:
        """Take the processes that vLLM has started by now as parts that it can't live without."""
        self._workers = [child for child in self._descendants() if _is_worker(child)]

    def death(self) -> str | None:
        """Why the tree is dead, in one line, or None while all of it lives."""
        code = self._popen.poll()
        if code is not None:
            self._kill_group()
            self._reader.join(timeout=1)  # the last words name the cause
            return self.log.cause(code)
        if any(not _lives(worker) for worker in self._workers):
            return "A process of vLLM's engine died."
        return None

    def end(self) -> None:
        """End every process of the tree: politely first when it still lives, then not."""
        tree = self._descendants()
        if self._popen.poll() is None and all(_lives(worker) for worker in self._workers):
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(_GRACE)
        self._kill_group()
        for process in tree:  # a process that left the group
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._popen.wait()
        psutil.wait_procs(tree, timeout=_GRACE)
        self._reader.join(timeout=1)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)

    def _descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._popen.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_worker(process: psutil.Process) -> bool:
    """Python's resource tracker and passing helpers such as compilers aren't."""
    try:
        command = " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
    return any(mark in command for mark in ("spawn_main", "VLLM::", "server.vllm_child"))
