"""What the choices and ratings of everybody say of each item, whoever asks."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from index.likeness import unit
from index.statistics import RatingStatistics

FloatArray = npt.NDArray[np.float64]

# An item that this many people chose counts as half known.
HALF_KNOWN = 10
# Items that fewer people chose (in a small catalogue: fewer than a quarter of the median), or whose rating is in this
# lowest share, are doubtful.
LEAST_CHOSEN = 5
POOREST_SHARE = 0.15


@dataclass(frozen=True)
class Crowd:
    """Columns [n] in the order of the items; all but `doubtful` lie in [0, 1]."""

    known: FloatArray  # how much can be known of it: 1 where everybody chose it, or where there are no choices
    popularity: FloatArray
    quality: FloatArray
    doubtful: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, statistics: RatingStatistics) -> Self:
        """What follows from counts and mean ratings."""
        chosen, rated, quality = statistics.chosen.astype(np.float64), statistics.rated > 0, statistics.quality
        worst, poor = (quality[rated].min(), np.quantile(quality[rated], POOREST_SHARE)) if rated.any() else (0.0, 0.0)
        least = min(LEAST_CHOSEN, float(np.median(chosen)) / 4) if len(chosen) else 0
        return cls(
            known=chosen / (chosen + HALF_KNOWN) if chosen.any() else np.ones(len(chosen)),
            popularity=unit(np.log1p(chosen)),
            quality=unit(quality - worst),
            doubtful=((chosen < least) & chosen.any()) | (rated & (quality < poor)),
        )
