"""Demographic parity of recommendations: its gaps, and a re-ranker that holds them under a bound.

Two gaps are measured over what is recommended, each person's best k items:
- of *thresholds*: the share of recommended items whose score exceeds τ, P(score > τ | group). A score is in standard
  deviations above the person's mean over the catalogue: how far an item stands out for them;
- of *exposure* (Singh and Joachims, 2018, "Fairness of exposure in rankings"): the share of a group's exposure that a
  class of items gets, such as a genre or the long tail, where place r gets 1 / log2(1 + r).

The gap of a column is the largest difference between two of its groups (`debias.groups`); several columns are bounded
at once. Groups that are too small to be measured are not corrected either.

Shapes: p people, n items, k recommended, c classes, g groups of a column, j items of a person's pool.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from debias.groups import FloatArray, Groups, IntArray

# How many of a person's best items the re-ranker chooses among, and how long it looks for a solution.
POOL = 200
ROUNDS = 300
# By how many standard deviations of the scores in people's pools a price rises for each unit of exposure that a class
# gets too much: rankers differ in how far their best items lie apart.
STEP = 2.0
AIM = 0.9

Bound = float | Mapping[str, float]


def standardised(scores: npt.ArrayLike, exclude: Sequence[Sequence[int] | IntArray]) -> FloatArray:
    """Scores [p, n] in standard deviations above each person's mean; excluded items are -inf and count in neither."""
    table = np.array(scores, dtype=np.float64)
    for row, excluded in zip(table, exclude, strict=True):
        seen = np.asarray(excluded, dtype=np.int64)
        kept = np.delete(row, seen)
        deviation = float(kept.std()) if len(kept) else 0.0
        row -= kept.mean() if len(kept) else 0.0
        row /= deviation if deviation > 0 else 1.0
        row[seen] = -np.inf
    return table


def recommended(scores: FloatArray, k: int) -> IntArray:
    """The rows [p, k] of each person's best items, best first, ties by row."""
    pool = np.sort(np.argpartition(-scores, min(k, scores.shape[1] - 1), axis=1)[:, :k], axis=1)
    order = np.argsort(-np.take_along_axis(scores, pool, axis=1), axis=1, kind="stable")
    return np.take_along_axis(pool, order, axis=1)


def above(scores: FloatArray, rows: IntArray, threshold: float) -> FloatArray:
    """The share [p] of each person's recommended rows [p, k] whose score exceeds a threshold."""
    share: FloatArray = (np.take_along_axis(scores, rows, axis=1) > threshold).mean(axis=1)
    return share


def exposure(rows: IntArray, classes: FloatArray) -> FloatArray:
    """The share [p, c] of exposure that each class gets in lists of rows [p, k]; `classes` [n, c] are memberships."""
    weights = 1 / np.log2(2 + np.arange(rows.shape[1]))
    share: FloatArray = np.einsum("k,pkc->pc", weights / weights.sum(), classes[rows])
    return share


def classes_of(labels: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], FloatArray]:
    """Names and memberships [n, c] of items with any number of labels; an item is shared evenly by its labels."""
    names = tuple(sorted({name for own in labels for name in own}))
    places = {name: place for place, name in enumerate(names)}
    table = np.zeros((len(labels), len(names)))
    for row, own in enumerate(labels):
        for name in set(own):
            table[row, places[name]] = 1 / len(set(own))
    return names, table


class ParityReranker:
    """What to add to standardised scores so that gaps stay under a bound, learned from people whose groups are known.

    It reads a person's group, so whoever uses it while serving has decided to.
    """

    def __init__(
        self,
        classes: FloatArray,
        prices: Mapping[str, Mapping[str, FloatArray]],
        offsets: Mapping[str, Mapping[str, float]],
    ) -> None:
        """`prices` [c] and `offsets` by column and group; who is in none of them is not corrected."""
        self._classes = classes
        self._prices = prices
        self._offsets = offsets

    @classmethod
    def fit(
        cls,
        scores: FloatArray,
        groups: Sequence[Groups],
        classes: FloatArray,
        *,
        k: int,
        exposure_bound: Bound,
        threshold: float = 0.0,
        threshold_bound: Bound | None = None,
    ) -> "ParityReranker":
        """Learn from standardised scores [p, n] with excluded items at -inf, and memberships [n, c].

        A bound is one for all columns, or one for each. The best lists under
        |exposure of a group - exposure of all| ≤ bound / 2 for each class are found by their Lagrangian dual: each
        group pays a price for each class, which rises while the class gets too much (dual subgradient ascent). The
        first prices that keep the bound are taken, else those that come closest. Then, where a bound is given, each
        group's scores are moved as a whole until P(score > τ | group) keeps it; this leaves every person's ranking
        alone.
        """
        pool = recommended(scores, min(POOL, scores.shape[1]))
        own, members = np.take_along_axis(scores, pool, axis=1), classes[pool]
        prices = _prices(own, members, groups, k, exposure_bound)
        best = -np.sort(-(own - _owed(members, groups, prices)), axis=1)[:, :k]
        offsets = [np.zeros(len(group.names)) for group in groups]
        if threshold_bound is not None:
            offsets = _offsets(best, groups, threshold, threshold_bound)
        return cls(
            classes,
            {
                group.column: dict(zip(group.names, price, strict=True))
                for group, price in zip(groups, prices, strict=True)
            },
            {
                group.column: dict(zip(group.names, offset.tolist(), strict=True))
                for group, offset in zip(groups, offsets, strict=True)
            },
        )

    def shifts(self, rows: IntArray, scores: npt.NDArray[np.floating], person: Mapping[str, str]) -> FloatArray:
        """What to add to the scores [m] of rows [m] for a person of these groups by column.

        Offsets are left out: they change no ranking. Exactly zero for who is in no group that is known here.
        """
        price = self._price(person)
        if price is None or len(rows) == 0:
            return np.zeros(len(rows))
        shift: FloatArray = -float(np.std(scores)) * (self._classes[rows] @ price)
        return shift

    def apply(self, scores: FloatArray, groups: Sequence[Groups]) -> FloatArray:
        """Standardised scores [p, n] under the correction; the people need not be those that it was learned from."""
        result = scores
        for group in groups:
            names = group.names
            prices = np.stack(
                [self._prices.get(group.column, {}).get(name, np.zeros(self._classes.shape[1])) for name in names]
            )
            offsets = np.array([self._offsets.get(group.column, {}).get(name, 0.0) for name in names])
            each = offsets[:, None] - prices @ self._classes.T  # [g, n]
            if each.any():
                result = result + each[group.codes]
        return result

    def _price(self, person: Mapping[str, str]) -> FloatArray | None:
        """The sum of what a person's groups pay for each class [c]; None where nothing is to be paid."""
        paid = [
            price
            for column, name in person.items()
            if (price := self._prices.get(column, {}).get(name)) is not None and price.any()
        ]
        return np.sum(paid, axis=0) if paid else None


def _prices(
    scores: FloatArray, classes: FloatArray, groups: Sequence[Groups], k: int, bound: Bound
) -> list[FloatArray]:
    """Prices [g, c] for each column, from scores [p, j] and classes [p, j, c] of each person's pool."""
    weights = 1 / np.log2(2 + np.arange(min(k, scores.shape[1])))
    weights /= weights.sum()

    def exposed(paid: FloatArray) -> FloatArray:
        order = np.argsort(-paid, axis=1, kind="stable")[:, : len(weights)]
        shown: FloatArray = np.einsum("k,pkc->pc", weights, np.take_along_axis(classes, order[:, :, None], axis=1))
        return shown

    prices = [np.zeros((len(group.names), classes.shape[2])) for group in groups]
    if classes.shape[2] == 0:  # items without classes have nothing to even out
        return prices
    middle = exposed(scores).mean(axis=0)
    step = STEP * float(np.std(scores[np.isfinite(scores)]))
    best, least = [price.copy() for price in prices], np.inf
    for round_ in range(ROUNDS):
        shown = exposed(scores - _owed(classes, groups, prices))
        excesses = []
        for group in groups:
            excess = np.zeros((len(group.names), classes.shape[2]))
            difference = group.means(shown)[group.measured] - middle
            excess[group.measured] = difference - np.clip(difference, -_of(bound, group) / 2, _of(bound, group) / 2)
            excesses.append(excess)
        worst = max(float(np.abs(excess).max(initial=0)) for excess in excesses)
        if worst < least:
            best, least = [price.copy() for price in prices], worst
        if worst == 0:
            break
        for price, excess in zip(prices, excesses, strict=True):
            price += excess * step / np.sqrt(1 + round_ / 50)
    return best


def _of(bound: Bound, group: Groups) -> float:
    return bound if isinstance(bound, float | int) else bound[group.column]


def _owed(members: FloatArray, groups: Sequence[Groups], prices: Sequence[FloatArray]) -> FloatArray:
    """What each person pays for each item of their pool [p, j], from its classes [p, j, c]."""
    each = np.sum([price[group.codes] for group, price in zip(groups, prices, strict=True)], axis=0)
    owed: FloatArray = np.einsum("pjc,pc->pj", members, each)
    return owed


def _offsets(best: FloatArray, groups: Sequence[Groups], threshold: float, bound: Bound) -> list[FloatArray]:
    """What to add to all scores of each group [g], column after column until every rate keeps the bound."""
    overall = float((best > threshold).mean())
    offsets = [np.zeros(len(group.names)) for group in groups]
    moved = best.copy()
    for _ in range(ROUNDS):
        kept = True
        for group, offset in zip(groups, offsets, strict=True):
            # Aimed at a little less than the bound, or columns would push each other over it for ever.
            room = AIM * _of(bound, group) / 2
            for code in group.measured:
                mine = group.codes == code
                step = _step(moved[mine].ravel(), threshold, overall - room, overall + room)
                offset[code] += step
                moved[mine] += step
                kept = kept and step == 0
        if kept:
            break
    return offsets


def _step(scores: FloatArray, threshold: float, low: float, high: float) -> float:
    """The least that brings the share of scores [m] above a threshold between two bounds; 0 where it lies there."""
    above_now = int((scores > threshold).sum())
    wanted = min(max(above_now, int(np.ceil(low * len(scores)))), int(np.floor(high * len(scores))))
    if wanted == above_now:
        return 0.0
    best_first = np.concatenate([[np.inf], -np.sort(-scores), [-np.inf]])
    above, below = best_first[wanted : wanted + 2]  # the last one that shall pass, and the first that shall not
    edge = (
        (above + below) / 2 if np.isfinite([above, below]).all() else (above - 1 if np.isfinite(above) else below + 1)
    )
    return float(threshold - edge)
