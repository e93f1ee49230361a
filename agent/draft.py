"""The model's answer while it is still being written: items out of unfinished JSON."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

from core.values import Value


class Draft(Value):
    """One item as the model proposed it; nothing in it has been checked."""

    label: str
    evidence: tuple[str, ...] = ()  # by their names in the prompt
    reason: str = ""


class DraftReader:
    """Collects generated text and gives each item as soon as its JSON object is complete."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    @property
    def text(self) -> str:
        """Everything generated so far."""
        return self._text

    @property
    def reasoning(self) -> str:
        """The model's reasoning, as far as it is written."""
        value = self._parsed().get("reasoning", "")
        return value if isinstance(value, str) else ""

    def add(self, text: str) -> Iterator[Draft]:
        """Take the next piece of text; give the items that it completed."""
        self._text += text
        # An object can only have ended where a brace was closed; parsing every token would be quadratic for nothing.
        if "}" in text:
            yield from self._complete()

    def _complete(self) -> Iterator[Draft]:
        # Partial parsing leaves out strings that are not closed yet, so an item with its reason is a whole one.
        items = self._parsed().get("items")
        items = items if isinstance(items, list) else []
        items = [item for item in items if isinstance(item, dict) and "reason" in item]
        for item in items[self._given :]:
            self._given += 1
            # Not every server holds its model to the schema.
            evidence, reason = item.get("evidence"), item["reason"]
            yield Draft(
                label=str(item.get("item", "")),
                evidence=tuple(map(str, evidence)) if isinstance(evidence, list) else (),
                reason=reason if isinstance(reason, str) else "",
            )

    def _parsed(self) -> dict[str, Any]:
        try:
            value = from_json(self._text, allow_partial=True)
        except ValueError:
            return {}  # not JSON yet, or not JSON at all: nothing to read from it
        return value if isinstance(value, dict) else {}
