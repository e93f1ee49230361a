"""A stretch of a text's words that may be a title, before it is decided which stretches are."""

from dataclasses import dataclass

from agent.understand.titles import Naming


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens first..last, both included, read as the title under `key`. `confidence` is in 0..1."""

    first: int
    last: int
    key: str
    naming: Naming
    confidence: float
    needs_cue: bool = False

    @property
    def size(self) -> int:
        return self.last - self.first + 1
