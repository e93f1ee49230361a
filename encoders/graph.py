"""What items are linked to in a knowledge graph, such as people, companies and awards, as a space of likeness."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from encoders.encoder import Encoded, chunks, nothing
from encoders.state import State

KIND = "graph"
_SAMPLE = 100_000

# (relation, entity), such as ("director", "m.0bq2g").
Links = Sequence[tuple[str, str]]


class GraphEncoder:
    """Items as the point that their links point to: the mean of t - r over their links (r, t).

    Entities t and relations r are learned by TransE (`encoders.translation`). The mean is where the loss of the true
    links Σ |h + r - t|² is least, so that a new item needs no training. Only entities that at least two items share are
    learned: the others make nothing alike.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._keys: npt.NDArray[np.uint32] = state.arrays["keys"]  # [e] hashes of relation and entity, sorted
        self._points: npt.NDArray[np.float32] = state.arrays["points"]  # [e, d]: t - r

    @classmethod
    def fit(
        cls,
        values: Sequence[Links | None],
        *,
        dimensions: int = 64,
        epochs: int = 12,
        seed: int = 0,
        progress: str = "",
    ) -> "GraphEncoder":
        """Learn entities and relations from the links of at most 100,000 items.

        Memory: 16 bytes for each number of those items' and their entities' points.
        """
        from encoders.translation import Triples, train_translation

        sample = sorted(np.random.default_rng(seed).permutation(len(values))[:_SAMPLE])
        heads, links = _flat([values[row] for row in sample])
        keys, place, counts = np.unique(links[:, 0], return_inverse=True, return_counts=True)
        shared = counts[place] > 1
        heads, links = heads[shared], links[shared]
        _, relations = np.unique(links[:, 1], return_inverse=True)
        _, entities = np.unique(links[:, 2], return_inverse=True)
        _, heads = np.unique(heads, return_inverse=True)
        tails, steps = train_translation(
            Triples(heads, relations, entities), dimensions=dimensions, epochs=epochs, seed=seed, progress=progress
        )
        keys, first = np.unique(links[:, 0], return_index=True)
        points = tails[entities[first]] - steps[relations[first]]
        return cls(State(KIND, {}, {"keys": keys, "points": points.reshape(-1, dimensions)}))

    @property
    def identity(self) -> str:
        """Changes with the links that were fitted."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """Of the space of points."""
        return int(self._points.shape[1])

    def encode(self, values: Sequence[Links | None], *, progress: str = "") -> Encoded:
        """Points of items; an item none of whose entities is known is absent. A link named twice counts once."""
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            rows, links = _flat(values[part])
            known = np.isin(links[:, 0], self._keys)
            rows, places = rows[known], np.searchsorted(self._keys, links[known, 0])
            count = np.bincount(rows, minlength=part.stop - part.start)
            weights = (1.0 / count[rows]).astype(np.float32)
            matrix = sparse.csr_matrix((weights, (rows, places)), shape=(len(count), len(self._keys)))
            features[part] = matrix @ self._points
            present[part] = count > 0
        return features, present

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path) -> "GraphEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND))


def _flat(values: Sequence[Links | None]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The row of every link [m], and hashes [m, 3] of the link, of its relation and of its entity."""
    rows: list[int] = []
    hashes: list[tuple[int, int, int]] = []
    for row, links in enumerate(values):
        for relation, entity in dict.fromkeys(links or ()):
            rows.append(row)
            hashes.append((_hash(f"{relation}\0{entity}"), _hash(relation), _hash(entity)))
    return np.array(rows, dtype=np.int64), np.array(hashes, dtype=np.uint32).reshape(-1, 3)


def _hash(text: str) -> Any:
    from sklearn.utils import murmurhash3_32

    return murmurhash3_32(text.encode("utf-8", "replace"), positive=True)
