"""Whether lists follow people's tastes in their proportions, and whether probabilities are what they say."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from evaluation.metrics.lists import BoolArray, FloatArray, IntArray, checked, incidence, ratio

ALPHA = 0.01


def category_distribution(lists: Sequence[Sequence[int]] | IntArray, categories: BoolArray) -> FloatArray:
    """How each person's items are spread over categories [p, c]; each item spreads its weight evenly over its own.

    Steck (2018), "Calibrated recommendations", equations 2 and 3, with equal weights. A row adds up to 1, or is NaN
    where no item of a list has a category.
    """
    of_items = np.nan_to_num(
        ratio(categories, np.broadcast_to(categories.sum(axis=1, keepdims=True), categories.shape))
    )
    weights = incidence(lists, len(categories)) @ of_items
    return ratio(weights, np.broadcast_to(weights.sum(axis=1, keepdims=True), weights.shape))


def miscalibration(recommended: npt.ArrayLike, histories: Sequence[Sequence[int]], categories: BoolArray) -> FloatArray:
    """The divergence of each list's categories from those of the person's history [p] in nats; 0 is calibrated.

    Steck (2018), equations 4 and 5: KL(p || (1 - ALPHA) q + ALPHA p), where p is of the history and q of the list.
    NaN where the history or the list has no categories.
    """
    if not categories.shape[1]:
        return np.full(len(histories), np.nan)
    own = category_distribution(histories, categories)
    given = category_distribution(checked(recommended, len(categories)), categories)
    divergence: FloatArray = rel_entr(own, (1 - ALPHA) * given + ALPHA * own).sum(axis=1)
    return divergence


def expected_calibration_error(probabilities: npt.ArrayLike, happened: npt.ArrayLike, bins: int = 10) -> float:
    """The mean distance between probability and frequency over equally wide bins, weighted by how many are in a bin.

    Guo et al. (2017), "On calibration of modern neural networks", equation 3. Both are [m]; `happened` is 0 or 1.
    Raises ValueError for a probability outside 0 to 1, for shapes that differ, and for no values at all.
    """
    said, was = np.asarray(probabilities, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    if said.shape != was.shape or said.ndim != 1 or not said.size:
        raise ValueError(f"One outcome for each probability is needed, not {was.shape} for {said.shape}.")
    if not ((said >= 0) & (said <= 1)).all():
        raise ValueError("A probability is not between 0 and 1.")
    places = np.minimum((said * bins).astype(np.int64), bins - 1)
    surplus = np.bincount(places, weights=said - was, minlength=bins)
    return float(np.abs(surplus).sum() / len(said))
