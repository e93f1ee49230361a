"""Who is simulated, and a catalogue that has never seen what they look for.

A target is one of somebody's last two choices. The ranker, the history model, the statistics and the times of choices
are made again without anybody's last two; what speaks of items only (texts, indexes, relations) stays as it is.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.splits import HELD_OUT, Part, before_held_out, interaction_rows, row_sequences
from core.columns import RATING, USER_ID
from core.errors import InputError
from core.item import ItemTable
from index.history import HistoryModel
from index.statistics import RatingStatistics
from server.artifacts import Artifacts
from training.language.positions import LEAST_HISTORY, learned_from, test_positions, validation_positions
from training.language.rankers import ranker_without


@dataclass(frozen=True)
class Person:
    """Someone of the catalogue: what they chose before, oldest first, and what they look for now."""

    user_id: str
    history: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class World:
    """A catalogue in which nobody's target was ever chosen, and the people who look for them."""

    artifacts: Artifacts
    people: tuple[Person, ...]

    @property
    def items(self) -> ItemTable:
        """All items, targets included."""
        return self.artifacts.items

    @property
    def popularity(self) -> npt.NDArray[np.int64]:
        """How many people chose each item [n] before."""
        counts: npt.NDArray[np.int64] = self.artifacts.statistics.chosen
        return counts


def make_world(artifacts: Artifacts, people: int | None, seed: int, work: Path, held_out: Part) -> World:
    """Hold out everybody's last two choices, learn the rest, and draw people.

    The target is a person's last choice (`test`), or the one before (`validation`); their history is what came before
    the target. `people` None: everybody with enough choices. `work` keeps the ranker, which takes minutes. Raises
    InputError where there is nobody.
    """
    users = artifacts.interactions[USER_ID].unique(maintain_order=True)
    positions = test_positions if held_out == "test" else validation_positions
    able = positions(row_sequences(artifacts.interactions, artifacts.items))
    if not able:
        cause = f"Nobody of {artifacts.manifest.catalog} has {LEAST_HISTORY + HELD_OUT} choices."
        raise InputError(cause, mend="Choose a catalogue with interactions.")
    drawn = [able[place] for place in np.random.default_rng(seed).permutation(len(able))[:people]]
    items = artifacts.items.items
    chosen = (
        Person(users[one.person], tuple(items[row].id for row in one.history), items[one.target].id) for one in drawn
    )
    return World(_without_held_out(artifacts, work), tuple(chosen))


def _without_held_out(artifacts: Artifacts, work: Path) -> Artifacts:
    """The artifacts as `prepare` would make them from what came before everybody's last two choices."""
    items, train = artifacts.items, before_held_out(artifacts.interactions)
    known = learned_from(row_sequences(artifacts.interactions, items))
    ratings = train[RATING].cast(pl.Float64).to_numpy() if train[RATING].count() else None
    return replace(
        artifacts,
        interactions=train,
        history=HistoryModel.fit(known, len(items)),
        ranker=ranker_without(known, len(items), artifacts.embeddings, work / "rankers"),
        statistics=RatingStatistics.build(interaction_rows(train, items), ratings, len(items)),
    )
