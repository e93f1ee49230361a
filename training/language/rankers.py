"""The shortlist's ranker, trained without what it will be asked for; kept in a folder, since it takes minutes."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.history import HistoryModel
from index.ranking import BlendedRanker
from training.ranking import train_ranking
from training.sequence import SequenceTraining

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

_DONE = "done.json"


def ranker_without(
    sequences: Sequence[IntArray],
    n_items: int,
    content: FloatArray,
    work: Path,
    *,
    seed: int = 0,
    progress: bool = True,
    **changes: Any,
) -> BlendedRanker:
    """A ranker as `prepare` trains it, from these sequences alone. Read from `work` where it was trained before.

    `content` [items, d] places items that nobody chose; `changes` are of `SequenceTraining`.
    """
    settings = SequenceTraining.suited_to(sum(map(len, sequences)), **{"members": 1, "seed": seed, **changes})
    folder = work / _key(sequences, content, settings)
    history_file = folder / "history.npz"
    if (folder / _DONE).is_file():
        return BlendedRanker.load(folder, HistoryModel.load(history_file))
    ranker = train_ranking(sequences, n_items, content, settings, folder / "training", progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    ranker.history.save(history_file)
    ranker.save(folder)
    (folder / _DONE).write_text(json.dumps(ranker.weights.model_dump(), indent=1), encoding="utf-8")
    return ranker


def _key(sequences: Sequence[IntArray], content: FloatArray, settings: SequenceTraining) -> str:
    digest = hashlib.sha256(settings.model_dump_json().encode())
    digest.update(np.ascontiguousarray(content).tobytes())
    for rows in sequences:
        digest.update(rows.tobytes() + b"|")
    return digest.hexdigest()[:16]
