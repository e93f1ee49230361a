"""A catalogue's items as columns: what filters, orders and scores look at. Knows no wishes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.item import Item
from index.facts import values_of

Mask = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Index = dict[str, npt.NDArray[np.int64]]

# An item's `facts` that hold its age rating.
CERTIFICATE_FACTS = ("certificate", "rated", "age_rating")
_PARTED = re.compile(r"\s*[&/,+]\s*|\s+(?:and|und)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Facets:
    """What filters look at, as columns over n items; names in lower case, each with the rows that have it."""

    size: int
    categories: Index
    kinds: Index  # categories, and of those that name several kinds ("Crime & Thriller") each kind
    people: Index
    certificates: Index
    facts: dict[str, Index]  # by the name of the fact
    years: FloatArray  # [n], NaN where unknown
    numbers: dict[str, FloatArray]  # name → [n], NaN where unknown

    @classmethod
    def of(cls, items: Sequence[Item]) -> "Facets":
        """The facets of items, in their order."""
        names = dict.fromkeys(name for item in items for name in item.numbers)
        return cls(
            size=len(items),
            categories=_index(item.categories for item in items),
            kinds=_index(
                (kind for name in item.categories for kind in dict.fromkeys((name, *kinds_of(name)))) for item in items
            ),
            people=_index((credit.name for credit in item.people) for item in items),
            certificates=_index(filter(None, [certificate_of(item)]) for item in items),
            facts=_facts(items),
            years=np.array([item.year if item.year is not None else np.nan for item in items], dtype=np.float64),
            numbers={name: np.array([item.numbers.get(name, np.nan) for item in items]) for name in names},
        )

    def where(self, index: Index, names: Iterable[str]) -> Mask:
        """Which items [n] have any of these names."""
        mask = np.zeros(self.size, dtype=bool)
        for name in names:
            if name in index:
                mask[index[name]] = True
        return mask


def kinds_of(category: str) -> tuple[str, ...]:
    """The kinds that a category names: "Nails, Screws & Fixings" has three, and "Comedy" itself alone."""
    return tuple(kind.strip() for kind in _PARTED.split(category) if kind.strip())


def certificate_of(item: Item) -> str:
    """The age rating of an item as its catalogue writes it, or nothing."""
    return next((item.facts[name] for name in CERTIFICATE_FACTS if name in item.facts), "")


def lowered(names: Iterable[str]) -> frozenset[str]:
    """Names without regard to case."""
    return frozenset(name.casefold() for name in names)


def _facts(items: Sequence[Item]) -> dict[str, Index]:
    names = dict.fromkeys(name for item in items for name in item.facts)
    return {name: _index(values_of(item.facts.get(name, "")) for item in items) for name in names}


def _index(names_of_items: Iterable[Iterable[str]]) -> Index:
    rows: dict[str, list[int]] = {}
    for row, names in enumerate(names_of_items):
        for name in lowered(names):
            rows.setdefault(name, []).append(row)
    return {name: np.array(each) for name, each in rows.items()}
