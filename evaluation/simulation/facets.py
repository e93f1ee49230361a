"""What can be told of an item without naming it, a facet at a time, and how many items each facet fits.

The more is told, the fewer items fit all of it; whoever tells must stop while a crowd still fits (k-anonymity: Sweeney,
2002, "k-anonymity: a model for protecting privacy"). Masks are [n], in the rows of the item table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.understand.lengths import LONG_FILM, SHORT_FILM
from core.item import ItemTable
from index.moods import MOODS, MoodRule

Mask = npt.NDArray[np.bool_]

# A word of descriptions is a facet when at least so many items share it, and not more than a few, or this share of all.
SHARED_WORD, FEW, COMMON_WORD = 5, 50, 0.05
_WORD = r"(?u)\b[^\W\d_]{4,}\b"


class Kind(StrEnum):
    CATEGORY = "category"
    MOOD = "mood"
    DECADE = "decade"
    PERSON = "person"
    WORD = "word"
    LENGTH = "length"


@dataclass(frozen=True)
class Facet:
    """One thing that is true of an item, such as the decade "1990". `role` is a person's, such as "director"."""

    kind: Kind
    value: str
    role: str = ""


class Facets:
    """The facets of a catalogue's items, and which items share them."""

    def __init__(self, items: ItemTable) -> None:
        self._items = items
        self._categories = [frozenset(name.casefold() for name in item.categories) for item in items]
        self.years = np.array([item.year or 0 for item in items])  # [n]; 0: unknown
        self.minutes = np.array([item.numbers.get("minutes", 0.0) for item in items])  # [n]; 0: unknown
        self._masks: dict[Facet, Mask] = {}

    def of(self, row: int) -> list[Facet]:
        """All facets of one item, in a fixed order."""
        return list(dict.fromkeys(self._found(row)))

    def mask(self, facet: Facet) -> Mask:
        """Which items [n] a facet fits."""
        if facet not in self._masks:
            self._masks[facet] = self._computed(facet)
        return self._masks[facet]

    def _found(self, row: int) -> Iterator[Facet]:
        item = self._items.items[row]
        for category in item.categories:
            yield Facet(Kind.CATEGORY, category)
        for mood, rule in MOODS.items():
            if _has_mood(rule, self._categories[row]):
                yield Facet(Kind.MOOD, mood.value)
        if item.year:
            yield Facet(Kind.DECADE, str(item.year // 10 * 10))
        for credit in item.people:
            yield Facet(Kind.PERSON, credit.name, credit.role)
        for word in self._words_of(row):
            yield Facet(Kind.WORD, word)
        if self.minutes[row] and (self.minutes[row] <= SHORT_FILM or self.minutes[row] >= LONG_FILM):
            yield Facet(Kind.LENGTH, "short" if self.minutes[row] <= SHORT_FILM else "long")

    def _computed(self, facet: Facet) -> Mask:
        if facet.kind is Kind.CATEGORY:
            name = facet.value.casefold()
            return np.array([name in own for own in self._categories])
        if facet.kind is Kind.MOOD:
            rule = next(rule for mood, rule in MOODS.items() if mood.value == facet.value)
            return np.array([_has_mood(rule, own) for own in self._categories])
        if facet.kind is Kind.DECADE:
            return np.asarray(self.years // 10 * 10 == int(facet.value))
        if facet.kind is Kind.PERSON:
            return np.array([any(credit.name == facet.value for credit in item.people) for item in self._items])
        if facet.kind is Kind.LENGTH:
            fits = self.minutes <= SHORT_FILM if facet.value == "short" else self.minutes >= LONG_FILM
            return np.asarray((self.minutes > 0) & fits)
        table, place = self._words
        return np.asarray(table[:, [place[facet.value]]].toarray().ravel() > 0)

    def _words_of(self, row: int) -> list[str]:
        table, place = self._words
        if not place:
            return []
        names = list(place)
        return [names[column] for column in sorted(table[[row]].indices)]

    @cached_property
    def _words(self) -> tuple[Any, dict[str, int]]:
        """Which item's description has which word (sparse [n, words]), and each word's column, in order."""
        from sklearn.feature_extraction.text import CountVectorizer

        least = min(SHARED_WORD, len(self._items))
        most = max(FEW, int(COMMON_WORD * len(self._items)))
        counter = CountVectorizer(binary=True, min_df=least, max_df=most, stop_words="english", token_pattern=_WORD)
        try:
            table = counter.fit_transform([item.description for item in self._items])
        except ValueError:  # no word is left: there are no descriptions, or they share nothing
            return None, {}
        return table, {str(name): column for column, name in enumerate(counter.get_feature_names_out())}


def _has_mood(rule: MoodRule, categories: frozenset[str]) -> bool:
    return bool(rule.wanted & categories) and not rule.against & categories
