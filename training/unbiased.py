"""Rating models trained on chosen ratings and meant for all pairs.

What could be fitted is in `training.rating_recipes`, how that is chosen in `training.rating_trials`; here the best few
become one model, which is brought from chosen to random ratings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from debias.exposure import Rows
from debias.self_selection import SelfSelection
from debias.weights import FloatArray, WeightHealth
from training.factorization import Factorization, Penalties
from training.rating_data import RatingData, Scale
from training.rating_features import Known
from training.rating_recipes import Method, Recipe, Workbench
from training.rating_trials import Progress, Trial, Validation, tune

# Trials learn from about so many ratings; with fewer than so many there are no trials.
TRIAL_RATINGS, FEWEST_FOR_TRIALS = 400_000, 50
SEES_CHOICES = (Known.CHOICES, Known.TASTE)
# The mean of a few models whose errors are within this much of the best is better than any one of them.
MEMBERS, NEAR = 3, 0.01


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
