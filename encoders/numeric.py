"""Quantities by name, such as minutes or a price, brought to one scale whatever their tails."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from encoders.columns import Named, column, most_given
from encoders.encoder import Encoded, chunks, nothing
from encoders.state import State

if TYPE_CHECKING:
    from sklearn.preprocessing import QuantileTransformer

KIND = "numbers"
MAX_NAMES = 256
_QUANTILES = 1_000
_SAMPLE = 100_000


class NumericEncoder:
    """Two features for each name: the rank among the fitted values as a normal deviate, and whether it is given.

    The rank survives heavy tails, any unit and any monotone scale. A value beyond those that were fitted counts as the
    outermost. Names that were not fitted are passed over; NaN and infinities are missing.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._names: list[str] = list(state.settings["names"])
        bounds = np.cumsum([0, *state.settings["lengths"]])
        self._transformers = [_restored(state.arrays["quantiles"][start:stop]) for start, stop in pairwise(bounds)]

    @classmethod
    def fit(cls, values: Sequence[Named | None], *, seed: int = 0) -> "NumericEncoder":
        """Learn the quantiles of each name, from at most 100,000 values; at most MAX_NAMES, the most often given."""
        names = most_given(values, _is_number, MAX_NAMES)
        generator = np.random.default_rng(seed)
        quantiles = [_quantiles(column(values, name, _is_number), generator) for name in names]
        settings = {"names": names, "lengths": [len(each) for each in quantiles]}
        return cls(State(KIND, settings, {"quantiles": np.concatenate([np.zeros(0), *quantiles])}))

    @property
    def identity(self) -> str:
        """Changes with the names and their quantiles."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """Two for each name."""
        return 2 * len(self._names)

    def encode(self, values: Sequence[Named | None], *, progress: str = "") -> Encoded:
        """Features of numbers by name: for each name its normal deviate, 0 where it is missing, and 1 or 0."""
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            for position, (name, transformer) in enumerate(zip(self._names, self._transformers, strict=True)):
                numbers = column(values[part], name, _is_number)
                known = np.isfinite(numbers)
                if known.any() and transformer is not None:
                    features[part, 2 * position][known] = transformer.transform(numbers[known, None])[:, 0]
                features[part, 2 * position + 1] = known
                present[part] |= known
        return features, present

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path) -> "NumericEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and bool(abs(value) < 1e300)  # neither NaN nor infinite


def _quantiles(numbers: npt.NDArray[np.float64], generator: np.random.Generator) -> npt.NDArray[np.float64]:
    from sklearn.preprocessing import QuantileTransformer

    known = numbers[np.isfinite(numbers)]
    if len(known) > _SAMPLE:
        known = generator.choice(known, _SAMPLE, replace=False)
    fitted = QuantileTransformer(n_quantiles=min(_QUANTILES, len(known)), subsample=None).fit(known[:, None])
    return np.asarray(fitted.quantiles_[:, 0], dtype=np.float64)


def _restored(quantiles: npt.NDArray[np.float64]) -> "QuantileTransformer | None":
    """scikit-learn's transformer with these quantiles. None for a constant: it has no scale, and says nothing."""
    from sklearn.preprocessing import QuantileTransformer

    if quantiles[0] == quantiles[-1]:
        return None
    transformer = QuantileTransformer(n_quantiles=len(quantiles), output_distribution="normal")
    transformer.n_quantiles_ = len(quantiles)
    transformer.references_ = np.linspace(0, 1, len(quantiles))
    transformer.quantiles_ = quantiles[:, None]
    transformer.n_features_in_ = 1
    return transformer
