"""The language model as the turn sees it: a stream of text held to a JSON schema, and a choice among candidates."""

from collections.abc import AsyncGenerator
from typing import Any, Protocol

from pydantic import Field

from core.candidate import Candidate
from core.intent import Intent
from core.recommendation import Usage
from core.values import Value


class ChatPrompt(Value):
    """A rendered prompt and the schema that its answer must follow."""

    system: str = Field(repr=False)
    user: str = Field(repr=False)
    # A question and its answer that come before the user's: how small models learn the form.
    example: tuple[str, str] | None = Field(None, repr=False)
    answer_schema: dict[str, Any] = Field(repr=False)
    max_tokens: int
    temperature: float = 0.0
    seed: int | None = None

    @property
    def messages(self) -> list[dict[str, str]]:
        """The prompt as chat messages in OpenAI's shape."""
        question, answer = self.example or ("", "")
        spoken = [("system", self.system), ("user", question), ("assistant", answer), ("user", self.user)]
        return [{"role": role, "content": content} for role, content in spoken if content]


class GenerationDone(Value):
    """The end of a stream."""

    usage: Usage


class Generator(Protocol):
    """A language model. Closing the stream cancels the generation."""

    @property
    def ready(self) -> bool:
        """Whether a call now would be answered."""
        ...

    def stream(self, prompt: ChatPrompt) -> AsyncGenerator[str | GenerationDone]:
        """Text as it is generated, then one `GenerationDone`. Raises EngineError when the model can't answer."""
        ...


class Choice(Value):
    """What a language model makes of the candidates, best first, by item id."""

    # What candidates are sorted by now: the shortlist's word and the model's together (`core.choice.combined_scores`).
    scores: dict[str, float]
    log_probabilities: dict[str, float]  # the model's own, over these candidates
    usage: Usage = Usage()


class Chooser(Protocol):
    """A language model that ranks candidates in one pass, before any word of an answer is written."""

    @property
    def ready(self) -> bool:
        """Whether a call now would be answered."""
        ...

    async def choose(
        self,
        intent: Intent,
        candidates: tuple[Candidate, ...],
        *,
        history: tuple[str, ...] = (),
    ) -> Choice:
        """Rank the first candidates, as many as one pass can hold (`prompts.choice.MAX_CANDIDATES`).

        `history` are item ids, latest last. Raises EngineError when the model can't answer: then the shortlist's
        order stands.
        """
        ...
