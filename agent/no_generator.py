"""The language model of those who want none: never ready, so that retrieval answers."""

from collections.abc import AsyncGenerator

from core.errors import EngineError
from core.generator import ChatPrompt, GenerationDone


class NoGenerator:
    """A `core.generator.Generator` that generates nothing."""

    ready = False

    def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:  # noqa: ARG002
        """Raises EngineError."""
        raise EngineError("No language model is used here.")

    async def aclose(self) -> None:
        """Nothing to close."""
