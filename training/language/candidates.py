"""Choices among candidates: what the shortlist's ranker puts first for a history, and which of it was chosen next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from catalog.splits import Position
from core.ranking import HistoryRanker
from index.scores import TEMPERATURE

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_BATCH = 256


@dataclass(frozen=True)
class Choice:
    """Candidates of one position, best first; `label` is the place of what was chosen, None where it is missing."""

    position: Position
    rows: IntArray  # [n]
    scores: FloatArray  # [n] as the shortlist has them: chances relative to the best one, softened
    label: int | None
    chances: FloatArray | None = None  # [n] what is to be learned; None: the label alone


def choices(ranker: HistoryRanker, positions: Sequence[Position], count: int, *, progress: str = "") -> list[Choice]:
    """The `count` best candidates of each position, the history left out."""
    found = []
    with tqdm(total=len(positions), desc=progress, unit="choice", disable=not progress) as bar:
        for start in range(0, len(positions), _BATCH):
            batch = positions[start : start + _BATCH]
            scores = ranker.scores([position.history.tolist() for position in batch]).astype(np.float64)
            found += [_choice(position, row, count) for position, row in zip(batch, scores, strict=True)]
            bar.update(len(batch))
    return found


def _choice(position: Position, scores: FloatArray, count: int) -> Choice:
    scores[position.history] = -np.inf
    rows = np.argsort(-scores, kind="stable")[:count]
    rows = rows[np.isfinite(scores[rows])]
    # As `index.scores` scores a history, so that training and serving read the same numbers.
    chances = np.exp((scores[rows] - scores[rows[0]]) / TEMPERATURE)
    places = np.flatnonzero(rows == position.target)
    return Choice(position, rows, chances, int(places[0]) if len(places) else None)


def missed_share(found: Sequence[Choice]) -> float:
    """How often the ranker's best miss what was chosen."""
    return sum(choice.label is None for choice in found) / max(1, len(found))
