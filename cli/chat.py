"""`tastemaker chat`: the same chat in a terminal."""

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from cli.options import say, settings_from
from core.conversation import Message
from core.turn import TextDelta, TurnDone, TurnRequest

if TYPE_CHECKING:
    from server.composition import Product


def chat(catalog: str, llm: str) -> None:
    """Read messages until the end of input; the answers stream to standard output."""
    settings = settings_from(catalog=catalog, llm_url=llm)
    say("Loading the catalogue …")
    from server.composition import build

    product = build(settings, say)
    product.engine.start()
    say("Write what you are in the mood for; an empty line or Ctrl-D ends. The language model is still loading.")
    try:
        asyncio.run(_converse(product))
    finally:
        product.engine.stop()


async def _converse(product: "Product") -> None:
    messages: list[Message] = []
    while text := await asyncio.to_thread(_read):
        messages.append(Message(role="user", content=text))
        request = TurnRequest(messages=tuple(messages))
        async for event in product.services.turn.run(request):
            if isinstance(event, TextDelta):
                typer.echo(event.text, nl=False)
            elif isinstance(event, TurnDone):
                chosen = tuple(one.item_id for one in event.answer.recommendations)
                messages.append(Message(role="assistant", content=event.answer.text, item_ids=chosen))
        typer.echo("\n")
    await product.aclose()


def _read() -> str:
    """The next line; empty at the end of input."""
    if sys.stdin.isatty():
        typer.echo("> ", nl=False, err=True)
    return sys.stdin.readline().strip()
