"""The parts of an evidence score that can be computed: how recent and how well attested something is."""

from math import sqrt

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DAY = 86_400.0
# What people chose two years ago counts half. MovieLens-100K spans seven months, over which tastes hardly moved: there
# a month is worse, and two years are as good as no decay (`tastemaker evaluate experiment retrieval-depth`).
HALF_LIFE = 730 * DAY
# One choice further back in a person's own history counts this much less, as in the history model; this one matters.
DECAY_PER_CHOICE = 0.85
# A mean of ratings is as credible as its share in a mean with this many ratings of the whole catalogue.
PRIOR_RATINGS = 20
_Z = 1.96  # both sides of 95 %


def temporal_decay(age: float | FloatArray, half_life: float = HALF_LIFE) -> FloatArray:
    """2 to the power of -age / half-life, both in seconds; what lies in the future is of no age."""
    decay: FloatArray = np.exp2(-np.maximum(np.asarray(age, dtype=np.float64), 0.0) / half_life)
    return decay


def wilson_lower(positive: float, of: float, z: float = _Z) -> float:
    """The lower bound of a share's 95 % interval (Wilson, 1927); 0 without anybody."""
    if of <= 0:
        return 0.0
    share = positive / of
    centre = share + z * z / (2 * of)
    margin = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (centre - margin) / (1 + z * z / of))


def credibility_of_share(positive: float, of: float) -> float:
    """How much of a share is certain, in [0, 1]: its Wilson lower bound in relation to itself."""
    return min(1.0, wilson_lower(positive, of) * of / positive) if positive > 0 else 0.0


def credibility_of_mean(count: float, prior: float = PRIOR_RATINGS) -> float:
    """The weight in [0, 1) that `count` ratings have in their Bayesian mean, beside a prior of so many ratings."""
    return count / (count + prior)


class ChoiceTimes:
    """When people chose what, to say how recent a crowd's choices are. Now is the time of the latest choice of all."""

    def __init__(self, people: IntArray, rows: IntArray, times: FloatArray, n_items: int) -> None:
        """One choice for each place: a person's number, an item's row, and Unix seconds, all [m]."""
        order = np.lexsort((times, people, rows))
        people, rows = people[order], rows[order]
        is_last = np.append((people[1:] != people[:-1]) | (rows[1:] != rows[:-1]), True)[: len(rows)]
        self._people, self._times = people[is_last], times[order][is_last].astype(np.float64)
        self._starts = np.searchsorted(rows[is_last], np.arange(n_items + 1))
        self.now = float(times.max()) if len(times) else 0.0

    def of(self, row: int) -> tuple[IntArray, FloatArray]:
        """Who chose an item, sorted, and when; for someone who chose it twice, the last time."""
        places = slice(self._starts[row], self._starts[row + 1])
        return self._people[places], self._times[places]

    def decay(self, row: int, half_life: float = HALF_LIFE) -> float:
        """The mean decay of an item's choices; 1 where nobody chose it."""
        return self._mean(self.of(row)[1], half_life)

    def decay_together(self, first: int, second: int, half_life: float = HALF_LIFE) -> float:
        """The mean decay of the choices of people who chose both items, each when they had both; 1 without any."""
        (people, times), (other_people, other_times) = sorted(
            (self.of(first), self.of(second)), key=lambda of: len(of[0])
        )
        if not len(people):
            return 1.0
        places = np.minimum(np.searchsorted(other_people, people), len(other_people) - 1)
        both = other_people[places] == people
        return self._mean(np.maximum(times[both], other_times[places[both]]), half_life)

    def _mean(self, times: FloatArray, half_life: float) -> float:
        return float(temporal_decay(self.now - times, half_life).mean()) if len(times) else 1.0
