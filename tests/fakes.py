"""Scripted stand-ins, for tests that are about something else than the language model."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from core.errors import EngineError
from core.generator import ChatPrompt, GenerationDone
from core.recommendation import Usage


class Hang:
    """What a model does that never comes to an end."""


class ScriptedGenerator:
    """A `core.generator.Generator` that is handed its next answers, and remembers what it was asked."""

    def __init__(self, *answers: str | EngineError, chunk: int = 7, ready: bool = True) -> None:
        """`chunk`: characters of each piece of text."""
        self.prompts: list[ChatPrompt] = []
        self.closed_early = 0  # streams whose reader left before the end
        self.is_ready = ready
        self._chunk = chunk
        self._answers: deque[tuple[str, EngineError | Hang | None]] = deque()
        for answer in answers:
            self.enqueue(answer)

    def enqueue(self, answer: str | EngineError, *, then: "EngineError | Hang | None" = None) -> None:
        """The next answer: text, an error at once, or text that breaks off with the error `then` or hangs."""
        self._answers.append(("", answer) if isinstance(answer, EngineError) else (answer, then))

    @property
    def ready(self) -> bool:
        return self.is_ready

    async def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        """The next answer in pieces. Raises AssertionError when none was enqueued."""
        self.prompts.append(prompt)
        if not self.is_ready:
            raise EngineError("The language model is loading.")
        assert self._answers, "the language model was asked more often than the test enqueued answers"
        text, error = self._answers.popleft()
        ended = False
        try:
            for start in range(0, len(text), self._chunk):
                yield text[start : start + self._chunk]
            if isinstance(error, Hang):
                await asyncio.Event().wait()
            ended = True
            if error is not None:
                raise error
            words = len(text.split())
            yield GenerationDone(usage=Usage(prompt_tokens=len(prompt.user.split()), completion_tokens=words))
        finally:
            self.closed_early += not ended
