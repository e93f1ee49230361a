"""What people chose one after another, as a space in which items that follow each other are near."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from encoders.cooccurrence import CoOccurrence, History
from encoders.encoder import BoolArray, Encoded, FloatArray, chunks, nothing
from encoders.state import State

KIND = "behaviour"
_SPARE = 64  # vectors beyond those wanted that the solver works with
_ITERATIONS = 6


class BehaviourEncoder:
    """Items from the choices beside them, and people from the items that they chose.

    Items are rows of the eigenvectors with the largest eigenvalues of a symmetric matrix: how much more often than by
    chance two items are chosen together (`encoders.cooccurrence`); scaled to unit length. Levy and Goldberg 2014 take
    U · √Σ of its singular value decomposition (section 4.2); on MovieLens-1M U alone foretells the next film better,
    and singular vectors of negative eigenvalues do no good. A person is the mean of their items, weighted by recency;
    an item is a history of one. Items that nobody chose beside another are absent, and so are histories of such alone.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.items: FloatArray = state.arrays["items"]
        self.known: BoolArray = np.asarray(self.items.any(axis=1))
        self._decay = float(state.settings["decay"])
        self._half_life = float(state.settings["half_life"])

    @classmethod
    def fit(
        cls,
        histories: Sequence[History | None],
        item_count: int,
        *,
        dimensions: int = 128,
        together: CoOccurrence | None = None,
        decay: float = 0.85,
        half_life: float = 365 * 86_400.0,
        seed: int = 0,
        progress: str = "",
    ) -> "BehaviourEncoder":
        """Learn items from histories. `decay` and `half_life` (seconds) say how a person's past fades.

        Memory: 12 bytes for each distinct pair of items within the window, up to four times over while they are added.
        """
        together = together or CoOccurrence()
        people = [history for history in histories if history is not None]
        counts = together.count(people, item_count, progress=progress)
        items = _embedded(together.information(counts), dimensions, seed)
        return cls(State(KIND, {"decay": decay, "half_life": half_life}, {"items": items}))

    @property
    def identity(self) -> str:
        """Changes with the items' features and with how the past fades."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """The width of the items' space."""
        return int(self.items.shape[1])

    def encode(self, values: Sequence[History | None], *, progress: str = "") -> Encoded:
        """The recency-weighted mean of each history's items. Rows outside the table are passed over.

        Choice m of n counts decay^(n-m), times 2^(-age / half_life) where times are known; the weights sum to one.
        """
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            rows, weights = zip(*(self._weighted(value) for value in values[part]), strict=True)
            ends = np.cumsum([0, *map(len, rows)])
            matrix = (np.concatenate(weights), np.concatenate(rows), ends)
            features[part] = sparse.csr_matrix(matrix, shape=(len(rows), len(self.items))) @ self.items
            present[part] = np.diff(ends) > 0
        return features, present

    def encode_items(self) -> Encoded:
        """Features [n, d] and present [n] of all items of the table."""
        return self.items, self.known

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path) -> "BehaviourEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND))

    def _weighted(self, history: History | None) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """The known items of a history [m] and their weights [m]."""
        rows, times = (history or History(())).inside(len(self.items))
        recency = self._decay ** np.arange(len(rows) - 1, -1, -1.0)
        if np.isfinite(times).any():
            recency *= 0.5 ** (np.nan_to_num(np.nanmax(times) - times) / self._half_life)
        known = self.known[rows]
        rows, recency = rows[known], recency[known]
        if len(rows):
            recency /= max(float(recency.sum()), 1e-300)
        return rows, recency.astype(np.float32)


def _embedded(matrix: sparse.csr_matrix, dimensions: int, seed: int) -> FloatArray:
    """Eigenvectors of the largest eigenvalues, rows of unit length [n, min(dimensions, n)]; empty rows stay zeros."""
    from sklearn.utils.extmath import randomized_range_finder

    count = min(dimensions, matrix.shape[0])
    if not matrix.nnz:
        return np.zeros((matrix.shape[0], count), dtype=np.float32)
    symmetric = ((matrix + matrix.T) / 2).tocsr()
    # Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.3: a basis of the range by power iteration, then the exact
    # eigenvectors within it.
    width = min(count + _SPARE, matrix.shape[0])
    basis = randomized_range_finder(symmetric, size=width, n_iter=_ITERATIONS, random_state=seed)
    values, vectors = np.linalg.eigh(basis.T @ (symmetric @ basis))
    vectors = basis @ vectors
    # Directions of eigenvalues below 0 hold apart what is chosen together.
    vectors = vectors[:, -count:] * (values[-count:] > 1e-6)
    vectors[np.diff(matrix.indptr) == 0] = 0.0  # a rounding error is not a choice
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-9, lengths, 1.0), dtype=np.float32)
