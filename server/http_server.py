"""Uvicorn, with an end that is quick and quiet whatever is open: answers on their way, and pages that listen."""

import asyncio
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

_PATIENCE = 1.0  # seconds for answers to come to their end, before connections are closed
# Longer than proxies and clients keep a connection that nobody uses, so that none of them asks on a closing one.
_KEEP_ALIVE = 75
_GRACE = 3  # seconds before uvicorn cancels what is left, with a traceback for each


class HttpServer(uvicorn.Server):
    """Calls `on_exit` at the first signal to end, in a thread of its own: it may take its time."""

    def __init__(self, config: uvicorn.Config, *, on_exit: Callable[[], None]) -> None:
        config.timeout_graceful_shutdown = _GRACE
        config.timeout_keep_alive = _KEEP_ALIVE
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            threading.Thread(target=self._on_exit, name="exit").start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The page keeps streams open that never end by themselves; they take a closed connection for the end."""
        asyncio.get_running_loop().call_later(_PATIENCE, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if transport := getattr(connection, "transport", None):
                transport.close()
