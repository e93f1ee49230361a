"""What a visitor may say first: examples of this catalogue, each of which it can answer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from core.artifacts import Wording
from core.item import Item, ItemTable
from index.franchise import franchises
from index.phrases import in_prose, kind_of, money

LONGEST_TITLE = 32  # characters that a button on a phone shows in a line or two
PRICE = "price"


def openers(items: ItemTable, chosen: npt.NDArray[np.int64], wording: Wording) -> list[str]:
    """Up to four messages: a taste, a kind with a year or a price, a likeness, a kind without another.

    `chosen` [n] says how many people chose each item: the ones that most people know are named.
    """
    known = [items.items[row] for row in np.argsort(-chosen, kind="stable")]
    named = list(islice(_nameable(known), 3))
    common = [name for name, _ in _categories(items).most_common(3)]
    told = [_taste(named), _kind(items, common, wording), _likeness(named, items), _without(items, common, wording)]
    return [message for message in told if message]


def _nameable(items: Sequence[Item]) -> Iterator[Item]:
    """Items that a short and unmistakable title names, one of each series."""
    titles = Counter(item.title.casefold() for item in items)
    met: set[str] = set()
    for item, series in zip(items, franchises(items), strict=True):
        if len(item.title) <= LONGEST_TITLE and titles[item.title.casefold()] == 1 and series not in met:
            met.add(series)
            yield item


def _taste(named: Sequence[Item]) -> str:
    return f"I liked {' and '.join(item.title for item in named[:2])}. What next?" if named else ""


def _likeness(named: Sequence[Item], items: ItemTable) -> str:
    """Funnier ones where there are comedies, else newer ones where there are any."""
    if len(named) < 3:
        return ""
    model = named[2]
    if "comedy" in map(str.casefold, set(items.categories) - set(model.categories)):
        return f"Something like {model.title}, but funnier"
    newer = items.years and model.year and model.year < items.years[1]
    return f"Something like {model.title}{', but newer' if newer else ''}"


def _kind(items: ItemTable, common: Sequence[str], wording: Wording) -> str:
    """The most common category, from the decade or below the price of a typical item of it."""
    if not common:
        return ""
    members = [item for item in items if common[0] in item.categories]
    what = _opening(kind_of(common[:1], wording))
    if prices := sorted(item.numbers[PRICE] for item in members if PRICE in item.numbers):
        return f"{what} for less than {money(float(np.ceil(prices[len(prices) // 2])))}"
    if years := sorted(item.year for item in members if item.year):
        return f"{what} from the {years[len(years) // 2] // 10 * 10}s"
    return what


def _without(items: ItemTable, common: Sequence[str], wording: Wording) -> str:
    """The second category without the one that it is most often found with."""
    if len(common) < 2:
        return ""
    found = _categories(item for item in items if common[1] in item.categories).most_common()
    beside = [name for name, _ in found if name != common[1] and not name.endswith("'s")]  # "no children's"
    return f"{_opening(kind_of(common[1:2], wording))}, but no {in_prose(beside[0])}" if beside else ""


def _categories(items: Iterable[Item]) -> Counter[str]:
    """How many items each category has."""
    return Counter(name for item in items for name in item.categories)


def _opening(kind: str) -> str:
    """A kind as the beginning of a sentence: "A comedy", "Something listed under tents"."""
    if kind.startswith("listed"):
        return f"Something {kind}"
    return kind[:1].upper() + kind[1:]
