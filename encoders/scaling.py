"""Features of one kind of data, brought to the scale of the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from encoders.encoder import CHUNK, BoolArray, Encoded, FloatArray, chunks

_CONSTANT = 1e-6  # a smaller spread is rounding


@dataclass(frozen=True)
class Scaling:
    """(x - mean) · factor, column by column, for rows that are present.

    `fit` makes the mean row zero and the mean square length of rows 1, as for unit vectors.
    """

    mean: npt.NDArray[np.float64]  # [d]
    factor: npt.NDArray[np.float64]  # [d]

    @classmethod
    def fit(cls, features: FloatArray, present: BoolArray, *, columns: bool) -> "Scaling":
        """With `columns` each column gets the same variance; otherwise columns keep their shares of it."""
        count = max(int(present.sum()), 1)
        rows = [part for part in chunks(len(features), CHUNK) if present[part].any()]
        total = np.zeros(features.shape[1])
        for part in rows:
            total += features[part][present[part]].sum(axis=0, dtype=np.float64)
        mean = total / count
        squares = np.zeros(features.shape[1])
        for part in rows:
            squares += ((features[part][present[part]] - mean) ** 2).sum(axis=0)
        spread = np.sqrt(squares / count)
        varies = spread > _CONSTANT
        if not columns:
            return cls(mean, np.full(len(mean), 1.0 / (np.linalg.norm(spread) or 1.0)) if varies.any() else 0.0 * mean)
        return cls(mean, np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0) / np.sqrt(max(varies.sum(), 1)))

    def apply(self, encoded: Encoded) -> Encoded:
        """Scaled features; absent rows stay zeros."""
        features, present = encoded
        scaled = np.zeros_like(features)
        for part in chunks(len(features), CHUNK):
            scaled[part] = np.where(present[part, None], (features[part] - self.mean) * self.factor, 0.0)
        return scaled, present
