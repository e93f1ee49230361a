"""What a language model is tuned from: a catalogue, and histories, learned from up to the split only."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.splits import before_held_out, interaction_rows, row_sequences
from core.artifacts import Wording
from core.columns import RATING
from core.item import ItemTable
from index.evidence import EvidenceWriter
from index.graph import ItemGraph
from index.history import HistoryModel
from index.ranking import BlendedRanker
from index.statistics import RatingStatistics
from training.language.positions import learned_from
from training.language.rankers import ranker_without

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Corpus:
    """A catalogue and its interactions.

    `embeddings` [n, d] are what persons and items are to the language model; `content` [n, c] are embeddings of the
    items' texts, which the ranker reads for items that nobody chose.
    """

    items: ItemTable
    wording: Wording
    interactions: pl.DataFrame  # in time order, columns as in `core.columns`
    embeddings: FloatArray
    content: FloatArray
    graph: ItemGraph
    catalog_hash: str = ""
    embedding_hash: str = ""

    @cached_property
    def sequences(self) -> list[IntArray]:
        """Each person's items as rows, in time order, the held-out ones included."""
        return row_sequences(self.interactions, self.items)

    def ranker(self, work: Path, late: int = 0, *, progress: bool = True, **changes: Any) -> BlendedRanker:
        """The shortlist's ranker without the held-out choices and each person's `late` ones before them."""
        known = learned_from(self.sequences, late)
        return ranker_without(known, len(self.items), self.content, work, progress=progress, **changes)

    @cached_property
    def popular(self) -> IntArray:
        """All rows [n], what most people chose before the split first."""
        chosen = np.bincount(
            np.concatenate([np.empty(0, np.int64), *learned_from(self.sequences)]), minlength=len(self.items)
        )
        return np.argsort(-chosen, kind="stable")

    @cached_property
    def evidence(self) -> EvidenceWriter:
        """Sentences that are true by what was known before the split."""
        known = before_held_out(self.interactions)
        ratings = known[RATING].cast(pl.Float64).to_numpy() if RATING in known.columns else None
        statistics = RatingStatistics.build(interaction_rows(known, self.items), ratings, len(self.items))
        history = HistoryModel.fit(learned_from(self.sequences), len(self.items))
        return EvidenceWriter(self.items, statistics, history, self.graph, self.wording)


def embedding_hash(embeddings: FloatArray) -> str:
    """Changes with any number of the items' embeddings."""
    return hashlib.sha256(np.ascontiguousarray(embeddings, dtype=np.float32).tobytes()).hexdigest()[:16]


def item_ids(items: ItemTable, rows: Iterable[int]) -> tuple[str, ...]:
    """The ids of rows."""
    return tuple(items.items[row].id for row in rows)
