"""Finds the items that messages name, however they are written: `@id`, "Title (Year)", or as people type titles.

The surest form is looked for first, and what it claims is no longer there for the next.
"""

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from agent.understand.linker import Linker, Mention
from agent.understand.text import fold, rank
from agent.understand.titles import key_of
from core.conversation import Message
from core.dialogue import Dialogue, Utterance
from core.item import ItemTable

_ID = re.compile(r"@([^\s@.,!?;:()\"']+)")
_YEAR = re.compile(r"\((1[89]\d\d|20\d\d)\)")
_WORD = re.compile(r"\w+")
_LONGEST_TITLE = 16  # words
_YEARS_OFF = (0, -1, 1)  # data sets disagree on when a film came out
# A title of one such frequent word ("It", "The One", "Yes") is found only with its year, by id, or when it was seen.
_FREQUENT = 1000


class MentionFinder:
    """Finds items of one catalogue in messages."""

    def __init__(self, items: ItemTable, fame: npt.NDArray[np.floating] | None = None) -> None:
        """`fame` [n] says which of several items with the same title is meant where no year is given."""
        self._items = items
        self._fame = fame
        self._linker = Linker(items)
        self._labels: dict[tuple[str, int], int] = {}
        for row, item in enumerate(items):
            for title in (item.title, *item.aliases):
                self._labels.setdefault((_key(title), item.year or 0), row)

    def dialogue(self, messages: Sequence[Message], seen: Collection[int] = ()) -> Dialogue:
        """Messages with the rows that they name. Rows that were `seen` and that no message names come first."""
        utterances: list[Utterance] = []
        expected = [self._items.items[row].id for row in seen]
        for message in messages:
            if message.role != "system":
                words, rows = self._read(message.content, expected)
                utterances.append(Utterance(message.role == "user", words, rows))
        named = {row for utterance in utterances for row in utterance.rows}
        if others := tuple(row for row in dict.fromkeys(seen) if row not in named):
            utterances.insert(0, Utterance(by_person=True, words="", rows=others))
        return tuple(utterances)

    def _read(self, text: str, expected: Collection[str]) -> tuple[str, tuple[int, ...]]:
        """The words of a text without the items that it names, and their rows in order."""
        found: list[tuple[int, int]] = []  # place, row
        for find in (self._by_id, self._by_label):
            for start, end, row in list(find(text)):
                if row is not None:
                    found.append((start, row))
                text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        for mention in self._linker.link(text, expected):
            if mention.item_id is not None and (row := self._meant(mention, expected)) is not None:
                found.append((mention.start, row))
                text = f"{text[: mention.start]}{' ' * (mention.end - mention.start)}{text[mention.end :]}"
        return text, tuple(row for _, row in sorted(found))

    def _meant(self, mention: Mention, expected: Collection[str]) -> int | None:
        """The row that a title without id and year means; None where its words are likely just words."""
        item_id = mention.item_id or ""
        if any(character.isdigit() for character in mention.text):
            return self._items.row(item_id)
        namesakes = [item.id for item in self._linker.namesakes(item_id)] or [item_id]
        if seen := [name for name in namesakes if name in expected]:
            return self._items.row(seen[-1])
        words = key_of(mention.text).split()
        if len(words) == 1 and rank(words[0]) < _FREQUENT:
            return None
        if self._fame is None or item_id not in namesakes:
            return self._items.row(item_id)
        fame = self._fame
        return max((self._items.row(name) for name in namesakes), key=lambda row: float(fame[row]))

    def _by_id(self, text: str) -> Iterator[tuple[int, int, int | None]]:
        """Marks such as @7; one of an item that isn't here is no word either."""
        for match in _ID.finditer(text):
            known = match[1] in self._items
            if known or match[1].isdecimal():
                yield match.start(), match.end(), self._items.row(match[1]) if known else None

    def _by_label(self, text: str) -> Iterator[tuple[int, int, int | None]]:
        """The longest title that stands right before a year in brackets."""
        start = 0
        for year in _YEAR.finditer(text):
            words = list(_WORD.finditer(text, start, year.start()))[-_LONGEST_TITLE:]
            for first in range(len(words)):
                title = text[words[first].start() : year.start()]
                row = self._labelled(title, int(year[1]))
                if row is not None:
                    yield words[first].start(), year.end(), row
                    start = year.end()
                    break

    def _labelled(self, title: str, year: int) -> int | None:
        key = _key(title)
        rows = (self._labels.get((key, year + off)) for off in _YEARS_OFF)
        return next((row for row in rows if row is not None), None)


def _key(title: str) -> str:
    """A title without case, accents and punctuation."""
    return " ".join(_WORD.findall(fold(title)))
