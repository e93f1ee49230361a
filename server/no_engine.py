"""The engine of those who want no language model: nothing runs, and nobody waits for it."""

from core.errors import EngineError
from server.engine import EngineAddress, EngineState, EngineStatus

_STATUS = EngineStatus(state=EngineState.OFF, detail="Answers come straight from search, without a language model.")


class NoEngine:
    """An `Engine` that is never started."""

    @property
    def status(self) -> EngineStatus:
        return _STATUS

    @property
    def address(self) -> EngineAddress:
        """Raises EngineError."""
        raise EngineError(_STATUS.detail)

    def start(self) -> None:
        """Nothing to load."""

    def stop(self) -> None:
        """Nothing to end."""

    def wait_ready(self, timeout: float) -> bool:  # noqa: ARG002
        return False
