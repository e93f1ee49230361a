"""Chooses an understanding by name."""

from typing import Literal

from agent.understand.combined import CombinedUnderstanding
from agent.understand.model import ModelUnderstanding
from agent.understand.rules import RulesUnderstanding
from agent.understand.understanding import Understanding
from core.errors import InputError
from core.generator import Generator
from core.item import ItemTable

UnderstandingName = Literal["rules", "model", "combined"]
NAMES: tuple[UnderstandingName, ...] = ("rules", "model", "combined")


def choose_understanding(
    name: str, table: ItemTable, generator: Generator | None = None, items: str = "items"
) -> Understanding:
    """The understanding called `name`; `items` says what the catalogue's items are called, such as "films".

    Raises InputError for an unknown name, and where a language model is needed but none is given.
    """
    if name not in NAMES:
        raise InputError(f'There is no understanding called "{name}".', mend=f"Choose one of {', '.join(NAMES)}.")
    rules = RulesUnderstanding(table)
    if name == "rules":
        return rules
    if generator is None:
        raise InputError(f'The understanding "{name}" needs a language model.', mend="Give one, or choose rules.")
    model = ModelUnderstanding(table, rules.linker, generator, items)
    return model if name == "model" else CombinedUnderstanding(rules, model, generator)
