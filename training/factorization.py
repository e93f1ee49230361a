"""A rating model: biases, factors and slopes on features, fitted by weighted alternating least squares.

    r[u, i] = μ + w·φ(u, i) + b_u + a_u·z_i + c_i + d_i·x_u + p_u·q_i

x and z are features of people and items, φ are covariates of pairs, and everything but μ is held small. With weights
of 1 it is the biased matrix factorisation of Koren, Bell and Volinsky 2009 (eq. 4) with features. It takes targets and
weights for pairs and does not know whether a target is a rating or a doubly robust pseudo-rating.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from debias.exposure import Rows
from debias.weights import FloatArray

SWEEPS = 6
CHUNK = 20_000  # people or items whose normal equations stand in memory at once


class PairFeatures(Protocol):
    """What is known of people, items and pairs beside ratings; columns are on a scale of about 1."""

    people: FloatArray  # x, [users, f]
    things: FloatArray  # z, [items, g]

    def pairs(self, users: Rows, items: Rows) -> FloatArray:
        """φ of pairs of rows, [m, c]."""
        ...


@dataclass(frozen=True)
class Penalties:
    """How strongly each part is held to zero, in ratings' worth: a bias with 10 counts like 10 ratings of zero."""

    rank: int = 8
    bias: float = 8.0
    factor: float = 30.0
    slope: float = 60.0  # on the features, by person and by item
    pair: float = 20.0  # w, the same for everybody


class Factorization:
    """The model above; see `fit`."""

    def __init__(self, features: PairFeatures, penalties: Penalties) -> None:
        self._features, self._penalties = features, penalties

    def fit(self, users: Rows, items: Rows, targets: FloatArray, weights: FloatArray, rng: np.random.Generator) -> Self:
        """Fit to pairs [n] with targets [n] and weights [n]; a weight of 2 counts like the same pair twice."""
        features, penalties = self._features, self._penalties
        people, things = len(features.people), len(features.things)
        self._level = float(np.average(targets, weights=weights))
        centred = targets - self._level
        covariates = features.pairs(users, items)
        self._mean = np.average(covariates, axis=0, weights=weights)
        shared = _SharedSlopes(covariates - self._mean, weights, penalties.pair)
        person_side = _Side(_Grouped(users, items, weights, people, things))
        thing_side = _Side(_Grouped(items, users, weights, things, people))
        self._q = rng.normal(0, 0.1, (things, penalties.rank))
        self._p = np.zeros((people, penalties.rank))
        self._person = np.zeros((people, 1 + features.things.shape[1]))
        self._thing = np.zeros((things, 1 + features.people.shape[1]))
        for _ in range(SWEEPS):
            self._w = shared.solve(centred - self._individual(users, items))
            rest = centred - shared.covariates @ self._w
            own = self._thing_terms(users, items)
            self._person, self._p = person_side.solve(rest - own, features.things, self._q, penalties)
            own = self._person_terms(users, items)
            self._thing, self._q = thing_side.solve(rest - own, features.people, self._p, penalties)
        return self

    def predict(self, users: Rows, items: Rows) -> FloatArray:
        """Expected targets of pairs of rows, [m]."""
        covariates = self._features.pairs(users, items) - self._mean
        expected: FloatArray = self._level + covariates @ self._w + self._individual(users, items)
        return expected

    @property
    def item_effects(self) -> FloatArray:
        """c, [items]: by how much an item is rated above what all else says."""
        effects: FloatArray = self._thing[:, 0]
        return effects

    def _individual(self, users: Rows, items: Rows) -> FloatArray:
        product = np.einsum("nd,nd->n", self._p[users], self._q[items])
        result: FloatArray = self._person_terms(users, items) + self._thing_terms(users, items) + product
        return result

    def _person_terms(self, users: Rows, items: Rows) -> FloatArray:
        return _affine(self._person[users], self._features.things[items])

    def _thing_terms(self, users: Rows, items: Rows) -> FloatArray:
        return _affine(self._thing[items], self._features.people[users])


class _SharedSlopes:
    """Ridge regression on covariates [n, c] that is solved again and again for other targets."""

    def __init__(self, covariates: FloatArray, weights: FloatArray, penalty: float) -> None:
        self.covariates = covariates
        self._weighted = covariates * weights[:, None]
        gram = self._weighted.T @ covariates + penalty * np.eye(covariates.shape[1])
        self._factor = cho_factor(gram) if covariates.shape[1] else None

    def solve(self, targets: FloatArray) -> FloatArray:
        """Coefficients [c]."""
        if self._factor is None:
            return np.zeros(0)
        result: FloatArray = cho_solve(self._factor, self._weighted.T @ targets)
        return result


class _Grouped:
    """Pairs as a sparse matrix whose rows are solved for; its entries stand in the order of the pairs."""

    def __init__(self, rows: Rows, columns: Rows, weights: FloatArray, row_count: int, column_count: int) -> None:
        order = np.lexsort((columns, rows))
        self.order, self._weights = order, weights[order]
        self._columns = columns[order]
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=row_count))])
        self._shape = (row_count, column_count)

    def matrix(self, first: int, last: int, values: FloatArray | None = None) -> csr_array:
        """The weights of rows first to last, times `values` (in the order of the pairs) if there are any."""
        begin, end = self._starts[first], self._starts[last]
        data = self._weights[begin:end]
        if values is not None:
            data = data * values[self.order[begin:end]]
        starts = self._starts[first : last + 1] - begin
        return csr_array((data, self._columns[begin:end], starts), shape=(last - first, self._shape[1]))

    @property
    def row_count(self) -> int:
        return self._shape[0]


class _Side:
    """One half of a sweep: every person's parameters with the items' held fixed, or the other way round."""

    def __init__(self, grouped: _Grouped) -> None:
        self._grouped = grouped

    def solve(
        self, targets: FloatArray, features: FloatArray, factors: FloatArray, penalties: Penalties
    ) -> tuple[FloatArray, FloatArray]:
        """Biases and slopes [rows, 1 + g], and factors [rows, k]."""
        slopes = features.shape[1]
        design = np.hstack([np.ones((len(factors), 1)), features, factors])
        width = design.shape[1]
        outer = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
        held = np.repeat([penalties.bias, penalties.slope, penalties.factor], [1, slopes, factors.shape[1]])
        solved = np.empty((self._grouped.row_count, width))
        for first in range(0, self._grouped.row_count, CHUNK):
            last = min(first + CHUNK, self._grouped.row_count)
            grams = (self._grouped.matrix(first, last) @ outer).reshape(-1, width, width) + np.diag(held)
            sums = self._grouped.matrix(first, last, targets) @ design
            solved[first:last] = np.linalg.solve(grams, sums[..., None])[..., 0]
        return solved[:, : 1 + slopes], solved[:, 1 + slopes :]


def _affine(parameters: FloatArray, features: FloatArray) -> FloatArray:
    result: FloatArray = parameters[:, 0] + np.einsum("nd,nd->n", parameters[:, 1:], features)
    return result
