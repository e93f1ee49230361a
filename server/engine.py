"""What every engine is to the rest of the program: a state, an address, a start and a stop.

It knows nothing of how an engine runs: `LocalEngine` keeps vLLM as a child process, `ExternalEngine` watches one
that somebody else runs, and `NoEngine` stands where no language model is wanted.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Protocol

from core.values import Value


class EngineState(StrEnum):
    LOADING = "loading"  # starting for the first time
    READY = "ready"
    RESTARTING = "restarting"  # it was ready before, and will be again
    FAILED = "failed"  # the last start failed; tried again, less and less often
    STOPPED = "stopped"
    OFF = "off"  # the operator wants none


class EngineStatus(Value):
    """The engine at one moment."""

    state: EngineState
    detail: str  # one line for people: what it does now, or the cause and its mend
    # Counts the lives of the engine that ended. A request that spans two values is lost.
    deaths: int = 0
    restarts: int = 0


class EngineAddress(Value):
    """Where the engine answers, in OpenAI's shape."""

    url: str  # ends in /v1
    key: str
    model: str


class Engine(Protocol):
    """A language model server. `start` returns at once; the rest happens in the background."""

    @property
    def status(self) -> EngineStatus:
        """The state now."""
        ...

    @property
    def address(self) -> EngineAddress:
        """Where to ask. Raises EngineError, with the status as its cause, when nothing would answer there."""
        ...

    def start(self) -> None:
        """Begin to load."""
        ...

    def stop(self) -> None:
        """End, with every process that belongs to it. Returns when they are gone."""
        ...

    def wait_ready(self, timeout: float) -> bool:
        """Whether the engine became ready within `timeout` seconds."""
        ...


@contextmanager
def started(engine: Engine) -> Iterator[None]:
    """An engine that begins to load where the block begins, and is gone when it has ended, however it ends."""
    engine.start()
    try:
        yield
    finally:
        engine.stop()


class StatusBoard:
    """An `EngineStatus` that one thread writes and others read or wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._status = EngineStatus(state=EngineState.STOPPED, detail="The language model was not started.")

    @property
    def status(self) -> EngineStatus:
        return self._status

    def set(self, state: EngineState, detail: str, *, deaths: int = 0, restarts: int = 0) -> None:
        """Write the state and add to the counts."""
        with self._changed:
            self._status = EngineStatus(
                state=state,
                detail=detail,
                deaths=self._status.deaths + deaths,
                restarts=self._status.restarts + restarts,
            )
            self._changed.notify_all()

    def wait_ready(self, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._status.state is EngineState.READY, timeout)
