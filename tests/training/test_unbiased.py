from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

from debias.exposure import Exposure
from training.factorization import Factorization, Penalties
from training.rating_data import RatingData, Scale
from training.rating_features import Known
from training.rating_recipes import Method, Recipe, Workbench, candidates
from training.rating_trials import Thing
from training.unbiased import train

USERS, ITEMS = 250, 60


class NoFeatures:
    people = np.zeros((USERS, 0))
    things = np.zeros((ITEMS, 0))

    def pairs(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        return np.zeros((len(users), 0))


@cache
def world() -> tuple[RatingData, np.ndarray]:
    """People in two groups see and like their own half of the items: chosen ratings, and the true ones of all pairs."""
    rng = np.random.default_rng(1)
    match = np.arange(USERS)[:, None] % 2 == np.arange(ITEMS) % 2
    ratings = np.clip(np.round(np.where(match, 4.0, 2.0) + rng.normal(0, 0.7, match.shape)), 1, 5)
    chosen = rng.random(match.shape) < np.where(match, 0.3, 0.01)
    users, items = np.nonzero(chosen)
    return RatingData(Exposure(users, items, USERS, ITEMS), ratings[users, items]), ratings


def error(model: Factorization, ratings: np.ndarray) -> float:
    users, items = np.divmod(np.arange(ratings.size), ITEMS)
    return float(np.mean((model.predict(users, items) - ratings.ravel()) ** 2))


def test_additive_ratings_are_recovered_exactly_without_penalties() -> None:
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((USERS, ITEMS)) < 0.3)
    targets = 3 + rng.normal(size=USERS)[users] + rng.normal(size=ITEMS)[items]
    model = Factorization(NoFeatures(), Penalties(rank=1, bias=1e-6, factor=1e9))
    model.fit(users, items, targets, np.ones(len(users)), rng)
    assert model.predict(users, items) == pytest.approx(targets, abs=0.05)


def test_a_weight_of_two_is_the_same_pair_twice() -> None:
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((USERS, ITEMS)) < 0.1)
    targets, twice = rng.normal(size=len(users)), rng.random(len(users)) < 0.5

    def fitted(*given: np.ndarray) -> np.ndarray:
        model = Factorization(NoFeatures(), Penalties(rank=2))
        return model.fit(*given, np.random.default_rng(5)).predict(users, items)

    weighted = fitted(users, items, targets, 1.0 + twice)
    rows = np.r_[np.arange(len(users)), np.flatnonzero(twice)]
    assert weighted == pytest.approx(fitted(users[rows], items[rows], targets[rows], np.ones(len(rows))), abs=1e-9)


@pytest.mark.parametrize("method", [Method.IPS, Method.SNIPS, Method.DR, Method.MRDR])
def test_each_correction_beats_the_naive_fit_where_people_choose_what_they_like(method: Method) -> None:
    data, ratings = world()
    bench = Workbench(data, np.random.default_rng(0))
    naive = error(bench.fit(Recipe(Method.NAIVE, Known.RATINGS)), ratings)
    assert error(bench.fit(Recipe(method, Known.RATINGS, effective_share=0.3)), ratings) < 0.97 * naive


def test_knowing_the_choices_helps_most() -> None:
    data, ratings = world()
    bench = Workbench(data, np.random.default_rng(0))
    naive = error(bench.fit(Recipe(Method.NAIVE, Known.RATINGS)), ratings)
    assert error(bench.fit(Recipe(Method.SNIPS, Known.CHOICES)), ratings) < 0.7 * naive


def test_training_chooses_by_itself() -> None:
    data, ratings = world()
    users, items = np.divmod(np.arange(ratings.size), ITEMS)
    errors = {}
    for method in (None, Method.NAIVE):
        run = train(data, candidates(data, method), np.random.default_rng(3), quietly)
        errors[method] = float(np.mean((run.model.predict(users, items) - ratings.ravel()) ** 2))
    assert errors[None] < 0.7 * errors[Method.NAIVE]
    assert run.model.selection.slope == 0  # the naive model corrects nothing
    assert run.health.count == len(data.ratings)


def test_the_same_seed_gives_the_same_model() -> None:
    data, _ = world()
    recipes = [Recipe(Method.NAIVE, Known.RATINGS)]
    runs = [train(data, recipes, np.random.default_rng(3), quietly) for _ in range(2)]
    pairs = (data.exposure.users, data.exposure.items)
    assert np.array_equal(runs[0].model.predict(*pairs), runs[1].model.predict(*pairs))


def quietly(things: Iterable[Thing], label: str) -> Iterable[Thing]:
    return things


def test_outliers_of_a_logged_measure_do_not_decide() -> None:
    ratings = np.r_[np.linspace(0, 1, 1000), 500.0]
    scale = Scale.of(ratings)
    assert scale.highest < 1.01
    assert scale.learned(ratings).std() == pytest.approx(1)
    shown = scale.shown(np.array([-50.0, 0.0, 1.0, 90.0, 99.0]))
    assert (np.diff(shown) > 0).all()
    assert -0.01 < shown[0] < shown[-1] < 1.01


def test_stars_stay_as_they_are() -> None:
    stars = np.array([1.0, 2.0, 5.0, 3.0])
    assert Scale.of(stars).learned(stars).tolist() == stars.tolist()
