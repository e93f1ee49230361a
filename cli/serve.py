"""`tastemaker serve`: the page and the API, with the language model as a child process."""

import asyncio
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import INTERRUPTED, CatalogOption, ChatLlmOption, say, settings_from
from core.errors import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from core.settings import Settings
    from server.composition import Product
    from server.engine import Engine


def serve(
    catalog: CatalogOption = "",
    host: Annotated[str, typer.Option(help="Address to listen on; default: 127.0.0.1.")] = "",
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: 7860.")] = None,
    llm: ChatLlmOption = "",
) -> None:
    """Serve the chat page and the API.

    \b
    Examples:
      tastemaker serve
      tastemaker serve --catalog my-books --port 8080
      tastemaker serve --llm none
    """
    settings = settings_from(catalog=catalog, host=host, port=port, llm_url=llm)
    listener = _listen(settings.host, settings.port)
    from server.composition import build
    from server.engine import started

    say("Loading the catalogue …")
    product = build(settings, say)
    _one_thread_a_request()
    _open_state(product)
    app = _application(product, settings, listener.getsockname()[1])
    import uvicorn

    from server.http_server import HttpServer

    config = uvicorn.Config(app, log_level="warning", access_log=False)
    with closing(product.services.state.database), started(product.engine):
        try:
            # Without the language model, answers on their way end from retrieval, at once.
            HttpServer(config, on_exit=product.engine.stop).run(sockets=[listener])
        except KeyboardInterrupt:  # raised once more when all has ended well
            sys.exit(INTERRUPTED)
        finally:
            say("Stopping …")


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything slow is loaded, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        cause = f"Nothing can listen on {host}:{port} ({(error.strerror or str(error)).lower()})."
        raise InputError(cause, mend="End what runs there, or choose another with --port and --host.") from error
    return listener


def _one_thread_a_request() -> None:
    """Requests run in threads, and each of those would open a pool of all cores for matrices that are small."""
    import torch

    torch.set_num_threads(1)


def _open_state(product: "Product") -> None:
    """A database of another version ends the start; one that is down is only told, since chat answers without it."""
    from server.database import StateUnavailableError

    try:
        product.services.state.database.prepare()
    except StateUnavailableError as error:
        say(f"Nothing is remembered for now: {error}")


def _application(product: "Product", settings: "Settings", port: int) -> "FastAPI":
    from server.app import create_app
    from server.openers import openers
    from server.security import split_keys
    from ui.page import create_page, mount_page

    app = create_app(product.services)
    here = "127.0.0.1" if settings.host in ("0.0.0.0", "127.0.0.1", "localhost") else settings.host  # noqa: S104
    address = f"http://{f'[{here}]' if ':' in here else here}:{port}"
    keys = split_keys(settings.api_keys.get_secret_value())
    if settings.page:
        page = create_page(
            address,
            keys[0] if keys else None,
            "Tastemaker",
            product.wording,
            openers(product.artifacts.items, product.artifacts.statistics.chosen, product.wording),
            max_message_chars=settings.max_message_chars,
            popularity_correction=settings.popularity_correction,
        )
        mount_page(app, page)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: "FastAPI") -> AsyncIterator[Any]:
        warming = asyncio.create_task(asyncio.to_thread(product.parts.encoder.encode_one, "warm"))
        if settings.has_language_model:
            say(f"Tastemaker is at {address} — the language model is loading, answers come from search until then.")
            # A thread of its own: the event loop would wait at its end for one of its pool, and so for the model.
            threading.Thread(target=_tell_when_ready, args=(product.engine,), name="ready", daemon=True).start()
        else:
            say(f"Tastemaker is at {address} — without a language model, answers come from search.")
        async with inner(application) as state:
            yield state
        warming.cancel()
        await product.aclose()

    app.router.lifespan_context = lifespan
    return app


def _tell_when_ready(engine: "Engine") -> None:
    while engine.status.state != "stopped":
        if engine.wait_ready(1.0):
            say("The language model is ready.")
            return
