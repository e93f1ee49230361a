"""What came before a message, as far as it helps to read it."""

from dataclasses import dataclass, field

from agent.understand.references import Shown
from core.intent import Asked


@dataclass(frozen=True, slots=True)
class Context:
    """What came before a message."""

    shown: Shown = field(default_factory=Shown)
    answered: frozenset[str] = frozenset()  # every item that an answer of ours has named
    spoken_of: frozenset[str] = frozenset()  # every item that the person has named
    basis: str | None = None  # the item that the person last liked, or wanted something like
    asked: Asked | None = None  # what the person's last message asked about items
    asked_opinion_of: str | None = None  # the item that our last message asked an opinion of
    is_closed: bool = False  # the person's last message thanked: what comes now is a matter of its own

    @property
    def has_answer(self) -> bool:
        return bool(self.answered)
