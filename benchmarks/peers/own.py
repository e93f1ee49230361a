"""The peers that are closed forms over counts, and ours. Each gives scores [people, items] for the split's people.

A generator yields the scores of several settings where they share a fit.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from peers.split import Split

from core.ranking import HistoryRanker
from index.history import HistoryModel
from training.ranking import train_ranking
from training.sequence import SequenceTraining

Settings = dict[str, Any]
Scores = npt.NDArray[np.float32]
Scored = Iterator[tuple[Settings, Scores]]
Fit = Callable[[Split, Settings, int], Scored]


def popularity(split: Split, settings: Settings, _: int) -> Scored:
    """How many people chose each item."""
    counts = np.bincount(np.concatenate(split.histories), minlength=split.n_items).astype(np.float32)
    yield settings, np.tile(counts, (len(split.histories), 1))


def ease(split: Split, settings: Settings, _: int) -> Scored:
    """EASE (Steck, 2019), by regularisation."""
    yield from _history_models(split, {**settings, "nearness": 1.0, "decay": [1.0]})


def recency_ease(split: Split, settings: Settings, _: int) -> Scored:
    """EASE on choices that are near each other, with recent ones weighing more; `decay` is a list."""
    yield from _history_models(split, settings)


def ours(split: Split, settings: Settings, seed: int) -> Scored:
    """What the product serves: `fit_ours` is the one place to change when that changes."""
    ranker = fit_ours(split, settings, seed)
    yield settings, ranker.scores([history.tolist() for history in split.histories])


def fit_ours(split: Split, settings: Settings, seed: int) -> HistoryRanker:
    """The product's ranker, learned from the split's histories as `prepare` does; nothing is known of the content."""
    training = SequenceTraining.suited_to(sum(map(len, split.histories)), **settings, seed=seed)
    content = np.zeros((split.n_items, 1), dtype=np.float32)
    with TemporaryDirectory() as work:
        return train_ranking(split.histories, split.n_items, content, training, Path(work))


def _history_models(split: Split, settings: Settings) -> Scored:
    model = HistoryModel.fit(split.histories, split.n_items, settings["regularisation"], settings["nearness"])
    for decay in settings["decay"]:
        yield {**settings, "decay": [decay]}, np.stack([model.scores(history, decay) for history in split.histories])


PEERS: dict[str, Fit] = {"popularity": popularity, "ease": ease, "recency-ease": recency_ease, "ours": ours}
