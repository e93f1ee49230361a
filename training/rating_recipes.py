"""What is fitted to chosen ratings and how: the naive way and its corrections.

Every method fits the same model (`training.factorization`) and differs in the targets and weights that it is given:

- naive: chosen ratings, weight 1.
- ips: weight n/(N·e) (Schnabel et al. 2016, §4.2); snips: the same scaled to mean 1 (Swaminathan and Joachims 2015).
- dr: all pairs, with the pseudo-rating r̃ + (o/e)·(r - r̃): with squared loss, the gradient of the doubly robust loss
  (Wang et al. 2019) is that of a regression on it. r̃ is imputed by a model that is fitted with weights 1/e, as
  in their joint learning (DR-JL), or (1-e)/e² (MRDR, Guo et al. 2021).

Weights are cut until the effective sample is a given share of the ratings; without that the long tail decides.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

import numpy as np

from debias.propensity import FactorPropensity
from debias.weights import FloatArray, WeightHealth, clip_to_effective_share, weight_health
from training.factorization import Factorization, Penalties
from training.rating_data import RatingData
from training.rating_features import Known, RatingFeatures

# Of the unobserved pairs, dr sees so many for each rating, and so many at most.
UNOBSERVED_PER_RATING, MOST_UNOBSERVED = 3, 1_000_000


class Method(StrEnum):
    """How selection is corrected."""

    NAIVE = "naive"
    IPS = "ips"
    SNIPS = "snips"
    DR = "dr"
    MRDR = "mrdr"


AUTO_CORRECTIONS = [(Method.NAIVE, 1.0), (Method.SNIPS, 0.9), (Method.SNIPS, 0.6)]


@dataclass(frozen=True)
class Recipe:
    """What to fit and how."""

    method: Method = Method.NAIVE
    known: Known = Known.CONTENT
    penalties: Penalties = field(default_factory=Penalties)
    effective_share: float = 0.7  # to which weights are cut; 1 would make them equal

    def __str__(self) -> str:
        held = self.penalties
        cut = "" if self.method == Method.NAIVE else f", effective share {self.effective_share}"
        return (
            f"{self.method} on {self.known}{cut}, rank {held.rank}, penalties: bias {held.bias}, factor {held.factor}, "
            f"slope {held.slope}, pair {held.pair}"
        )


def candidates(data: RatingData, method: Method | None = None) -> list[Recipe]:
    """What is tried: what is known, how weights are cut, how much everything is held; None tries several methods."""
    given = data.user_features is not None or data.item_features is not None
    plain = Known.CONTENT if given else Known.RATINGS
    if method == Method.NAIVE:
        known, corrections = [plain], [(Method.NAIVE, 1.0)]
    else:
        known = [Known.CHOICES, Known.TASTE, plain]
        corrections = [(method, share) for share in (0.9, 0.6)] if method else AUTO_CORRECTIONS
    held = [Penalties(bias=3.0, slope=30.0, pair=600.0), Penalties(bias=8.0, slope=200.0, pair=600.0)]
    return [Recipe(way, what, penalties, share) for what, penalties, (way, share) in product(known, held, corrections)]


class Workbench:
    """Ratings with all that does not depend on the recipe, made once: propensities and features."""

    def __init__(self, data: RatingData, rng: np.random.Generator) -> None:
        self.data, self._rng = data, rng
        exposure = data.exposure
        self.propensity = FactorPropensity().fit(exposure, rng)
        self.propensities = self.propensity.propensities(exposure.users, exposure.items)
        self._features: dict[Known, RatingFeatures] = {}

    @property
    def health(self) -> WeightHealth:
        """Of the weights 1/e before any clipping."""
        return weight_health(1 / self.propensities)

    def features(self, known: Known) -> RatingFeatures:
        """Features for the model, cached."""
        if known not in self._features:
            data = self.data
            self._features[known] = RatingFeatures(
                known, self.propensity.affinity, data.user_features, data.item_features
            )
        return self._features[known]

    def fit(self, recipe: Recipe) -> Factorization:
        """Fit the model by a recipe."""
        if recipe.method in (Method.DR, Method.MRDR):
            return self._fit_doubly_robust(recipe)
        exposure = self.data.exposure
        model = Factorization(self.features(recipe.known), recipe.penalties)
        return model.fit(exposure.users, exposure.items, self.data.ratings, self._weights(recipe), self._rng)

    def _weights(self, recipe: Recipe) -> FloatArray:
        if recipe.method == Method.NAIVE:
            return np.ones(len(self.data.ratings))
        inverse = 1 / self.propensities
        if recipe.method == Method.MRDR:
            inverse = (1 - self.propensities) * inverse**2 + 1e-9
        weights = clip_to_effective_share(inverse, recipe.effective_share)
        pairs, total = self.data.exposure.pairs, float(weights.sum())
        scaled: FloatArray = weights * len(weights) / (pairs if recipe.method == Method.IPS else total)
        return scaled

    def _fit_doubly_robust(self, recipe: Recipe) -> Factorization:
        exposure, features = self.data.exposure, self.features(recipe.known)
        imputation = Factorization(features, recipe.penalties)
        imputation.fit(exposure.users, exposure.items, self.data.ratings, self._weights(recipe), self._rng)
        count = min(UNOBSERVED_PER_RATING * len(exposure.users), MOST_UNOBSERVED)
        users, items, stands_for = exposure.sample_unobserved(count, self._rng)
        all_users, all_items = np.concatenate([exposure.users, users]), np.concatenate([exposure.items, items])
        targets = imputation.predict(all_users, all_items)
        seen = len(exposure.users)
        inverse = clip_to_effective_share(1 / self.propensities, recipe.effective_share)
        targets[:seen] += inverse * (self.data.ratings - targets[:seen])
        # All pairs together count like the ratings that they were learned from.
        weights = np.repeat([1.0, stands_for], [seen, len(users)]) * seen / exposure.pairs
        return Factorization(features, recipe.penalties).fit(all_users, all_items, targets, weights, self._rng)
