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

from catalog.splits import Part, Person, people_held_out, place_of
from core.columns import USER_ID
from core.errors import InputError
from core.ranking import HistoryRanker
from core.settings import Settings
from debias.interventional import PopularityCorrection, popularity_correction
from debias.parity import recommended, standardised
from evaluation.metrics.lists import EMPTY

if TYPE_CHECKING:
    from server.artifacts import Artifacts

IntArray = npt.NDArray[np.int64]

PEOPLE_AT_ONCE = 256
LEAST_HISTORY = 2


@dataclass(frozen=True)
class People:
    """A catalogue's people who are asked about, and the ranker that offers candidates."""

    catalog: str
    artifacts: "Artifacts"
    asked: Sequence[Person]
    others: Sequence[Person]  # with a past of their own: few-shot examples are of them
    counts: npt.NDArray[np.float64]  # [n] how many people have each item in their history
    learners: int  # of whom the counts are
    ranker: HistoryRanker
    ranker_name: str
    correction: PopularityCorrection

    def batches(self) -> Iterator[tuple[slice, Sequence[Person], npt.NDArray[np.float64]]]:
        """Places of people who are asked about, these people, and their standardised scores [b, n]: see `scores`."""
        for start in range(0, len(self.asked), PEOPLE_AT_ONCE):
            places = slice(start, start + PEOPLE_AT_ONCE)
            yield places, self.asked[places], self.scores([person.history for person in self.asked[places]])

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


def held_out(artifacts: "Artifacts", last: int, split: Part) -> list[Person]:
    """Everybody's held-out choices, `last` of each, and what came before them.

    People with fewer than LEAST_HISTORY choices before are left out. Raises InputError where nobody is left.
    """
    kept = people_held_out(artifacts.interactions, artifacts.items, split, count=last, least=LEAST_HISTORY)
    if not kept:
        least = LEAST_HISTORY - place_of(split, 0, last)
        cause = f"Nobody in {artifacts.manifest.catalog} has {least} choices, so nothing can be held out."
        raise InputError(cause, mend="Choose a catalogue with interactions.")
    return kept


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

    everybody = held_out(artifacts, targets, split)
    order = np.random.default_rng(seed).permutation(len(everybody))
    asked = np.sort(order[:users] if users else order)
    rest = order[users:] if users and users < len(order) else order
    histories = [person.history for person in everybody]
    ranker_name, learned = make_ranker(ranker, artifacts.items, histories, settings, seed=seed, work=work)
    once = np.concatenate([np.unique(history) for history in histories])  # who chose an item twice is one person
    counts = np.bincount(once, minlength=len(artifacts.items)).astype(np.float64)
    return People(
        catalog=artifacts.manifest.catalog,
        artifacts=artifacts,
        asked=[everybody[place] for place in asked],
        others=[everybody[place] for place in rest[:64]],
        counts=counts,
        learners=len(everybody),
        ranker=learned,
        ranker_name=ranker_name,
        correction=popularity_correction(settings.popularity_method, counts),
    )


def people_from(frame: pl.DataFrame, artifacts: "Artifacts") -> list[Person]:
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
    columns_of = zip(frame[USER_ID].to_list(), found["history"], found["targets"], strict=True)
    return [
        Person(str(user), history, np.arange(len(history), dtype=np.float64), own) for user, history, own in columns_of
    ]
