"""The ranking of a whole catalogue for a history: several rankers, weighed by what they foretold of held-out choices.

Score = Σ weight · part, where the parts are the sequence model's log probability, EASE's score (standardised for each
person), the transitions' log probability and the log of popularity. The weights come from a conditional logit
(McFadden, 1974) fitted by `training.ranking`: four numbers, so a few hundred people are enough.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ArtifactError
from index.history import HistoryModel
from index.sequence import SequenceModel
from index.transitions import Transitions

FloatArray = npt.NDArray[np.float32]

_WEIGHTS = "weights.json"
_SEQUENCE = "sequence"
_TRANSITIONS = "transitions.npz"
_POPULARITY = "popularity.npy"


class Weights(BaseModel):
    """What each part of the score weighs, and how the blend did on people whose last choice was held out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence: float = 1.0
    history: float = 0.0
    transitions: float = 0.0
    popularity: float = 0.0
    # HR@10 and NDCG@10 on the validation people, of the blend and of each part alone.
    validation: dict[str, tuple[float, float]] = {}
    people: int = 0

    def vector(self) -> FloatArray:
        """The weights in the order of `BlendedRanker.parts`."""
        return np.array([self.sequence, self.history, self.transitions, self.popularity], dtype=np.float32)


@dataclass(frozen=True)
class BlendedRanker:
    """Scores for every item after a history. Reads only; safe to call from several threads."""

    history: HistoryModel
    transitions: Transitions
    popularity: FloatArray  # [items] log(1 + how many chose it)
    sequence: SequenceModel | None  # None where too few people chose enough to learn from
    weights: Weights

    def scores(self, histories: Sequence[Sequence[int]]) -> FloatArray:
        """Scores [people, items] after histories of rows, oldest first; see `core.ranking.HistoryRanker`."""
        scores: FloatArray = np.einsum("w,wpi->pi", self.weights.vector(), self.parts(histories))
        # The weights were fitted on people with a past; of someone without one, what many chose is the best guess.
        scores[[not history for history in histories]] = self.popularity
        return scores

    def parts(self, histories: Sequence[Sequence[int]]) -> FloatArray:
        """The four unweighted parts [4, people, items] of the scores."""
        parts = np.zeros((4, len(histories), len(self.popularity)), dtype=np.float32)
        if self.sequence:
            parts[0] = self.sequence.scores(histories)
        for person, history in enumerate(histories):
            parts[1, person] = self.history.scores(history)
        parts[1] = _standardised(parts[1])
        parts[2] = self.transitions.scores(histories)
        parts[3] = self.popularity
        return parts

    def save(self, folder: Path) -> None:
        """Write everything but the history model, which has a file of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.sequence:
            self.sequence.save(folder / _SEQUENCE)
        self.transitions.save(folder / _TRANSITIONS)
        np.save(folder / _POPULARITY, self.popularity)
        (folder / _WEIGHTS).write_text(self.weights.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, history: HistoryModel) -> "BlendedRanker":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            weights = Weights(**json.loads((folder / _WEIGHTS).read_text(encoding="utf-8")))
            popularity = np.load(folder / _POPULARITY)
        except (OSError, ValueError, TypeError, ValidationError) as error:
            raise ArtifactError(f"The ranker {folder} can't be read.", mend="Run `tastemaker prepare`.") from error
        sequence = SequenceModel.load(folder / _SEQUENCE) if (folder / _SEQUENCE).exists() else None
        return cls(history, Transitions.load(folder / _TRANSITIONS), popularity, sequence, weights)


def _standardised(scores: FloatArray) -> FloatArray:
    """Each person's scores with mean 0 and deviation 1; zeros stay zeros."""
    spread = scores.std(axis=1, keepdims=True)
    centred = scores - scores.mean(axis=1, keepdims=True)
    standardised: FloatArray = np.divide(centred, spread, out=np.zeros_like(scores), where=spread > 0)
    return standardised
