"""Language models that don't start."""

import asyncio
from pathlib import Path

import pytest

from core.errors import EngineError, InputError
from core.settings import Settings
from evaluation.running import run_to_end, running, wait_ready
from server.engine import EngineAddress, EngineState, EngineStatus


class Dying:
    """An engine that dies at every look."""

    def __init__(self) -> None:
        self.deaths = 0

    @property
    def status(self) -> EngineStatus:
        detail = "The language model died (no such file). It is started again in 4 s."
        return EngineStatus(state=EngineState.FAILED, detail=detail, deaths=self.deaths)

    @property
    def address(self) -> EngineAddress:
        raise EngineError(self.status.detail)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def wait_ready(self, timeout: float) -> bool:
        self.deaths += 1
        return False


def test_an_engine_that_dies_twice_is_given_up_in_one_line() -> None:
    engine = Dying()
    with pytest.raises(EngineError, match=r"^The language model died \(no such file\)\.$"):
        wait_ready(engine)
    assert engine.deaths == 2


def test_nothing_at_an_address_is_said_at_once() -> None:
    with (
        pytest.raises(EngineError, match=r"No language model answers at http://127\.0\.0\.1:9/v1"),
        running(Settings(llm_url="http://127.0.0.1:9/v1"), lambda _: None),
    ):
        pytest.fail("nobody is there")


def test_a_folder_that_is_not_there_starts_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    with (
        pytest.raises(InputError, match=r"There is no language model in .*gone"),
        running(Settings(model=str(tmp_path / "gone")), said.append),
    ):
        pytest.fail("nothing is there")
    assert said == []


async def test_a_notebook_has_an_event_loop_already() -> None:
    done: list[str] = []

    async def main() -> None:
        done.append(await asyncio.sleep(0, "done"))

    run_to_end(main())
    assert done == ["done"]
