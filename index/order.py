"""Items put in order by one value, as "the cheapest" and "the best rated" ask for it, and how that is said."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.artifacts import Wording
from core.intent import Order
from core.item import Item
from index.facets import Facets, Mask
from index.facts import LENGTHS, PRICES, RATINGS, WEIGHTS
from index.statistics import RatingStatistics

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Values that no item has as a number of its own.
YEAR, RATING, POPULARITY = "year", "rating", "popularity"
# Who is lowest and who is highest, by what items are ordered by.
_SUPERLATIVES = {
    YEAR: ("oldest", "newest"),
    POPULARITY: ("least chosen", "most chosen"),
    **dict.fromkeys(PRICES, ("cheapest", "most expensive")),
    **dict.fromkeys(LENGTHS, ("shortest", "longest")),
    **dict.fromkeys(WEIGHTS, ("lightest", "heaviest")),
    **dict.fromkeys(RATINGS, ("worst rated", "best rated")),
}
_PLACES = ("", "second ", "third ")


@dataclass(frozen=True)
class Place:
    """Where an item stands in an order: the `number`-th, with `ties` others, `of` those that could be recommended.

    `others`: what was shown before is not among them.
    """

    order: Order
    number: int
    ties: int
    of: int
    others: bool = False


def superlative(order: Order) -> str:
    """Such as "cheapest"; of a number without a word of its own "lowest band"."""
    low, high = _SUPERLATIVES.get(order.by.casefold(), (f"lowest {order.by}", f"highest {order.by}"))
    return high if order.descending else low


def order_in_words(order: Order) -> str:
    """Such as "the cheapest first"."""
    return f"the {superlative(order)} first"


def value_of(order: Order, item: Item) -> float | None:
    """What the catalogue says of one item: its year or its number."""
    return item.year if order.by == YEAR else item.numbers.get(order.by)


def values_of_order(order: Order, facets: Facets, statistics: RatingStatistics) -> FloatArray:
    """What the items [n] are ordered by, NaN where it is not known; few ratings count less (`RatingStatistics`)."""
    if order.by in facets.numbers:
        return facets.numbers[order.by]
    if order.by == YEAR:
        return facets.years
    if is_estimated(order, facets):
        return np.where(statistics.rated > 0, statistics.quality, np.nan)
    if order.by == POPULARITY and statistics.chosen.any():
        return statistics.chosen.astype(np.float64)
    return np.full(facets.size, np.nan)


def is_estimated(order: Order, facets: Facets) -> bool:
    """Whether items are ordered by a rating in which few opinions count less: the averages that are told may differ."""
    return order.by == RATING and RATING not in facets.numbers


def in_order(rows: IntArray, values: FloatArray, scores: FloatArray, first: Mask, *, descending: bool) -> FloatArray:
    """Scores [m] that put `rows` [m] in the order of their `values` [n]: equals by `scores` [m], unknown ones last.

    Where some are `first` [n], for they alone meet every wish, the others follow by their scores.
    """
    known = np.nan_to_num(values[rows] if descending else -values[rows], nan=-np.inf)
    if first.any():
        known = np.where(first[rows], known, -np.inf)
    order = np.lexsort((-scores, -known, ~first[rows]))
    ranked = np.empty(len(rows))
    ranked[order] = np.arange(len(rows), 0, -1, dtype=np.float64)
    return ranked


def place_of(row: int, rows: IntArray, values: FloatArray, order: Order, *, others: bool) -> Place | None:
    """Where a row stands among `rows` [m]; None where its value is not known or it is none of them."""
    value, known = values[row], values[rows][~np.isnan(values[rows])]
    if np.isnan(value) or row not in rows:
        return None
    better = known > value if order.descending else known < value
    return Place(order, int(better.sum()) + 1, int((known == value).sum()) - 1, len(known), others)


def place_in_words(place: Place | None, wording: Wording) -> str:
    """Such as "it is the second cheapest of the 12 tents to choose from"; nothing behind the third place."""
    if place is None or place.number > len(_PLACES) or place.of < 2:
        return ""
    has_word = place.order.by.casefold() in _SUPERLATIVES
    verb = "has" if not has_word else "is among" if place.ties and place.number == 1 else "is"
    name = f"{_PLACES[place.number - 1]}{superlative(place.order)}"
    others = "other " if place.others else ""
    return f"it {verb} the {name} of the {place.of:,} {others}{wording.items} to choose from"
