"""Chosen ratings as models learn them: with features, and on a scale that penalties suit."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from debias.exposure import Exposure
from debias.self_selection import STAR_LEVELS
from debias.weights import FloatArray

# Ratings that are no stars are cut at these quantiles.
OUTER_SHARES = (0.005, 0.995)


@dataclass(frozen=True)
class RatingData:
    """Chosen ratings [n] of the exposure's pairs, and features of people [users, f] and items [items, g], if any."""

    exposure: Exposure
    ratings: FloatArray
    user_features: FloatArray | None = None
    item_features: FloatArray | None = None

    def subset(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Self:
        """Only some of the ratings."""
        return replace(self, exposure=self.exposure.subset(keep), ratings=self.ratings[keep])


@dataclass(frozen=True)
class Scale:
    """The range that ratings are held to, and the unit that they are learned in: penalties suit a spread of about 1.

    Stars stay as they are. Anything else, such as watch times, is cut at its outer half percents (a few outliers would
    be all that a squared error sees) and divided by its standard deviation.
    """

    lowest: float
    highest: float
    unit: float

    @classmethod
    def of(cls, ratings: FloatArray) -> Self:
        """The scale of chosen ratings [n]."""
        if len(np.unique(ratings)) in STAR_LEVELS:
            return cls(float(ratings.min()), float(ratings.max()), 1.0)
        lowest, highest = (float(bound) for bound in np.quantile(ratings, OUTER_SHARES))
        return cls(lowest, highest, float(np.clip(ratings, lowest, highest).std()) or 1.0)

    def learned(self, ratings: FloatArray) -> FloatArray:
        """Ratings as models learn them."""
        return np.clip(ratings, self.lowest, self.highest) / self.unit

    def shown(self, expected: FloatArray) -> FloatArray:
        """What models expect, as ratings: on the range, or a hair beyond it so that order is kept."""
        ratings = expected * self.unit
        held = np.clip(ratings, self.lowest, self.highest)
        return held + 1e-6 * (ratings - held)
