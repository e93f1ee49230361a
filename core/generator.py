"""The language model as the turn sees it: a stream of text held to a JSON schema."""

from collections.abc import AsyncIterator
from typing import Any, Protocol

from core.recommendation import Usage
from core.values import Value


class ChatPrompt(Value):
    """A rendered prompt and the schema that its answer must follow."""

    system: str
    user: str
    answer_schema: dict[str, Any]
    max_tokens: int
    temperature: float = 0.0
    seed: int | None = None


class GenerationDone(Value):
    """The end of a stream."""

    usage: Usage


class Generator(Protocol):
    """A language model. Closing the iterator cancels the generation."""

    @property
    def ready(self) -> bool:
        """Whether a call now would be answered."""
        ...

    def stream(self, prompt: ChatPrompt) -> AsyncIterator[str | GenerationDone]:
        """Text as it is generated, then one `GenerationDone`. Raises EngineError when the model can't answer."""
        ...
