"""Propensities: the probability e[u, i] that a person's rating of an item was observed at all.

Both models are estimates from who chose what. Where people choose by how much they will like an item, no such model can
know it; see `debias.self_selection` for what can be told from the ratings.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.sparse.linalg import svds
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from debias.exposure import Exposure, Rows
from debias.weights import FloatArray

# An e below this is as good as never: 1/e would be one person speaking for a million pairs.
LOWEST = 1e-6
# The logistic model is fitted on all observed pairs and at most so many others, weighted to stand for all.
SAMPLED_PAIRS = 400_000
HELD_OUT = 0.2
# An affinity says at most that a pair is twenty times rarer than its margins.
LOWEST_RATIO = 0.05


def clip_propensities(propensities: npt.ArrayLike, lowest: float = LOWEST) -> FloatArray:
    """Propensities [m] held to [lowest, 1]."""
    return np.clip(np.asarray(propensities, dtype=np.float64), lowest, 1.0)


@dataclass(frozen=True)
class PopularityPropensity:
    """e[u, i] = popularity of i · activity of u / observations: rank one, with both margins of what was observed.

    The usual model where nothing else is known; Saito et al. 2020 take the items' popularity alone.
    """

    activity: FloatArray
    popularity: FloatArray

    @classmethod
    def fit(cls, exposure: Exposure) -> Self:
        """Count."""
        return cls(exposure.activity, exposure.popularity)

    def propensities(self, users: Rows, items: Rows) -> FloatArray:
        """Values of e for pairs of rows."""
        total = max(1.0, float(self.activity.sum()))
        return clip_propensities(self.activity[users] * self.popularity[items] / total)


class FactorPropensity:
    """e[u, i] = σ(a + b·log activity + c·log popularity + d·affinity): a low-rank logistic model of exposure.

    The affinity is how much more often than by the margins alone the user's *other* items are observed together with i,
    in the leading singular vectors of the normalised matrix O[u,i] / sqrt(activity·popularity) (correspondence
    analysis, Greenacre 1984). Leaving the pair itself out keeps e of observed pairs from being fitted to their having
    been observed, which would shrink just the weights that matter. For the same reason the rank and the slopes are
    learned from a fifth of the observations that the vectors did not see; the level is then set so that e sums to what
    was observed.
    """

    def __init__(self, ranks: tuple[int, ...] = (2, 4, 8, 16), *, inverse_penalty: float = 1.0) -> None:
        """The rank is chosen from `ranks`; `inverse_penalty` is scikit-learn's C."""
        self._ranks, self._inverse_penalty = ranks, inverse_penalty

    def fit(self, exposure: Exposure, rng: np.random.Generator) -> Self:
        """Learn from all observed pairs and a sample of the others."""
        others = exposure.sample_unobserved(SAMPLED_PAIRS, rng)
        held_out = rng.random(len(exposure.users)) < HELD_OUT
        if not held_out.any() or held_out.all():
            held_out = np.arange(len(exposure.users)) == 0
        part = exposure.subset(~held_out)
        sample = _Sample.of(exposure.subset(held_out), others)
        fits = [self._fit_on(Affinity.fit(part, rank), sample) for rank in self._ranks]
        losses = [model.log_loss(affinity.covariates(sample.users, sample.items), sample) for affinity, model in fits]
        best = int(np.argmin(losses))
        self.rank = self._ranks[best]
        self.affinity, self._model = Affinity.fit(exposure, self.rank), fits[best][1]
        everything = _Sample.of(exposure, others)
        self._model.set_level(self.affinity.covariates(everything.users, everything.items), everything)
        return self

    def propensities(self, users: Rows, items: Rows) -> FloatArray:
        """Values of e for pairs of rows."""
        return clip_propensities(self._model.probabilities(self.affinity.covariates(users, items)))

    def _fit_on(self, affinity: "Affinity", sample: "_Sample") -> "tuple[Affinity, ScaledLogistic]":
        covariates = affinity.covariates(sample.users, sample.items)
        return affinity, ScaledLogistic(self._inverse_penalty).fit(covariates, sample)


@dataclass(frozen=True)
class Affinity:
    """How much a pair exceeds its margins, from the user's other items (see `FactorPropensity`)."""

    exposure: Exposure
    user_vectors: FloatArray  # [users, d]
    item_vectors: FloatArray  # [items, d]

    @classmethod
    def fit(cls, exposure: Exposure, rank: int) -> Self:
        """Singular vectors of the normalised exposure matrix."""
        return cls(exposure, *exposure_vectors(exposure, rank))

    def log_ratio(self, users: Rows, items: Rows) -> FloatArray:
        """Logarithm of the ratio to the margins, [m]; 0 where the user's other items say nothing."""
        own = np.where(self.exposure.observed(users, items), 1.0, 0.0)
        popularity = np.maximum(self.exposure.popularity[items], 1.0)
        vectors = self.item_vectors[items]
        score = np.einsum("nd,nd->n", self.user_vectors[users], vectors)
        score -= own * np.square(vectors).sum(axis=1) / np.sqrt(popularity)
        others = np.maximum(self.exposure.activity[users] - own, 1.0)
        ratio = 1 + score / others * float(self.exposure.activity.sum()) / np.sqrt(popularity)
        logarithm: FloatArray = np.log(np.maximum(ratio, LOWEST_RATIO))
        return logarithm

    def covariates(self, users: Rows, items: Rows) -> FloatArray:
        """[m, 3]: log activity, log popularity, and the affinity."""
        return np.column_stack([log_margins(self.exposure, users, items), self.log_ratio(users, items)])


def exposure_vectors(exposure: Exposure, rank: int) -> tuple[FloatArray, FloatArray]:
    """Vectors of users [users, d] and items [items, d] whose products say how much a pair exceeds its margins.

    The item vectors are the leading right singular vectors, times their singular values, of
    O / sqrt(activity·popularity) without its trivial first one; a user's vector is the sum over their items, each over
    the root of its popularity. A product so weighs a direction by its singular value squared: weak ones are shrunk.
    """
    activity, popularity = np.maximum(exposure.activity, 1.0), np.maximum(exposure.popularity, 1.0)
    scaled = exposure.matrix.multiply(1 / np.sqrt(popularity)).multiply(1 / np.sqrt(activity)[:, None]).tocsr()
    possible = min(rank + 1, min(exposure.matrix.shape) - 1)
    if possible < 2:
        return np.zeros((exposure.user_count, 1)), np.zeros((exposure.item_count, 1))
    start = np.full(min(scaled.shape), 1.0)  # a fixed start: the same input gives the same vectors
    _, strengths, right = svds(scaled, k=possible, v0=start)
    order = np.argsort(-strengths)[1:]
    items: FloatArray = right[order].T * strengths[order]
    users: FloatArray = exposure.matrix @ (items / np.sqrt(popularity)[:, None])
    return users, items


def log_margins(exposure: Exposure, users: Rows, items: Rows) -> FloatArray:
    """Logarithms of activity and popularity, [m, 2], with half a count added.

    The pair itself doesn't count for the popularity, or rare items would look chosen because they were. It does count
    for the activity: where everybody rates equally many items, leaving it out would tell the observed pairs apart.
    """
    own = np.where(exposure.observed(users, items), 1.0, 0.0)
    return np.log(np.column_stack([exposure.activity[users], exposure.popularity[items] - own]) + 0.5)


class ScaledLogistic:
    """Logistic regression on standardised covariates, so that its penalty treats all of them alike."""

    def __init__(self, inverse_penalty: float) -> None:
        self._regression = LogisticRegression(C=inverse_penalty, max_iter=300)

    def fit(self, covariates: FloatArray, sample: "_Sample") -> Self:
        """Fit on the covariates [m, d] of a sample's pairs."""
        self._mean = np.average(covariates, axis=0, weights=sample.weights)
        spread = np.sqrt(np.average((covariates - self._mean) ** 2, axis=0, weights=sample.weights))
        self._spread = np.where(spread > 0, spread, 1.0)
        if np.ptp(sample.observed) == 0:  # everything or nothing was observed: there is no slope to learn
            self._slopes, self._level = np.zeros(covariates.shape[1]), float(np.where(sample.observed[0] > 0, 10, -10))
            return self
        self._regression.fit((covariates - self._mean) / self._spread, sample.observed, sample_weight=sample.weights)
        self._slopes, self._level = self._regression.coef_[0], float(self._regression.intercept_[0])
        return self

    def set_level(self, covariates: FloatArray, sample: "_Sample") -> None:
        """Move the intercept so that the probabilities sum to what was observed."""
        scores = self._scores(covariates) - self._level
        wanted = float((sample.weights * sample.observed).sum())

        def excess(level: float) -> float:
            return float((sample.weights * expit(scores + level)).sum()) - wanted

        if 0 < wanted < float(sample.weights.sum()):
            self._level = float(brentq(excess, -40 - scores.max(), 40 - scores.min()))

    def probabilities(self, covariates: FloatArray) -> FloatArray:
        """Of having been observed, [m]."""
        result: FloatArray = expit(self._scores(covariates))
        return result

    def log_loss(self, covariates: FloatArray, sample: "_Sample") -> float:
        """Mean negative log-likelihood of a sample."""
        scores = self._scores(covariates)
        return float(np.average(np.logaddexp(0, scores) - sample.observed * scores, weights=sample.weights))

    def _scores(self, covariates: FloatArray) -> FloatArray:
        scores: FloatArray = (covariates - self._mean) / self._spread @ self._slopes + self._level
        return scores


@dataclass(frozen=True)
class _Sample:
    """Observed and unobserved pairs, and how many pairs each stands for; all [m]."""

    users: Rows
    items: Rows
    observed: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, exposure: Exposure, others: tuple[Rows, Rows, float]) -> Self:
        """All of what was observed and the given others; together they stand for all pairs."""
        users, items, stands_for = others
        seen, count = len(exposure.users), len(users)
        return cls(
            np.concatenate([exposure.users, users]),
            np.concatenate([exposure.items, items]),
            np.repeat([1.0, 0.0], [seen, count]),
            np.repeat([1.0, stands_for], [seen, count]),
        )
