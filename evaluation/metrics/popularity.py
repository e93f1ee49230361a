"""How recommendations are spread over the catalogue, and how popular the recommended items are.

`chosen` [n] says how many people chose each item in what the recommender was trained on.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from evaluation.metrics.lists import EMPTY, BoolArray, FloatArray, IntArray, checked, incidence, mean_over_places, ratio


def exposure(recommended: npt.ArrayLike, n_items: int) -> IntArray:
    """In how many lists each item stands [n]."""
    rows = checked(recommended, n_items)
    return np.bincount(rows[rows != EMPTY], minlength=n_items)


def coverage(recommended: npt.ArrayLike, n_items: int) -> float:
    """The share of the catalogue that stands in at least one list.

    "Catalog coverage" of Herlocker et al. (2004), "Evaluating collaborative filtering recommender systems", 5.2.
    """
    return float(np.mean(exposure(recommended, n_items) > 0))


def gini(amounts: npt.ArrayLike) -> float:
    """The Gini coefficient of non-negative amounts [n], such as exposure: 0 when all are equal, (n - 1) / n when one
    item has everything. NaN where all are 0. Items that nobody is shown count.
    """
    ascending = np.sort(np.asarray(amounts, dtype=np.float64))
    if ascending.size and ascending[0] < 0:
        raise ValueError("Amounts can't be negative.")
    n = len(ascending)
    places = 2 * np.arange(1, n + 1) - n - 1
    return float(ratio(places @ ascending, n * ascending.sum()))


def novelty(recommended: npt.ArrayLike, chosen: npt.ArrayLike, people: int) -> FloatArray:
    """The mean self-information of each list's items in bits [p]: -log2 of the share of people who chose an item.

    Zhou et al. (2010), "Solving the apparent diversity-accuracy dilemma of recommender systems", equation 3. One choice
    by one more person is added to each item, so that an item nobody chose has log2(people + 1) bits and not infinitely
    many. `people` is how many the counts are of.
    """
    counts = np.asarray(chosen, dtype=np.float64)
    rows = checked(recommended, len(counts))
    information = -np.log2((counts + 1) / (people + 1))
    return mean_over_places(information[rows], rows != EMPTY)


def popularity_lift(
    recommended: npt.ArrayLike, histories: Sequence[Sequence[int]], chosen: npt.ArrayLike
) -> FloatArray:
    """By how much each list is more popular than the person's own history, relative to it [p]; 0 is neither.

    The lift of Abdollahpouri et al. (2020), "The connection between popularity bias, calibration, and fairness in
    recommendation", equation 2, for each person on their own. NaN where there is no history.
    """
    counts = np.asarray(chosen, dtype=np.float64)
    rows = checked(recommended, len(counts))
    own = incidence(histories, len(counts))
    liked = ratio(own @ counts, own.sum(axis=1))
    return ratio(mean_over_places(counts[rows], rows != EMPTY) - liked, liked)


def long_tail(chosen: npt.ArrayLike, head: float = 0.8) -> BoolArray:
    """Which items [n] are not of the head: the fewest items that together have the share `head` of all choices.

    Among equally popular items the earlier row is of the head first.
    """
    counts = np.asarray(chosen, dtype=np.float64)
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    tail = np.empty(len(counts), dtype=bool)
    tail[order] = before >= head * counts.sum() - 1e-9
    return tail


def long_tail_share(recommended: npt.ArrayLike, tail: BoolArray) -> FloatArray:
    """The share of each list that is of the long tail [p].

    Its mean is APLT of Abdollahpouri, Burke and Mobasher (2019), "Managing popularity bias in recommender systems with
    personalized re-ranking".
    """
    rows = checked(recommended, len(tail))
    return mean_over_places(tail[rows].astype(np.float64), rows != EMPTY)


def serendipity(
    recommended: npt.ArrayLike, expected: npt.ArrayLike, relevant: Sequence[Sequence[int]], n_items: int
) -> FloatArray:
    """The share of each list that is relevant and not what a primitive recommender would have given anyway [p].

    Ge, Delgado-Battenfeld and Jannach (2010), "Beyond accuracy: evaluating recommender systems by coverage and
    serendipity", equations 4 and 5. `expected` [p, any] is the primitive recommender's lists, usually the most popular
    items that the person has not chosen; `relevant` holds the rows that the person did choose afterwards.
    """
    rows, primitive = checked(recommended, n_items), checked(expected, n_items)
    if not len(rows) == len(primitive) == len(relevant):
        raise ValueError("There must be one list, one expected list and one set of relevant items for each person.")
    obvious, wanted = incidence(primitive, n_items), incidence(relevant, n_items)
    there = rows != EMPTY
    people = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    found = np.zeros(rows.shape, dtype=bool)
    found[there] = (wanted[people[there], rows[there]] > 0) & (obvious[people[there], rows[there]] == 0)
    return mean_over_places(found.astype(np.float64), there)
