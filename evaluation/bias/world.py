"""A catalogue set up for measuring bias: each person's last choice is held out, and a ranker has learned the rest.

With fewer people than there are, the world is theirs alone: the ranker learns from nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from catalog.source import find_source
from catalog.splits import people_held_out
from core.errors import InputError
from core.ranking import HistoryRanker
from debias.groups import FloatArray, Groups, IntArray
from debias.parity import classes_of, standardised
from evaluation.bias.rankers import make_ranker
from evaluation.experiments.registry import ExperimentSettings
from evaluation.metrics.popularity import long_tail
from evaluation.people import drawn
from server.parity import groups_of

# Of all choices: the items with the first share are the head, those with the last one the long tail.
HEAD_SHARE, TAIL_SHARE = 1 / 3, 0.2
TIERS = ("head", "middle", "long tail")
DEFAULT_COLUMNS = ("gender", "age")
PEOPLE_AT_ONCE = 500


@dataclass(frozen=True)
class World:
    """p people with their histories, what they chose next, and the scores of a ranker that has seen neither list."""

    name: str
    data_hash: str
    histories: list[IntArray]
    targets: IntArray  # [p]
    scores: FloatArray  # [p, n], standardised over what is not in the history, which is at -inf
    counts: FloatArray  # [n] choices in all histories
    groups: tuple[Groups, ...]
    class_names: tuple[str, ...]
    classes: FloatArray  # [n, c]: categories, then tiers of popularity
    times: npt.NDArray[np.float64]  # [choices of the histories, joined]
    ranker: HistoryRanker
    ranker_name: str

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.counts)

    @property
    def has_times(self) -> bool:
        """Whether times are real ones: where a file only has an order, the time is the place in a person's list."""
        return len(np.unique(self.times)) > len(self.times) / 20

    @property
    def categories(self) -> npt.NDArray[np.bool_]:
        """Which item has which category [n, c]."""
        return self.classes[:, : len(self.class_names) - len(TIERS)] > 0


def load_world(settings: ExperimentSettings, columns: Sequence[str] = (), ranker: str = "") -> World:
    """Read a built-in catalogue or a folder, learn a ranker without each person's last choice, and score all.

    `columns` of the users' table are the groups; by default those of DEFAULT_COLUMNS that it has. `ranker` is a name or
    a folder (`evaluation.bias.rankers`). Raises InputError for a catalogue without histories, for a column that it
    lacks, and for a ranker that there isn't.
    """
    read = find_source(settings.catalog).read()
    everybody = people_held_out(read.interactions, read.items, "test")
    people = drawn(everybody, settings.users, np.random.default_rng(settings.seed))
    if not people:
        cause = f"The catalogue {settings.catalog} has nobody with two choices."
        raise InputError(cause, mend="Give one with interactions.")
    wanted = list(columns) or [column for column in DEFAULT_COLUMNS if column in read.users.columns]
    groups = tuple(groups_of(read.users, column, [one.user_id for one in people]) for column in wanted)
    past = [one.history for one in people]
    ranker_name, learned = make_ranker(
        ranker, read.items, past, settings.settings, seed=settings.seed, work=settings.report
    )
    counts = np.bincount(np.concatenate(past), minlength=len(read.items)).astype(np.float64)
    names, classes = classes_of([item.categories for item in read.items])
    return World(
        name=read.name,
        data_hash=read.source_hash,
        histories=past,
        targets=np.concatenate([one.targets for one in people]),
        scores=standardised(scores_of(learned, past), past),
        counts=counts,
        groups=groups,
        class_names=(*names, *TIERS),
        classes=np.hstack([classes, np.eye(len(TIERS))[tiers(counts)]]),
        times=np.concatenate([one.times for one in people]),
        ranker=learned,
        ranker_name=ranker_name,
    )


def scores_of(ranker: HistoryRanker, histories: Sequence[IntArray]) -> npt.NDArray[np.float32]:
    """A ranker's scores [p, n] for histories of rows, a few people at a time, with a bar."""
    starts = tqdm(range(0, len(histories), PEOPLE_AT_ONCE), desc="Scoring people")
    return np.concatenate(
        [ranker.scores([own.tolist() for own in histories[start : start + PEOPLE_AT_ONCE]]) for start in starts]
    )


def tiers(counts: FloatArray) -> IntArray:
    """The tier of popularity [n] of each item: 0 for the head, 2 for the long tail, 1 for what lies between."""
    found: IntArray = long_tail(counts, HEAD_SHARE).astype(np.int64) + long_tail(counts, 1 - TAIL_SHARE)
    return found
