"""Numbers by name as columns: what the encoders of quantities and of moments read alike."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Named = Mapping[str, float]
IsKnown = Callable[[object], bool]


def most_given(values: Sequence[Named | None], is_known: IsKnown, most: int) -> list[str]:
    """At most `most` names, those that most values have a known number of first, ties by the alphabet."""
    counts: dict[str, int] = {}
    for value in values:
        for name, number in (value or {}).items():
            counts[name] = counts.get(name, 0) + is_known(number)
    return sorted((name for name in counts if counts[name]), key=lambda name: (-counts[name], name))[:most]


def column(values: Sequence[Named | None], name: str, is_known: IsKnown) -> npt.NDArray[np.float64]:
    """One number of each value [n]; NaN where it is missing or not known."""
    found = ((value or {}).get(name) for value in values)
    return np.array([number if is_known(number) else np.nan for number in found], dtype=np.float64)
