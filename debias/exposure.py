"""Which pairs of a person and an item were observed: what every propensity model learns from. No ratings here."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from debias.weights import FloatArray

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Exposure:
    """Observed pairs as rows, users [n] and items [n], out of `user_count` x `item_count`; no pair stands twice."""

    users: Rows
    items: Rows
    user_count: int
    item_count: int

    @property
    def pairs(self) -> int:
        """N, the number of all pairs."""
        return self.user_count * self.item_count

    @cached_property
    def matrix(self) -> csr_array:
        """[users, items], 1 where observed."""
        ones = np.ones(len(self.users))
        return csr_array((ones, (self.users, self.items)), shape=(self.user_count, self.item_count))

    @cached_property
    def activity(self) -> FloatArray:
        """How many items each user was observed with, [users]."""
        return np.bincount(self.users, minlength=self.user_count).astype(np.float64)

    @cached_property
    def popularity(self) -> FloatArray:
        """How many users each item was observed with, [items]."""
        return np.bincount(self.items, minlength=self.item_count).astype(np.float64)

    @cached_property
    def _keys(self) -> Rows:
        return np.sort(self.users * self.item_count + self.items)

    def subset(self, keep: npt.NDArray[np.bool_]) -> Self:
        """The same people and items with only some of the observations, keep [n]."""
        return replace(self, users=self.users[keep], items=self.items[keep])

    def observed(self, users: Rows, items: Rows) -> npt.NDArray[np.bool_]:
        """Which of the given pairs were observed, [m]."""
        wanted = users * self.item_count + items
        if not len(self._keys):
            return np.zeros(len(wanted), dtype=bool)
        found = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        result: npt.NDArray[np.bool_] = self._keys[found] == wanted
        return result

    def sample_unobserved(self, count: int, rng: np.random.Generator) -> tuple[Rows, Rows, float]:
        """About `count` unobserved pairs, or all if there are fewer, and how many pairs each stands for."""
        if self.pairs <= 2 * count + len(self.users):
            keys = np.setdiff1d(np.arange(self.pairs), self.users * self.item_count + self.items)
            if len(keys) > count:
                keys = np.sort(rng.choice(keys, count, replace=False))
        else:
            keys = np.unique(rng.integers(0, self.pairs, count))
            keys = keys[~self.observed(keys // self.item_count, keys % self.item_count)]
        users, items = keys // self.item_count, keys % self.item_count
        return users, items, (self.pairs - len(self.users)) / max(1, len(keys))
