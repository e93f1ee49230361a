"""How popular items are, and how much a person leans to the popular ones. Knows counts and stages of time, not taste.

Popularity is on a natural logarithmic scale throughout: counts are spread over orders of magnitude, and an effect of
popularity is read as an elasticity, the change of a logit for each unit of it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Added to every count: of an item that few chose, nobody can say yet how popular it is.
PRIOR_COUNT = 5.0
# A history weighs as much as the typical choice when it has this many items.
PRIOR_CHOICES = 5


class Popularity:
    """The popularity of a catalogue's items [n], and where typical choices and a person's choices lie on its scale."""

    def __init__(self, counts: npt.ArrayLike, prior: float = PRIOR_COUNT) -> None:
        """`counts` [n] are how many people chose each item; only their ratios matter to what is made of them.

        Raises ValueError for a negative count or a prior that isn't positive.
        """
        self.counts: FloatArray = np.asarray(counts, dtype=np.float64)
        if prior <= 0 or (self.counts < 0).any():
            raise ValueError("counts can't be negative, and the prior must be positive")
        self.logs: FloatArray = np.log(self.counts + prior)
        total = self.counts.sum()
        self.typical = float(self.logs @ self.counts / total) if total > 0 else float(np.log(prior))
        self.top = float(self.logs.max(initial=np.log(prior)))

    def level(self, history: Sequence[int]) -> float:
        """The mean popularity of a history of rows, drawn to that of a typical choice where the history is short."""
        chosen = float(self.logs[np.asarray(history, dtype=np.int64)].sum())
        return (chosen + PRIOR_CHOICES * self.typical) / (len(history) + PRIOR_CHOICES)

    def conformity(self, history: Sequence[int]) -> float:
        """How far a person's choices lie above typical ones on the way to the most popular item, in [0, 1].

        0 for whoever chooses like everybody or rarer things, and for whom nothing is known of; towards 1 for whoever
        chooses the most popular items only. Their liking for the popular is taste, not an effect of exposure.
        """
        room = self.top - self.typical
        return min(1.0, max(0.0, (self.level(history) - self.typical) / room)) if room > 0 else 0.0


def stage_counts(rows: IntArray, stages: IntArray, n_items: int) -> FloatArray:
    """How often each item was chosen in each stage of time [stages, n], from choices [m] with their stages [m]."""
    counts = np.zeros((int(stages.max(initial=-1)) + 1, n_items))
    np.add.at(counts, (stages, rows), 1)
    return counts


def stages_of(times: npt.ArrayLike, n_stages: int) -> IntArray:
    """The stage [m] of each time [m], in 0 … n_stages-1; every stage holds about as many times."""
    values = np.asarray(times, dtype=np.float64)
    edges = np.quantile(values, np.linspace(0, 1, n_stages + 1)[1:-1])
    return np.searchsorted(edges, values, side="right").astype(np.int64)


def forecast(counts: npt.ArrayLike, speed: float = 0.5) -> FloatArray:
    """Shares [n] that the next stage is expected to bring, from counts [stages, n], oldest first.

    Popularity goes on drifting as it did between the last two stages: m + α(m - m'), never below zero (PDA, Zhang et
    al., 2021). With a single stage it stays as it is.
    """
    table = np.asarray(counts, dtype=np.float64)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    expected = shares[-1] + speed * (shares[-1] - shares[-2]) if len(shares) > 1 else shares[-1]
    clipped: FloatArray = np.maximum(expected, 0)
    return clipped
