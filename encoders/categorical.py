"""Things that have any number of values in any number of fields: genres, people by role, countries."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from encoders.encoder import Encoded, chunks, nothing
from encoders.state import State
from encoders.vocabulary import Tags, Vocabulary

KIND = "categories"
_OWN = 4_096
_HASHED = 4_096
_SAMPLE = 100_000


class CategoricalEncoder:
    """Weighted values side by side, or, where there are more than `dimensions`, their strongest directions.

    Wide rows are reduced by truncated SVD, as in latent semantic analysis (Deerwester et al. 1990). The last feature is
    the share of a thing's values that were not seen in two fitted things, so that unseen values are known as such.
    """

    def __init__(self, state: State) -> None:
        arrays = state.arrays
        self._state = state
        self._vocabulary = Vocabulary(
            arrays["keys"], arrays["weights"], arrays["columns"], int(state.settings["width"])
        )
        self._directions: npt.NDArray[np.float32] | None = arrays.get("directions")

    @classmethod
    def fit(
        cls, values: Sequence[Tags | None], *, dimensions: int = 128, seed: int = 0, progress: str = ""
    ) -> "CategoricalEncoder":
        """Learn which values are shared, what they weigh and, from at most 100,000 things, their directions."""
        vocabulary = Vocabulary.fit(values, own=_OWN, hashed=_HASHED, progress=progress)
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "keys": vocabulary.keys,
            "weights": vocabulary.weights,
            "columns": vocabulary.columns,
        }
        sample = np.random.default_rng(seed).permutation(len(values))[:_SAMPLE]
        if vocabulary.width > dimensions:
            matrix, _ = vocabulary.rows([values[row] for row in sorted(sample)])
            arrays["directions"] = directions(matrix, dimensions, seed)
        return cls(State(KIND, {"width": vocabulary.width}, arrays))

    @property
    def identity(self) -> str:
        """Changes with the values, their weights and directions."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """The directions, or the values where they are few; and one for the share of unseen values."""
        return 1 + (self._vocabulary.width if self._directions is None else len(self._directions))

    def encode(self, values: Sequence[Tags | None], *, progress: str = "") -> Encoded:
        """Features of values by field. A thing without any value is absent; one with unseen values only isn't."""
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            matrix, unseen = self._vocabulary.rows(values[part])
            features[part, :-1] = matrix.toarray() if self._directions is None else matrix @ self._directions.T
            features[part, -1] = unseen
            present[part] = (np.diff(matrix.indptr) > 0) | (unseen > 0)
        return features, present

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path) -> "CategoricalEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND))


def directions(matrix: sparse.csr_matrix, count: int, seed: int) -> npt.NDArray[np.float32]:
    """The `count` right singular vectors of the largest singular values [count, columns], fewer for few rows."""
    from sklearn.decomposition import TruncatedSVD

    count = min(count, *(side - 1 for side in matrix.shape))
    if count < 1:
        return np.zeros((0, matrix.shape[1]), dtype=np.float32)
    reduction = TruncatedSVD(count, random_state=seed).fit(matrix)
    return np.asarray(reduction.components_, dtype=np.float32)
