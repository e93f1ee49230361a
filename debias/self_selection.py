"""Self-selection: people rate what they like, so that chosen ratings are too high, and by how much.

If a rating r is given with a probability that grows like exp(γ·r), the chosen ratings of any pair are its true ones
tilted by the same factor: a pair's expected rating is too high by about γ times the variance of its ratings, and items
are observed the more often the better they are, log n_i = const + γ·(effect of i). So γ can be read from the items.
That also finds a γ where popularity and quality go together for other reasons; chosen ratings alone can't tell the two
apart (Marlin and Zemel 2009 need a model of the selection, or a random sample, for the same). It is therefore held low,
and meant for star ratings that people volunteer, never for what a service logs.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import expit, logit

from debias.weights import FloatArray

# γ times the standard deviation of a pair's ratings is held to this, a shift of half of that deviation.
HIGHEST_TILT = 0.5
FEWEST_ITEMS = 20
STAR_LEVELS = range(3, 12)


@dataclass(frozen=True)
class SelfSelection:
    """How strongly observation depends on the rating itself: γ per unit of rating, and the scale that it works on."""

    slope: float
    variance: float  # of ratings about their expectation
    lowest: float
    highest: float
    dispersion: float  # variance over (m - lowest)·(highest - m): at the ends of the scale ratings vary little

    @classmethod
    def none(cls) -> Self:
        """No self-selection: nothing changes."""
        return cls(0.0, 0.0, 0.0, 0.0, 0.0)

    @classmethod
    def fit(cls, ratings: FloatArray, expected: FloatArray, item_effects: FloatArray, popularity: FloatArray) -> Self:
        """From chosen `ratings` [n], their fitted expectations [n], and the items' effects and counts [items].

        γ = 0 for anything but star ratings (3 to 11 levels), for few items, and where better items are not chosen more.
        """
        lowest, highest = float(ratings.min()), float(ratings.max())
        variance = float(np.mean((ratings - expected) ** 2))
        room = (expected - lowest) * (highest - expected)
        dispersion = variance / max(1e-9, float(np.clip(room, 0, None).mean()))
        seen = popularity > 0
        slope = 0.0
        if len(np.unique(ratings)) in STAR_LEVELS and seen.sum() >= FEWEST_ITEMS and item_effects[seen].std() > 0:
            slope = float(np.polyfit(item_effects[seen], np.log(popularity[seen]), 1)[0])
        slope = float(np.clip(slope, 0.0, HIGHEST_TILT / np.sqrt(max(variance, 1e-9))))
        return cls(slope, variance, lowest, highest, dispersion)

    def untilted(self, expected: FloatArray) -> FloatArray:
        """What randomly shown pairs would be rated, from the expected *chosen* ratings [m]; keeps their order.

        Along γ an expected rating falls by its variance, dispersion·(m - lowest)·(highest - m). Solving that keeps it
        on the scale: the logit of its place on the scale falls by γ·dispersion·(highest - lowest).
        """
        if self.slope == 0 or self.highest <= self.lowest:
            return expected
        span = self.highest - self.lowest
        place = np.clip((expected - self.lowest) / span, 0.02, 0.98)
        result: FloatArray = self.lowest + span * expit(logit(place) - self.slope * self.dispersion * span)
        return result + 1e-6 * (expected - self.lowest)  # beyond the ends order is kept too
