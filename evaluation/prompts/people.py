"""The people of a catalogue whose last choices are held out, and what a ranker that never saw those would offer them.

The ranker of the artifacts has learned from nearly all choices, so candidates come from one that is learned here from
what came before the held-out choices, and popularity is counted there too. Histories are all that is held; scores are
made for a few people at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalog import Catalog
from catalog.splits import Part, place_of, row_sequences
from core.columns import USER_ID
from core.errors import InputError
from core.ranking import HistoryRanker
from core.settings import Settings
from debias.interventional import Method, PopularityCorrection, popularity_correction
from debias.parity import recommended, standardised
from evaluation.metrics.lists import EMPTY

if TYPE_CHECKING:
    from server.artifacts import Artifacts

IntArray = npt.NDArray[np.int64]

PEOPLE_AT_ONCE = 256
LEAST_HISTORY = 2


@dataclass(frozen=True)
class Choices:
    """What p people chose: rows before the held-out ones, oldest first, and the held-out rows."""

    user_ids: tuple[str, ...]
    histories: tuple[IntArray, ...]
    targets: tuple[IntArray, ...]  # each of the same length

    def __len__(self) -> int:
        return len(self.user_ids)

    def take(self, places: Sequence[int] | IntArray) -> "Choices":
        """The same of some people."""
        chosen = [int(place) for place in places]
        return Choices(
            tuple(self.user_ids[place] for place in chosen),
            tuple(self.histories[place] for place in chosen),
            tuple(self.targets[place] for place in chosen),
        )


@dataclass(frozen=True)
class People:
    """A catalogue's people who are asked about, and the ranker that offers candidates."""

    catalog: str
    artifacts: "Artifacts"
    asked: Choices
    others: Choices  # with a past of their own: few-shot examples are of them
    counts: npt.NDArray[np.float64]  # [n] how many people have each item in their history
    learners: int  # of whom the counts are
    ranker: HistoryRanker
    ranker_name: str
    correction: PopularityCorrection

    def batches(self) -> Iterator[tuple[range, npt.NDArray[np.float64]]]:
        """Places of people who are asked about, and their standardised scores [b, n], histories at -inf."""
        for start in range(0, len(self.asked), PEOPLE_AT_ONCE):
            places = range(start, min(start + PEOPLE_AT_ONCE, len(self.asked)))
            yield places, self.scores([self.asked.histories[place] for place in places])

    def scores(self, histories: Sequence[IntArray]) -> npt.NDArray[np.float64]:
        """Standardised scores [b, n], items of the history at -inf."""
        return standardised(self.ranker.scores([history.tolist() for history in histories]), histories)

    def candidates(
        self, scores: npt.NDArray[np.float64], histories: Sequence[IntArray], count: int, strength: float
    ) -> IntArray:
        """The rows [b, count] that are offered, best first, corrected for popularity; EMPTY where nothing is left."""
        return self.offer(scores, histories, count, strength)[0]

    def offer(
        self, scores: npt.NDArray[np.float64], histories: Sequence[IntArray], count: int, strength: float
    ) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """The candidates with the scores [b, count] that they were sorted by."""
        corrected = self.correction.apply(scores, histories, strength)
        rows = recommended(corrected, count)
        values = np.take_along_axis(corrected, rows, axis=1)
        return np.where(np.isfinite(values), rows, EMPTY), values


def held_out(interactions: pl.DataFrame, artifacts: "Artifacts", last: int, split: Part) -> Choices:
    """Everybody's held-out choices, `last` of each, and what came before them.

    People with fewer than LEAST_HISTORY choices before are left out. Raises InputError where nobody is left.
    """
    sequences = row_sequences(interactions, artifacts.items)
    user_ids = interactions.select(pl.col(USER_ID).unique(maintain_order=True))[USER_ID].to_list()
    places = [place_of(split, len(sequence), last) for sequence in sequences]
    kept = [
        (user, sequence[:place], sequence[place : place + last])
        for user, sequence, place in zip(user_ids, sequences, places, strict=True)
        if place >= LEAST_HISTORY
    ]
    if not kept:
        least = LEAST_HISTORY - place_of(split, 0, last)
        cause = f"Nobody in {artifacts.manifest.catalog} has {least} choices, so nothing can be held out."
        raise InputError(cause, mend="Choose a catalogue with interactions.")
    return Choices(*(tuple(column) for column in zip(*kept, strict=True)))


def load_people(
    artifacts: "Artifacts",
    settings: Settings,
    *,
    users: int | None,
    split: Part,
    targets: int,
    seed: int,
    ranker: str,
    work: Path,
) -> People:
    """Hold out, sample and learn. `users` None: everybody. `work` keeps the training of a ranker that takes minutes.

    Everybody's history is learned from, whether they are asked about or not.
    """
    from evaluation.bias.rankers import make_ranker
    from evaluation.experiments.registry import ExperimentSettings

    everybody = held_out(artifacts.interactions, artifacts, targets, split)
    order = np.random.default_rng(seed).permutation(len(everybody))
    asked = np.sort(order[:users] if users else order)
    rest = order[users:] if users and users < len(order) else order
    histories = list(everybody.histories)
    catalog = Catalog(
        name=artifacts.manifest.catalog,
        items=artifacts.items,
        interactions=artifacts.interactions,
        source_hash=artifacts.manifest.catalog_hash,
    )
    given = ExperimentSettings(settings=settings, catalog=settings.catalog, report=work, seed=seed)
    ranker_name, learned = make_ranker(ranker, catalog, histories, given)
    once = np.concatenate([np.unique(history) for history in histories])  # who chose an item twice is one person
    counts = np.bincount(once, minlength=len(artifacts.items)).astype(np.float64)
    method: Method = settings.popularity_method
    return People(
        catalog=artifacts.manifest.catalog,
        artifacts=artifacts,
        asked=everybody.take(asked),
        others=everybody.take(rest[:64]),
        counts=counts,
        learners=len(everybody),
        ranker=learned,
        ranker_name=ranker_name,
        correction=popularity_correction(method, counts),
    )


def choices_from(frame: pl.DataFrame, artifacts: "Artifacts") -> Choices:
    """People from a frame: `user_id`, `history` and `targets`, the last two lists of item ids.

    Raises InputError for a missing column, for an unknown item, and where targets differ in number.
    """
    columns = {USER_ID, "history", "targets"}
    if missing := sorted(columns - set(frame.columns)):
        cause = f"The frame of people has no column {', '.join(missing)}."
        raise InputError(cause, mend=f"It needs {USER_ID}, history and targets.")
    rows: Mapping[str, int] = {item.id: row for row, item in enumerate(artifacts.items)}
    found: dict[str, list[IntArray]] = {"history": [], "targets": []}
    for name, kept in found.items():
        for ids in frame[name].to_list():
            if unknown := [item for item in ids if str(item) not in rows]:
                cause = f"The frame names the item {unknown[0]!r}, which {artifacts.manifest.catalog} doesn't have."
                raise InputError(cause, mend="Leave it out.")
            kept.append(np.array([rows[str(item)] for item in ids], dtype=np.int64))
    if not found["targets"] or len({len(own) for own in found["targets"]}) != 1 or not len(found["targets"][0]):
        raise InputError("Everybody needs the same number of targets, one at least.", mend="Mend the column targets.")
    users = tuple(str(user) for user in frame[USER_ID].to_list())
    return Choices(users, tuple(found["history"]), tuple(found["targets"]))
