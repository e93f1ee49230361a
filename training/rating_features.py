"""What a rating model knows beside ratings: features of people and items, and what they chose.

That a person rated an item at all says something about the rating, and the same goes for items that nobody chose. A
model of ratings alone never sees it: it has only chosen pairs to learn from.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from debias.exposure import Rows
from debias.propensity import Affinity, log_margins
from debias.weights import FloatArray

SMALLEST_SPREAD = 0.05
HIGHEST_WIDTH = 16  # given features are reduced to so many principal components


class Known(StrEnum):
    """What a rating model may look at beside ratings."""

    RATINGS = "ratings"  # nothing else
    CONTENT = "content"  # given features
    CHOICES = "choices"  # given features, and how expected it was that this person chooses this item
    TASTE = "taste"  # the same, and features of people and items from who chose what


class RatingFeatures:
    """Features as `training.factorization` takes them: of people [users, f], things [items, g] and pairs [m, c]."""

    def __init__(
        self,
        known: Known,
        affinity: Affinity,
        user_features: npt.ArrayLike | None = None,
        item_features: npt.ArrayLike | None = None,
    ) -> None:
        """From what was observed (`affinity`), and any given features [users, f] and [items, g]."""
        exposure = affinity.exposure
        self._affinity = affinity if known in (Known.CHOICES, Known.TASTE) else None
        content = known != Known.RATINGS
        self._given = (
            _components(user_features if content else None, exposure.user_count),
            _components(item_features if content else None, exposure.item_count),
        )
        self.people, self.things = self._given
        if known == Known.TASTE:
            people, things = _unit(affinity.user_vectors), _unit(affinity.item_vectors)
            self.people = np.hstack([self.people, people, _standard(np.log1p(exposure.activity))[:, None]])
            self.things = np.hstack([self.things, things, _standard(np.log1p(exposure.popularity))[:, None]])
        margins = log_margins(exposure, exposure.users, exposure.items)
        self._lowest, self._highest = margins.min(axis=0), margins.max(axis=0)
        self._mean, self._spread = margins.mean(axis=0), margins.std(axis=0)
        self._spread[self._spread < SMALLEST_SPREAD] = np.inf  # a margin that hardly varies says nothing

    def pairs(self, users: Rows, items: Rows) -> FloatArray:
        """Given features, their products, and how expected the choice was: margins and affinity, [m, c]."""
        person, thing = self._given[0][users], self._given[1][items]
        columns = [person, thing, (person[:, :, None] * thing[:, None, :]).reshape(len(users), -1)]
        if self._affinity is not None:
            # Who was never observed counts like whoever was observed least: no slope reaches beyond what it has seen.
            margins = np.clip(log_margins(self._affinity.exposure, users, items), self._lowest, self._highest)
            columns += [(margins - self._mean) / self._spread, self._affinity.log_ratio(users, items)[:, None]]
        return np.hstack(columns)


def _components(features: npt.ArrayLike | None, count: int) -> FloatArray:
    """Principal components of the columns, with the variance that they have, [count, at most HIGHEST_WIDTH]."""
    if features is None:
        return np.zeros((count, 0))
    array = np.asarray(features, dtype=np.float64)
    centred = array - array.mean(axis=0)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    kept = strengths > 1e-9 * max(1.0, float(strengths.max(initial=0.0)))
    kept[HIGHEST_WIDTH:] = False
    components: FloatArray = left[:, kept] * strengths[kept]
    return components / max(1e-9, float(components.std(axis=0).max(initial=0.0)))


def _unit(vectors: FloatArray) -> FloatArray:
    """Rows of mean square length 1."""
    return vectors / max(1e-9, float(np.sqrt(np.square(vectors).sum(axis=1).mean())))


def _standard(values: FloatArray) -> FloatArray:
    standard: FloatArray = (values - values.mean()) / (values.std() + 1e-9)
    return standard
