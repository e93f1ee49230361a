"""`tastemaker chat`: the same chat in a terminal."""

import asyncio
import io
import select
import sys
from typing import TYPE_CHECKING

import typer

from cli.options import CatalogOption, ChatLlmOption, say, settings_from

if TYPE_CHECKING:
    from core.conversation import Message
    from server.composition import Product

_LOOK_EVERY = 0.2  # seconds


def chat(catalog: CatalogOption = "", llm: ChatLlmOption = "") -> None:
    """Chat in the terminal.

    \b
    Examples:
      tastemaker chat
      tastemaker chat --llm http://127.0.0.1:8000/v1
    """
    settings = settings_from(catalog=catalog, llm_url=llm)
    say("Loading the catalogue …")
    from server.composition import build
    from server.engine import started

    product = build(settings, say)
    with started(product.engine), asyncio.Runner() as runner:
        say("Write what you are in the mood for; an empty line or Ctrl-D ends.")
        say("The language model is still loading." if settings.has_language_model else product.engine.status.detail)
        try:
            _converse(product, runner)
        finally:
            runner.run(product.aclose())


def _converse(product: "Product", runner: asyncio.Runner) -> None:
    """Read messages until the end of input; the answers stream to standard output."""
    from core.conversation import Message

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a byte that is no text would end the chat
    messages: list[Message] = []
    # Read outside the event loop: a thread that waits for a line would not end at Ctrl-C.
    while text := _read():
        messages.append(Message(role="user", content=text))
        messages.append(runner.run(_answer(product, tuple(messages))))


async def _answer(product: "Product", messages: "tuple[Message, ...]") -> "Message":
    """Print the answer as it comes; gives it as a message of the conversation."""
    from core.conversation import Message
    from core.markdown import unescaped
    from core.turn import TextDelta, TurnDone, TurnRequest

    said = Message(role="assistant", content="")
    async for event in product.services.turn.run(TurnRequest(messages=messages)):
        if isinstance(event, TextDelta):
            typer.echo(unescaped(event.text), nl=False)
        elif isinstance(event, TurnDone):
            chosen = tuple(one.item_id for one in event.answer.recommendations)
            said = Message(role="assistant", content=event.answer.text, item_ids=chosen)
    typer.echo("\n")
    return said


def _read() -> str:
    """The next line; empty at the end of input."""
    if sys.stdin.isatty():
        typer.echo("> ", nl=False, err=True)
        # Where Ctrl-C reaches another thread of the process, a `readline` in this one would not notice.
        while not select.select([sys.stdin], [], [], _LOOK_EVERY)[0]:
            pass
    return sys.stdin.readline().strip()
