"""How much more often items are chosen together than by chance. Knows nothing about people but their choices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from tqdm import tqdm

_PART = 1_000_000  # choices that are counted at once

IntArray = npt.NDArray[np.int64]
TimeArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """What somebody chose, oldest first: rows of the item table and, if known, when (Unix seconds)."""

    rows: Sequence[int] | IntArray
    times: Sequence[float] | TimeArray | None = None

    def __post_init__(self) -> None:
        if self.times is not None and len(self.times) != len(self.rows):
            raise ValueError(f"{len(self.rows)} choices and {len(self.times)} times")

    def inside(self, item_count: int) -> tuple[IntArray, TimeArray]:
        """Rows of the table and their times [m]; unknown times are NaN, rows outside the table are left out."""
        rows = np.asarray(self.rows, dtype=np.int64).reshape(-1)
        unknown = np.full(len(rows), np.nan)
        times = unknown if self.times is None else np.asarray(self.times, dtype=np.float64).reshape(-1)
        known = (rows >= 0) & (rows < item_count)
        return rows[known], np.where(np.isfinite(times), times, np.nan)[known]


@dataclass(frozen=True)
class CoOccurrence:
    """What counts as being chosen together, and how.

    Two choices of one person that are k ≤ `window` places and Δt seconds apart count decay^(k-1) · 2^(-Δt / half_life);
    where a time is unknown, Δt is 0.
    """

    window: int = 10
    decay: float = 0.8
    half_life: float = 30 * 86_400.0
    shift: float = 1.0  # the k of the equation below: 1 shifts nothing
    smoothing: float = 0.75  # α: below 1, rare contexts count less

    def count(self, histories: Sequence[History], item_count: int, *, progress: str = "") -> sparse.csr_matrix:
        """How much items [n, n] occur together: symmetric, and nothing with itself."""
        total = sparse.csr_matrix((item_count, item_count), dtype=np.float32)
        for part in _parts(histories, progress):
            total = total + self._pairs([history.inside(item_count) for history in part], item_count)
        return (total + total.T).tocsr()

    def information(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Shifted positive pointwise mutual information of symmetric counts [n, n].

        max(log(#(i, j) · D / (#(i) · #(j))) - log k, 0) with #(j)^α / Σ #(j)^α in place of #(j) / D: Levy and Goldberg
        2014, "Neural Word Embedding as Implicit Matrix Factorization", equation 11; α from Levy, Goldberg and Dagan
        2015, section 3.2.
        """
        pairs = counts.tocoo()
        totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
        contexts = totals**self.smoothing
        expected = totals[pairs.row] * contexts[pairs.col] / max(float(contexts.sum()), 1e-300)
        with np.errstate(divide="ignore"):  # where a weight has faded to zero
            values = np.log(pairs.data / expected) - np.log(self.shift)
        matrix = sparse.csr_matrix((np.maximum(values, 0).astype(np.float32), (pairs.row, pairs.col)), counts.shape)
        matrix.eliminate_zeros()
        return matrix

    def _pairs(self, histories: list[tuple[IntArray, TimeArray]], count: int) -> sparse.csr_matrix:
        """Weights of pairs (earlier, later) [n, n]."""
        owners = np.repeat(np.arange(len(histories)), [len(rows) for rows, _ in histories])
        rows = np.concatenate([rows for rows, _ in histories])
        times = np.concatenate([times for _, times in histories])
        total = sparse.csr_matrix((count, count), dtype=np.float32)
        for distance in range(1, self.window + 1):
            same = (owners[distance:] == owners[:-distance]) & (rows[distance:] != rows[:-distance])
            gap = np.nan_to_num(np.abs(times[distance:] - times[:-distance])[same], nan=0.0)
            weights = (self.decay ** (distance - 1) * 0.5 ** (gap / self.half_life)).astype(np.float32)
            pairs = (rows[:-distance][same], rows[distance:][same])
            total = total + sparse.coo_matrix((weights, pairs), (count, count)).tocsr()
        return total


def _parts(histories: Sequence[History], progress: str) -> Iterator[list[History]]:
    """Histories in lists of about a million choices, with a bar over the people."""
    part: list[History] = []
    size = 0
    for history in tqdm(histories, desc=progress, unit="person", disable=not (progress and len(histories))):
        part.append(history)
        size += len(history.rows)
        if size >= _PART:
            yield part
            part, size = [], 0
    if part:
        yield part
