"""What features say together, beyond what each says alone: small networks whose answers are averaged.

Each maps one item's features to a number that is added to its log odds: a famous item counts for less after five
mentions than at the start, a near text counts for more where the categories agree, and so on.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

# Standardised features are cut here: a network knows nothing of what lies beyond its training.
REACH = 4.0


@dataclass(frozen=True)
class Interactions:
    """`members` networks of two hidden layers with rectifiers, of `width` units each; F features."""

    center: FloatArray  # [F]
    scale: FloatArray  # [F]; infinite for a feature that never varied, which then says nothing
    first: FloatArray  # [members, F + 1, width]; the last input of every layer is 1
    second: FloatArray  # [members, width + 1, width]
    last: FloatArray  # [members, width + 1]

    @classmethod
    def none(cls, features: int) -> "Interactions":
        """No network: nothing is added to any item."""
        empty = (
            np.zeros((0, features + 1, 1), np.float32),
            np.zeros((0, 2, 1), np.float32),
            np.zeros((0, 2), np.float32),
        )
        return cls(np.zeros(features, np.float32), np.ones(features, np.float32), *empty)

    def __call__(self, table: FloatArray) -> FloatArray:
        """What to add to each item's log odds [n], from features [F, n]."""
        total = np.zeros(table.shape[1], dtype=np.float32)
        inputs = standardised(table.T, self.center, self.scale)
        for first, second, last in zip(self.first, self.second, self.last, strict=True):
            hidden = np.maximum(inputs @ first[:-1] + first[-1], 0)
            hidden = np.maximum(hidden @ second[:-1] + second[-1], 0)
            total += hidden @ last[:-1] + last[-1]
        mean: FloatArray = total / np.float32(max(1, len(self.last)))
        return mean


def standardised(features: FloatArray, center: FloatArray, scale: FloatArray) -> FloatArray:
    """Features [..., F] in units of their spread, cut at `REACH`."""
    inputs: FloatArray = np.clip((features - center) / scale, -REACH, REACH)
    return inputs
