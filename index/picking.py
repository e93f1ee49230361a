"""Which of the ranked items make the list: each work once, few of a series, nothing again while there is enough new.

Knows nothing of why a score is what it is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.item import ItemTable
from index.franchise import franchises, same_work

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PER_FRANCHISE = 2


@dataclass(frozen=True)
class Picked:
    """Places of the picked rows, best first, and why others that would have come before the last were held back."""

    places: list[int]
    held_back: dict[int, str]  # by place, as `core.candidate.Standing.held_back` calls it


def lesser_versions(works: IntArray, popularity: FloatArray) -> npt.NDArray[np.bool_]:
    """Which items [n] are not the best known entry of their work; of equals the first one is."""
    order = np.lexsort((np.arange(len(works)), -popularity, works))
    lesser = np.ones(len(works), dtype=bool)
    lesser[order[np.unique(works[order], return_index=True)[1]]] = False
    return lesser


class Picker:
    """Picks from the items of one catalogue."""

    def __init__(self, items: ItemTable) -> None:
        self._items = items
        numbers: dict[tuple[str, int | None], int] = {}
        self.works: IntArray = np.array(
            [numbers.setdefault(same_work(item), len(numbers)) for item in items], dtype=np.int64
        )
        self._franchises = franchises(items.items)

    def same_works(self, item_ids: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Which items [n] are one of these, or another entry of the same work."""
        rows = [self._items.row(item_id) for item_id in item_ids if item_id in self._items]
        return np.isin(self.works, self.works[rows])

    def pick(
        self, rows: IntArray, scores: FloatArray, shown: npt.NDArray[np.bool_], *, k: int, needed: int, count: int
    ) -> Picked:
        """The best `k` of `rows` [m] by `scores` [m], ties by row.

        A series gets further places only where there are fewer than `needed` others; what was `shown` [n] before comes
        again only where there are fewer than `count` others.
        """
        works, taken = set[int](), Counter[str]()
        chosen, series, again = list[int](), list[int](), list[int]()
        held_back: dict[int, str] = {}
        seen = list[int]()
        for place in map(int, np.argsort(-scores, kind="stable")):
            if len(chosen) == k:
                break
            seen.append(place)
            row = rows[place]
            if self.works[row] in works:
                held_back[place] = "version"
                continue
            works.add(self.works[row])
            if shown[row]:
                held_back[place] = "shown"
                again.append(place)
            elif taken[self._franchises[row]] == PER_FRANCHISE:
                held_back[place] = "series"
                series.append(place)
            else:
                taken[self._franchises[row]] += 1
                chosen.append(place)
        chosen += series[: max(0, needed - len(chosen))]
        chosen += again[: max(0, count - len(chosen))]
        kept = set(chosen)
        places = [place for place in seen if place in kept]
        passed = {place: why for place, why in held_back.items() if place not in kept}
        least = scores[places[-1]] if places else np.inf
        return Picked(places, {place: why for place, why in passed.items() if scores[place] >= least})
