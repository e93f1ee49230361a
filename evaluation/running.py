"""A language model for as long as it is asked: started, waited for, and stopped whatever happens."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import EngineError, InputError
from core.settings import Settings
from server.engine import Engine, EngineState, started
from server.external_engine import ExternalEngine
from server.language_model import make_engine

START_TIMEOUT = 900.0
_DEATHS = 2  # of an engine that never was ready: the third would be the same


@contextmanager
def running(settings: Settings, say: Callable[[str], None]) -> Iterator[tuple[Engine, str]]:
    """The engine that the settings name, ready, and the name of its model.

    Raises InputError for a folder that holds no model, EngineError where it doesn't start or nothing answers.
    """
    if not settings.llm_url:
        check_model(settings.model)
    engine, model = make_engine(settings, say)
    with started(engine):
        say("Waiting for the language model …")
        wait_ready(engine)
        yield engine, Path(model).name or engine.address.model


def check_model(model: str) -> None:
    """Raises InputError for a path where no folder is; anything else may be a hub's name."""
    if Path(model).is_absolute() and not Path(model).is_dir():
        mend = "Set TASTEMAKER_MODEL to a checkpoint's folder or a hub name."
        raise InputError(f"There is no language model in {model}.", mend=mend)


def wait_ready(engine: Engine) -> None:
    """Until it is ready. Raises EngineError when it has died twice, nothing answers, or START_TIMEOUT is over."""
    deadline = time.monotonic() + START_TIMEOUT
    while not engine.wait_ready(0.5):
        status = engine.status
        is_over = status.state is EngineState.FAILED and (
            status.deaths >= _DEATHS or isinstance(engine, ExternalEngine)
        )
        if is_over or time.monotonic() > deadline:
            # What a server would do next is not done here.
            raise EngineError(status.detail.partition(" It is started again")[0])


def run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, beside the event loop of this thread where there is one, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(main)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, main).result()
