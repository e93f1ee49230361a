"""A prepared catalogue set up for measuring: each person's last choice is foretold, and a tenth of the items is cold.

An item is cold when nobody's choice of it is known: its interactions are taken from all histories before anything is
learned. It is a validation: nothing but choices that the catalogue's data holds is read, and no test set.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalog import INTERACTION_SCHEMA
from catalog.splits import held_out, row_sequences
from core.artifacts import ArtifactLayout, Manifest
from core.errors import ArtifactError, InputError
from core.item import ItemTable
from evaluation.experiments.registry import ExperimentSettings
from evaluation.people import drawn
from evaluation.ranking.metrics import ranks
from index.graph import ItemGraph
from server.manifest import artifact_layout, read_items, read_manifest

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]

# With fewer choices before the last one there is nothing to learn an order from.
LEAST_PAST = 2


@dataclass(frozen=True)
class Known:
    """What a prepared folder holds, as far as representations are made of it."""

    layout: ArtifactLayout
    manifest: Manifest
    items: ItemTable
    sequences: list[IntArray]  # rows in time order, one person each
    text: FloatArray  # [n, d]
    graph: ItemGraph


@dataclass(frozen=True)
class World:
    """p people with what they chose of the warm items, and what they chose next, which may be cold."""

    known: Known
    cold: BoolArray  # [n]
    histories: list[IntArray]
    targets: IntArray  # [p]

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.cold)

    @property
    def is_cold(self) -> BoolArray:
        """Whether each person's next choice [p] is cold."""
        answer: BoolArray = self.cold[self.targets]
        return answer


def load_known(settings: ExperimentSettings) -> Known:
    """Read the prepared catalogue. Raises ArtifactError, which says what to run, where it can't be."""
    layout = artifact_layout(settings.settings.artifacts, settings.catalog)
    manifest = read_manifest(layout)
    items = read_items(layout)
    try:
        interactions = pl.read_parquet(layout.interactions).select(*INTERACTION_SCHEMA)
        text = np.load(layout.text_embeddings, allow_pickle=False)
    except (OSError, ValueError, EOFError, pl.exceptions.PolarsError) as error:
        mend = f"Run `tastemaker prepare --catalog {manifest.catalog}`."
        raise ArtifactError(f"{layout.root} is damaged: a table can't be read.", mend=mend) from error
    sequences = [rows.astype(np.int64) for rows in row_sequences(interactions, items)]
    return Known(layout, manifest, items, sequences, text.astype(np.float32), ItemGraph.load(layout.graph))


def cold_world(known: Known, *, share: float, last: int, people: int | None, seed: int) -> World:
    """Make a `share` of the items cold, and foretell the last choice of at most so many `people`, drawn with the seed.

    Of each history the `last` choices of warm items are kept. Raises InputError where nobody chose enough.
    """
    rng = np.random.default_rng(seed)
    cold = np.zeros(len(known.items), dtype=bool)
    cold[rng.choice(len(cold), size=round(share * len(cold)), replace=False)] = True
    people_of = held_out(known.sequences, "test", least=LEAST_PAST)
    pasts = [(one.history[~cold[one.history]][-last:], one.target) for one in people_of]
    pasts = [(past, target) for past, target in pasts if len(past) >= LEAST_PAST]
    if not pasts:
        cause = f"The catalogue {known.manifest.catalog} has nobody with {LEAST_PAST + 1} choices."
        raise InputError(cause, mend="Give one with interactions.")
    pasts = drawn(pasts, people, rng)
    return World(known, cold, [past for past, _ in pasts], np.array([target for _, target in pasts], dtype=np.int64))


def ranks_among(scores: FloatArray, targets: IntArray, histories: Sequence[IntArray], allowed: BoolArray) -> IntArray:
    """Ranks [p] of the targets among the allowed items [n] that are not in the history."""
    columns = np.flatnonzero(allowed)
    place = np.full(len(allowed), -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    excluded = [place[history][place[history] >= 0] for history in histories]
    return ranks(scores[:, columns], place[targets], excluded)
