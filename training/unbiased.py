"""Rating models trained on chosen ratings and meant for all pairs: the naive fit and its corrections.

Every method fits the same model (`training.factorization`) and differs in the targets and weights that it is given:

- naive: chosen ratings, weight 1.
- ips: weight n/(N·e) (Schnabel et al. 2016, §4.2); snips: the same scaled to mean 1 (Swaminathan and Joachims 2015).
- dr: all pairs, with the pseudo-rating r̃ + (o/e)·(r - r̃): with squared loss, the gradient of the doubly robust loss
  (Wang et al. 2019) is that of a regression on it. r̃ is imputed by a model that is fitted with weights 1/e, as
  in their joint learning (DR-JL), or (1-e)/e² (MRDR, Guo et al. 2021).

Weights are cut until the effective sample is a given share of the ratings; without that the long tail decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product
from typing import Protocol, Self, TypeVar

import numpy as np

from debias.exposure import Exposure, Rows
from debias.propensity import FactorPropensity
from debias.self_selection import STAR_LEVELS, SelfSelection
from debias.weights import FloatArray, WeightHealth, clip_to_effective_share, weight_health
from training.factorization import Factorization, Penalties
from training.rating_features import Known, RatingFeatures

# Of the unobserved pairs, dr sees so many for each rating, and so many at most.
UNOBSERVED_PER_RATING, MOST_UNOBSERVED = 3, 1_000_000
# Errors are compared on a fifth of the ratings, weighted to resemble random pairs as far as this share allows.
VALIDATION_SHARE = 0.2
VALIDATION_EFFECTIVE_SHARE = 0.4
# Ratings that are no stars are cut at these quantiles.
OUTER_SHARES = (0.005, 0.995)
# Trials learn from about so many ratings; with fewer than so many there are no trials.
TRIAL_RATINGS, FEWEST_FOR_TRIALS = 400_000, 50
SEES_CHOICES = (Known.CHOICES, Known.TASTE)
# The mean of a few models whose errors are within this much of the best is better than any one of them.
MEMBERS, NEAR = 3, 0.01

Thing = TypeVar("Thing")


class Progress(Protocol):
    """Wraps something that is worked through, to show how far it is."""

    def __call__(self, things: Iterable[Thing], label: str, /) -> Iterable[Thing]: ...


class Method(StrEnum):
    """How selection is corrected."""

    NAIVE = "naive"
    IPS = "ips"
    SNIPS = "snips"
    DR = "dr"
    MRDR = "mrdr"


AUTO_CORRECTIONS = [(Method.NAIVE, 1.0), (Method.SNIPS, 0.9), (Method.SNIPS, 0.6)]


@dataclass(frozen=True)
class RatingData:
    """Chosen ratings [n] of the exposure's pairs, and features of people [users, f] and items [items, g], if any."""

    exposure: Exposure
    ratings: FloatArray
    user_features: FloatArray | None = None
    item_features: FloatArray | None = None

    def subset(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Self:
        """Only some of the ratings."""
        return replace(self, exposure=self.exposure.subset(keep), ratings=self.ratings[keep])


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


@dataclass(frozen=True)
class Trial:
    """A recipe with its error on held-out chosen ratings: plain, and weighted to resemble random pairs."""

    recipe: Recipe
    error: float
    weighted_error: float


class Validation:
    """A part of the chosen ratings that models are compared on; the rest is `bench`."""

    def __init__(self, data: RatingData, rng: np.random.Generator) -> None:
        held_out = rng.random(len(data.ratings)) < VALIDATION_SHARE
        if not held_out.any() or held_out.all():
            held_out = np.arange(len(data.ratings)) == 0
        self.bench = Workbench(data.subset(~held_out), rng)
        self._held_out = data.subset(held_out)
        exposure = self._held_out.exposure
        inverse = 1 / self.bench.propensity.propensities(exposure.users, exposure.items)
        self._weights = clip_to_effective_share(inverse, VALIDATION_EFFECTIVE_SHARE)

    def trial(self, recipe: Recipe) -> Trial:
        """Fit to the rest, and measure."""
        exposure = self._held_out.exposure
        errors = (self.bench.fit(recipe).predict(exposure.users, exposure.items) - self._held_out.ratings) ** 2
        return Trial(recipe, float(errors.mean()), float(np.average(errors, weights=self._weights)))


def tune(
    validation: Validation,
    start: Recipe,
    *,
    weighted: bool,
    only_weights: bool = False,
    progress: Progress | None = None,
) -> Trial:
    """Coordinate search from a recipe: one penalty after the other, each with a few values, then the weights' cut.

    The same for every method, so that all are tuned as hard. `weighted` chooses the error that decides; with
    `only_weights` the penalties stay.
    """
    best = validation.trial(start)
    steps = [step for step in _steps(start) if not only_weights or "effective_share" in step]
    for changes in steps if progress is None else progress(steps, "tuning"):
        recipe = _changed(best.recipe, changes)
        if recipe != best.recipe:
            trial = validation.trial(recipe)
            better = trial.weighted_error < best.weighted_error if weighted else trial.error < best.error
            best = trial if better else best
    return best


def _steps(start: Recipe) -> list[dict[str, float]]:
    steps: list[dict[str, float]] = [{"bias": value} for value in (2.0, 4.0, 8.0)]
    if start.known != Known.RATINGS:
        steps += [{"pair": value} for value in (200.0, 600.0, 2000.0)]
        steps += [{"slope": value} for value in (20.0, 60.0, 200.0)]
    steps += [{"rank": 8, "factor": value} for value in (10.0, 25.0)]
    if start.method != Method.NAIVE:
        steps += [{"effective_share": value} for value in (0.4, 0.6, 0.9)]
    return steps


def _changed(recipe: Recipe, changes: dict[str, float]) -> Recipe:
    if "effective_share" in changes:
        return replace(recipe, effective_share=changes["effective_share"])
    return replace(recipe, penalties=replace(recipe.penalties, **changes))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scale:
    """The range that ratings are held to, and the unit that they are learned in: penalties suit a spread of about 1.

    Stars stay as they are. Anything else, such as watch times, is cut at its outer half percents (a few outliers would
    be all that a squared error sees) and divided by its standard deviation.
    """

    lowest: float
    highest: float
    unit: float

    @classmethod
    def of(cls, ratings: FloatArray) -> Self:
        """The scale of chosen ratings [n]."""
        if len(np.unique(ratings)) in STAR_LEVELS:
            return cls(float(ratings.min()), float(ratings.max()), 1.0)
        lowest, highest = (float(bound) for bound in np.quantile(ratings, OUTER_SHARES))
        return cls(lowest, highest, float(np.clip(ratings, lowest, highest).std()) or 1.0)

    def learned(self, ratings: FloatArray) -> FloatArray:
        """Ratings as models learn them."""
        return np.clip(ratings, self.lowest, self.highest) / self.unit

    def shown(self, expected: FloatArray) -> FloatArray:
        """What models expect, as ratings: on the range, or a hair beyond it so that order is kept."""
        ratings = expected * self.unit
        held = np.clip(ratings, self.lowest, self.highest)
        return held + 1e-6 * (ratings - held)


@dataclass(frozen=True)
class Ensemble:
    """The mean of several models, brought from chosen to random ratings."""

    members: tuple[Factorization, ...]
    selection: SelfSelection
    scale: Scale

    def predict(self, users: Rows, items: Rows) -> FloatArray:
        """Expected ratings of randomly shown pairs, [m]."""
        return self.scale.shown(self.selection.untilted(self._mean(users, items)))

    def expected_if_chosen(self, users: Rows, items: Rows) -> FloatArray:
        """Expected ratings of pairs that people choose to rate, [m]."""
        return self.scale.shown(self._mean(users, items))

    def _mean(self, users: Rows, items: Rows) -> FloatArray:
        mean: FloatArray = np.mean([model.predict(users, items) for model in self.members], axis=0)
        return mean


def self_selection(bench: Workbench, members: Sequence[Factorization]) -> SelfSelection:
    """How much too high chosen ratings are; see `debias.self_selection`."""
    exposure, ratings = bench.data.exposure, bench.data.ratings
    expected = np.mean([model.predict(exposure.users, exposure.items) for model in members], axis=0)
    plain = bench.fit(Recipe(Method.NAIVE, Known.RATINGS, Penalties(rank=1, factor=1e6)))
    return SelfSelection.fit(ratings, expected, plain.item_effects, exposure.popularity)


@dataclass(frozen=True)
class Training:
    """A trained ensemble, the recipes of its members, and every trial that led to them."""

    model: Ensemble
    members: tuple[Recipe, ...]
    trials: tuple[Trial, ...]  # the best first; none where there are too few ratings
    health: WeightHealth


def train(data: RatingData, recipes: Sequence[Recipe], rng: np.random.Generator, progress: Progress) -> Training:
    """Try recipes on held-out chosen ratings, tune the best, and fit the best few to everything.

    Trials are compared by the error weighted to resemble random pairs; with fewer than 50 ratings there are none.
    `progress` wraps what is worked through.
    """
    scale = Scale.of(data.ratings)
    data = replace(data, ratings=scale.learned(data.ratings))
    members, trials = _choose(data, recipes, rng, progress)
    bench = Workbench(data, rng)
    models = tuple(bench.fit(recipe) for recipe in progress(members, "fitting"))
    naive = all(recipe.method == Method.NAIVE and recipe.known not in SEES_CHOICES for recipe in recipes)
    selection = SelfSelection.none() if naive else self_selection(bench, models)
    return Training(Ensemble(models, selection, scale), tuple(members), tuple(trials), bench.health)


def _choose(
    data: RatingData, recipes: Sequence[Recipe], rng: np.random.Generator, progress: Progress
) -> tuple[list[Recipe], list[Trial]]:
    """The recipes of the ensemble, and the trials that led to them, the best first."""
    if len(data.ratings) < FEWEST_FOR_TRIALS:
        return [Recipe()], []
    validation = Validation(_some_people(data, rng), rng)
    trials = [validation.trial(recipe) for recipe in progress(recipes, "comparing")]
    trials.sort(key=lambda trial: trial.weighted_error)
    tuned = tune(validation, trials[0].recipe, weighted=True, progress=progress)
    members = [tuned.recipe]
    for trial in trials:
        kind = (trial.recipe.method, trial.recipe.known)
        near = trial.weighted_error <= tuned.weighted_error * (1 + NEAR)
        if near and len(members) < MEMBERS and kind not in [(member.method, member.known) for member in members]:
            members.append(trial.recipe)
    return members, [tuned, *trials]


def _some_people(data: RatingData, rng: np.random.Generator) -> RatingData:
    """All ratings of so many people that trials stay quick."""
    share = TRIAL_RATINGS / max(1, len(data.ratings))
    if share >= 1:
        return data
    return data.subset((rng.random(data.exposure.user_count) < share)[data.exposure.users])


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
