"""Which people are measured, and how much of their history is shown."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Of = TypeVar("_Of")


def drawn(everybody: Sequence[_Of], most: int | None, rng: np.random.Generator) -> list[_Of]:
    """At most so many of them, in their order; None: all. Nothing is drawn where all are taken."""
    if most is None or most >= len(everybody):
        return list(everybody)
    return [everybody[place] for place in np.sort(rng.permutation(len(everybody))[:most])]


def latest(history: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """The last so many choices [at most count] of a history, oldest first; none for 0."""
    return history[max(0, len(history) - count) :]
