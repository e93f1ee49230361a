"""A first correction for popularity: it takes from items that are more popular than what the person usually chooses.

What many people chose is chosen again because it is seen more, not only because it is better. So an item's score loses
in proportion to how far its popularity exceeds the person's own level; who has always chosen blockbusters keeps them.
The level is the mean popularity of the history, drawn to that of a typical choice. It knows counts, not exposure.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# The history counts as much as the typical choice when it has this many items.
PRIOR_CHOICES = 5
# At full strength the most popular item loses this many standard deviations of the scores per unit of popularity.
FULL_SLOPE = 8.0


class PopularityCorrection:
    """Shifts of scores, from how many people chose each item."""

    def __init__(self, counts: npt.NDArray[np.integer]) -> None:
        """`counts` [n] are how many people chose each item."""
        logs = np.log1p(counts.astype(np.float64))
        top = float(logs.max(initial=0.0))
        # In [0, 1] on a logarithmic scale: counts are spread over orders of magnitude.
        self.popularity: FloatArray = logs / top if top > 0 else logs
        total = float(counts.sum())
        self._typical = float((self.popularity * counts).sum() / total) if total > 0 else 0.0

    def level(self, history: Sequence[int]) -> float:
        """The popularity in [0, 1] that a person with this history of rows usually chooses."""
        total = float(self.popularity[np.asarray(history, dtype=np.int64)].sum())
        return (total + PRIOR_CHOICES * self._typical) / (len(history) + PRIOR_CHOICES)

    def shifts(
        self, rows: npt.NDArray[np.int64], scores: npt.NDArray[np.floating], history: Sequence[int], strength: float
    ) -> FloatArray:
        """What to add to the scores [m] of rows [m]: zero or less, and exactly zero at strength 0.

        shift = -strength · 8 · std(scores) · max(0, popularity - level). Scaling all scores scales all shifts, so that
        strength means the same for every scorer. Raises ValueError for a strength outside [0, 1].
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"strength must be in [0, 1], not {strength}")
        if strength == 0 or len(rows) == 0:
            return np.zeros(len(rows))
        excess = np.maximum(0.0, self.popularity[rows] - self.level(history))
        shifts: FloatArray = -strength * FULL_SLOPE * float(np.std(scores)) * excess
        return shifts
