"""Recipes compared on chosen ratings that were held out, and tuned there; random ratings are never read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np

from debias.weights import clip_to_effective_share
from training.rating_data import RatingData
from training.rating_features import Known
from training.rating_recipes import Method, Recipe, Workbench

# Errors are compared on a fifth of the ratings, weighted to resemble random pairs as far as this share allows.
VALIDATION_SHARE = 0.2
VALIDATION_EFFECTIVE_SHARE = 0.4

Thing = TypeVar("Thing")


class Progress(Protocol):
    """Wraps something that is worked through, to show how far it is."""

    def __call__(self, things: Iterable[Thing], label: str, /) -> Iterable[Thing]: ...


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
