"""What the page is told of an answer that comes in, without a browser."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from core.artifacts import Wording
from ui.answering import Answering, Memory, Question
from ui.client import ApiClient
from ui.wire import AnswerDelta, Conversation

QUESTION = Question(user="ann", conversation="c", turn="t", text="a film")


class FakeClient:
    """Streams words at once, and the rest when it is told to."""

    def __init__(self) -> None:
        self.on = asyncio.Event()

    async def conversation(self, _: str, *, user: str) -> Conversation:
        return Conversation()

    async def answer(self, *_: Any, **__: Any) -> AsyncGenerator[AnswerDelta]:
        for words in ("", "Here ", "is ", "it."):
            yield AnswerDelta(content=words)
        await self.on.wait()
        yield AnswerDelta(content=" Enjoy.")


def test_all_words_are_shown_while_more_are_waited_for() -> None:
    client = FakeClient()
    answering = Answering(cast(ApiClient, client), Wording())
    shown: list[dict[str, Any]] = []

    async def read() -> None:
        async for news in answering.run(QUESTION, Memory()):
            shown.append(news)
            if news["parts"]["text"] == "<p>Here is it.</p>":
                client.on.set()

    with ThreadPoolExecutor(1) as apart:  # the browser of the tests beside holds an event loop
        apart.submit(asyncio.run, asyncio.wait_for(read(), 10)).result()
    assert [(news["state"], news["parts"]["text"]) for news in shown] == [
        ("streaming", "<p>Here is it.</p>"),
        ("done", "<p>Here is it. Enjoy.</p>"),
    ]
    assert shown[-1]["spoken"] == "Here is it. Enjoy."
