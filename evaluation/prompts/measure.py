"""Numbers of a run: one value for each person and metric, and numbers of all lists together.

Metrics of accuracy see the first k items of a list; who has no answer has no value. A person whose list is too short
for a metric (such as the diversity of one item) has none for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from evaluation.metrics.calibration import miscalibration
from evaluation.metrics.diversity import diversity_by_category, diversity_by_embedding
from evaluation.metrics.lists import BoolArray
from evaluation.metrics.popularity import coverage, exposure, gini, novelty, popularity_lift, serendipity
from evaluation.prompts.outcomes import FloatArray, Outcome, ranks_of_lists
from evaluation.prompts.people import People
from evaluation.ranking.metrics import average_precision, hit_rate, mrr, ndcg, recall
from evaluation.statistics import Interval, bootstrap, bootstrap_share

ACCURACY = {"HR": hit_rate, "Recall": recall, "NDCG": ndcg, "MRR": mrr, "MAP": average_precision}
PERCENTILES = (50, 95, 99)
_RESAMPLES = 2_000
_SHARES = {
    *ACCURACY,
    "serendipity",
    "invalid JSON",
    "outside the candidates",
    "repeated",
    "unsupported reason",
    "keeps the order",
}


@dataclass(frozen=True)
class Measured:
    """`people` holds values [p] by metric, NaN where there is none; `lists` what is of all lists together."""

    name: str
    answered: int
    people: Mapping[str, FloatArray]
    lists: Mapping[str, float]
    seed: int = 0

    @cached_property
    def means(self) -> Mapping[str, Interval | None]:
        """The mean of each metric over who has a value, with its interval; None where nobody has one."""
        return {metric: _mean(values, self.seed, metric) for metric, values in self.people.items()}


def measure(name: str, people: People, outcome: Outcome, k: int, seed: int = 0) -> Measured:
    """All metrics of a run, or of the ranker's own order."""
    there = outcome.answered
    lists = outcome.lists[there].astype(np.int64)
    values = {**_accuracy(people, lists, there, k), **_beyond_accuracy(people, lists, there, k)}
    values |= {
        "offered": outcome.offered[there],
        "invalid JSON": outcome.invalid[there],
        "outside the candidates": outcome.outside[there],
        "repeated": outcome.repeated[there],
        "unsupported reason": outcome.unsupported[there],
        "keeps the order": outcome.in_order[there],
        "prompt tokens": outcome.prompt_tokens[there],
        "answer tokens": outcome.completion_tokens[there],
        "seconds": outcome.seconds[there],
    }
    spread = {metric: np.full(len(there), np.nan) for metric in values}
    for metric, own in values.items():
        spread[metric][there] = own
    return Measured(name, int(there.sum()), spread, _of_all_lists(people, lists, outcome.seconds[there]), seed)


def _accuracy(people: People, lists: npt.NDArray[np.int64], there: BoolArray, k: int) -> dict[str, FloatArray]:
    if not len(lists):
        return {f"{metric}@{k}": np.zeros(0) for metric in ACCURACY}
    targets = np.stack([person.targets for person, known in zip(people.asked, there, strict=True) if known])
    ranks = ranks_of_lists(lists, targets)
    return {f"{metric}@{k}": compute(ranks, k) for metric, compute in ACCURACY.items()}


def _beyond_accuracy(people: People, lists: npt.NDArray[np.int64], there: BoolArray, k: int) -> dict[str, FloatArray]:
    artifacts, n_items = people.artifacts, len(people.artifacts.items)
    known = [people.asked[place] for place in np.flatnonzero(there)]
    histories = [person.history.tolist() for person in known]
    categories = artifacts.items.category_matrix
    return {
        "diversity by content": diversity_by_category(lists, categories),
        "diversity by embedding": diversity_by_embedding(lists, artifacts.embeddings),
        "novelty": novelty(lists, people.counts, people.learners),
        "serendipity": serendipity(
            lists,
            most_popular(people.counts, histories, k),
            [person.targets.tolist() for person in known],
            n_items,
        ),
        "popularity lift": popularity_lift(lists, histories, people.counts),
        "miscalibration": miscalibration(lists, histories, categories),
    }


def most_popular(counts: FloatArray, histories: Sequence[Sequence[int]], k: int) -> npt.NDArray[np.int64]:
    """The k most chosen items that each person has not chosen [p, k]; what anybody would have expected."""
    order = np.argsort(-counts, kind="stable")
    longest = max(map(len, histories), default=0)
    ahead = order[: k + longest]
    found = np.full((len(histories), k), -1, dtype=np.int64)
    for person, history in enumerate(histories):
        new = ahead[~np.isin(ahead, history)][:k]
        found[person, : len(new)] = new
    return found


def _of_all_lists(people: People, lists: npt.NDArray[np.int64], seconds: FloatArray) -> dict[str, float]:
    n_items = len(people.artifacts.items)
    timed = seconds[np.isfinite(seconds)]
    percentiles = np.percentile(timed, PERCENTILES).tolist() if len(timed) else [np.nan] * len(PERCENTILES)
    return {
        "coverage": coverage(lists, n_items) if len(lists) else np.nan,
        "Gini": gini(exposure(lists, n_items)) if len(lists) else np.nan,
        **{f"seconds p{name}": value for name, value in zip(PERCENTILES, percentiles, strict=True)},
    }


def _mean(values: FloatArray, seed: int, metric: str) -> Interval | None:
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    return (bootstrap_share if metric.split("@")[0] in _SHARES else bootstrap)(known, seed, _RESAMPLES)
