"""vLLM's API server as a child that never outlives its parent: `python -m server.vllm_child VLLM-ARGUMENTS`.

Standard input is the lifeline: the parent holds the other end and writes nothing. However the parent ends, SIGKILL
included, the kernel closes that end, and the whole process group goes at once, vLLM's engine process included.
It knows nothing of settings; everything comes in arguments and the environment.
"""

import importlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import core  # noqa: F401 - vLLM imports torchvision, here and in its workers, which import this module too

Scope = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Any, Any], Awaitable[None]]


class RequireKey:
    """ASGI middleware that asks for `VLLM_API_KEY` on every path but /health.

    vLLM's own check leaves some paths open that generate text, /invocations among them.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._expected = f"Bearer {os.environ['VLLM_API_KEY']}".encode()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and scope["path"] != "/health":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not secrets.compare_digest(given, self._expected):
                await send({"type": "http.response.start", "status": 401, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)


def die_with_parent() -> None:
    """End this process group when standard input closes."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def main() -> None:
    """Run vLLM until the lifeline or a signal ends it."""
    die_with_parent()
    try:
        entry = importlib.import_module("vllm.entrypoints.launchers.api_server.entry")
    except ModuleNotFoundError as error:
        sys.exit(f"ModuleNotFoundError: {error}")
    entry.main()


if __name__ == "__main__":
    main()
