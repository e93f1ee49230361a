"""Evaluates a ranker of histories on one held-out item a person: full ranking, history excluded.

Knows nothing about where histories come from, nor how the ranker was trained: held-out items must be unknown to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.ranking import HistoryRanker
from evaluation.metrics.popularity import long_tail
from evaluation.people import latest
from evaluation.ranking.metrics import hit_rate, mrr, ndcg, ranks
from evaluation.statistics import Interval, bootstrap_share

IntArray = npt.NDArray[np.int64]

# The lengths of a history that is cut to its last choices, to see how a person is served who has just begun.
COLD_LENGTHS = (0, 1, 2, 3, 5)
METRICS = {"hr": hit_rate, "ndcg": ndcg, "mrr": mrr}
BATCH = 256


@dataclass(frozen=True)
class Slice:
    """Metrics with intervals, by names such as ndcg@10, over some of the people or under some condition."""

    name: str
    people: int
    metrics: Mapping[str, Interval]


@dataclass(frozen=True)
class RankingReport:
    """Ranks from 1, one for each person [p], and what they come to."""

    ranks: IntArray
    ranks_by_length: Mapping[int, IntArray]  # the same people shown only the last few items of their history
    overall: Slice
    by_length: tuple[Slice, ...]
    by_popularity: tuple[Slice, ...] = field(default=())


def evaluate_ranker(
    ranker: HistoryRanker,
    histories: Sequence[Sequence[int] | IntArray],
    targets: Sequence[int] | IntArray,
    n_items: int,
    ks: Sequence[int] = (10,),
    batch: int = BATCH,
    *,
    lengths: Sequence[int] = COLD_LENGTHS,
    popularity: npt.NDArray[np.integer] | None = None,
    seed: int = 0,
    progress: str = "",
) -> RankingReport:
    """Rank each person's target (a row, or UNKNOWN) after their history (rows, oldest first).

    `lengths` are the cold-start slices: everyone again, shown only the last so many items; items that are not shown
    are not excluded either. `popularity` [n], how often each item was chosen in training, adds slices by the target's
    popularity. `progress` names a bar on stderr. Raises ValueError for scores that are NaN or of the wrong shape.
    """
    people = len(histories)
    if people == 0 or people != len(targets):
        raise ValueError(f"{people} histories and {len(targets)} targets: there must be as many, and at least one.")
    rows = np.asarray(targets, dtype=np.int64)
    with tqdm(total=people * (1 + len(lengths)), desc=progress, unit="person", disable=not progress) as bar:

        def ranked(length: int | None) -> IntArray:
            parts = []
            for start in range(0, people, batch):
                shown = [_last(history, length) for history in histories[start : start + batch]]
                parts.append(ranks(_scores(ranker, shown, n_items), rows[start : start + batch], shown))
                bar.update(len(shown))
            return np.concatenate(parts)

        overall = ranked(None)
        by_length = {length: ranked(length) for length in lengths}
    return RankingReport(
        ranks=overall,
        ranks_by_length=by_length,
        overall=summarise("all", overall, ks, seed),
        by_length=tuple(summarise(_length_name(length), by_length[length], ks, seed) for length in lengths),
        by_popularity=() if popularity is None else _by_popularity(overall, rows, popularity, ks, seed),
    )


def summarise(name: str, ranks: IntArray, ks: Sequence[int] = (10,), seed: int = 0) -> Slice:
    """HR, NDCG and MRR at each k with intervals, from ranks [p]."""
    metrics = {
        f"{metric}@{k}": bootstrap_share(compute(ranks, k), seed) for k in ks for metric, compute in METRICS.items()
    }
    return Slice(name, len(ranks), metrics)


def popularity_bands(popularity: npt.NDArray[np.integer]) -> dict[str, npt.NDArray[np.bool_]]:
    """Items by how often they were chosen, as masks [n]: three bands that share all choices equally, and the rest.

    Few popular items make up a third of all choices, and many rare ones another. Of equal counts the lower row is
    taken for the more popular one.
    """
    chosen = np.asarray(popularity) > 0
    behind_first, behind_second = (long_tail(popularity, head) for head in (1 / 3, 2 / 3))
    return {
        "most chosen": chosen & ~behind_first,
        "in between": chosen & behind_first & ~behind_second,
        "least chosen": chosen & behind_second,
        "never chosen": ~chosen,
    }


def _by_popularity(
    ranks: IntArray, targets: IntArray, popularity: npt.NDArray[np.integer], ks: Sequence[int], seed: int
) -> tuple[Slice, ...]:
    known = np.flatnonzero(targets >= 0)
    bands = {name: known[band[targets[known]]] for name, band in popularity_bands(popularity).items()}
    return tuple(summarise(name, ranks[people], ks, seed) for name, people in bands.items() if len(people))


def _scores(ranker: HistoryRanker, histories: Sequence[IntArray], n_items: int) -> npt.NDArray[np.float32]:
    scores = ranker.scores([history.tolist() for history in histories])
    if scores.shape != (len(histories), n_items):
        raise ValueError(f"The ranker's scores have shape {scores.shape}, not {(len(histories), n_items)}.")
    return scores


def _last(history: Sequence[int] | IntArray, length: int | None) -> IntArray:
    rows = np.asarray(history, dtype=np.int64)
    return rows if length is None else latest(rows, length)


def _length_name(length: int) -> str:
    return {0: "no history", 1: "the last item only"}.get(length, f"the last {length} items only")
