"""Items of a catalogue and the table that holds them."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.errors import InputError
from core.values import Value


class Credit(Value):
    """A person and what they did for an item, such as Michael Mann as its director."""

    name: str
    role: str


class Item(Value):
    """One thing that can be recommended. Only the id and the title are certain to be there."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    year: int | None = None
    categories: tuple[str, ...] = ()
    people: tuple[Credit, ...] = ()
    description: str = ""
    # Quantities by name; films have "minutes".
    numbers: dict[str, float] = Field(default_factory=dict)
    # Further short facts by name, such as country or audience rating.
    facts: dict[str, str] = Field(default_factory=dict)
    # Moments by name, such as "released", in Unix seconds.
    dates: dict[str, float] = Field(default_factory=dict)
    place: tuple[float, float] | None = None  # latitude and longitude in degrees
    image: Path | None = None
    audio: Path | None = None

    @property
    def label(self) -> str:
        """The title with the year, which tells remakes apart."""
        return f"{self.title} ({self.year})" if self.year else self.title


class ItemTable:
    """All items of a catalogue in a fixed order. A row is an item's position, shared by every array of the artifact."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items: tuple[Item, ...] = tuple(items)
        self._rows = {item.id: row for row, item in enumerate(self.items)}
        if len(self._rows) != len(self.items):
            raise InputError("Two items of the catalogue share an id.", mend="Give every item an id of its own.")

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._rows

    def __getitem__(self, item_id: str) -> Item:
        return self.items[self._rows[item_id]]

    def row(self, item_id: str) -> int:
        """The position of an item. Raises KeyError for an id that is not in the catalogue."""
        return self._rows[item_id]

    @cached_property
    def ids_hash(self) -> str:
        """Changes with the ids and their order: arrays of another table's rows don't fit this one."""
        return hashlib.sha256("\n".join(item.id for item in self.items).encode()).hexdigest()[:16]

    @cached_property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year of the catalogue, or None where no item has a year."""
        known = [item.year for item in self.items if item.year]
        return (min(known), max(known)) if known else None

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The names of the numbers that some item has."""
        return frozenset(name for item in self.items for name in item.numbers)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The names of the facts that some item has."""
        return frozenset(name for item in self.items for name in item.facts)

    @cached_property
    def has_people(self) -> bool:
        """Whether the catalogue says of any item who made it or is in it."""
        return any(item.people for item in self.items)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Every category of the catalogue, sorted."""
        return tuple(sorted({category for item in self.items for category in item.categories}))

    @cached_property
    def category_matrix(self) -> npt.NDArray[np.bool_]:
        """Which item has which category [n, c], in the order of `categories`."""
        columns = {category: column for column, category in enumerate(self.categories)}
        matrix = np.zeros((len(self), len(columns)), dtype=bool)
        for row, item in enumerate(self.items):
            matrix[row, [columns[category] for category in item.categories]] = True
        matrix.flags.writeable = False
        return matrix
