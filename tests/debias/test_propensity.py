from functools import cache

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from debias.exposure import Exposure
from debias.propensity import (
    FactorPropensity,
    PopularityPropensity,
    clip_propensities,
)

USERS, ITEMS = 200, 80


@cache
def world() -> tuple[Exposure, np.ndarray]:
    """Two groups of people, each of which mostly sees its own half of the items: exposure and true e."""
    rng = np.random.default_rng(3)
    person, thing = (np.arange(count) % 2 for count in (USERS, ITEMS))
    popularity, activity = rng.uniform(0.5, 1.5, ITEMS), rng.uniform(0.5, 1.5, USERS)
    e = 0.12 * activity[:, None] * popularity * np.where(person[:, None] == thing, 1.7, 0.3)
    users, items = np.nonzero(rng.random(e.shape) < e)
    return Exposure(users, items, USERS, ITEMS), e


def models() -> dict[str, PopularityPropensity | FactorPropensity]:
    exposure, _ = world()
    rng = np.random.default_rng(0)
    return {
        "popularity": PopularityPropensity.fit(exposure),
        "factor": FactorPropensity().fit(exposure, rng),
    }


@pytest.mark.parametrize("name", models())
def test_every_model_is_a_calibrated_probability(name: str) -> None:
    exposure, e = world()
    users, items = np.divmod(np.arange(exposure.pairs), ITEMS)
    values = models()[name].propensities(users, items)
    assert ((values > 0) & (values <= 1)).all()
    assert values.sum() == pytest.approx(len(exposure.users), rel=0.03)
    shares = [part.mean() for part in np.array_split(values[np.argsort(values)], 20)]
    found = [part.mean() for part in np.array_split(exposure.observed(users, items)[np.argsort(values)], 20)]
    assert np.abs(np.subtract(shares, found)).mean() < 0.035
    assert roc_auc_score(exposure.observed(users, items), e.ravel()) > 0.7  # there is something to find


def test_a_model_that_sees_the_groups_comes_nearer_to_the_truth() -> None:
    exposure, e = world()
    users, items = np.divmod(np.arange(exposure.pairs), ITEMS)
    error = {name: np.abs(model.propensities(users, items) - e.ravel()).mean() for name, model in models().items()}
    assert error["factor"] < 0.5 * error["popularity"]


def test_observed_pairs_are_not_fitted_to_their_having_been_observed() -> None:
    exposure, e = world()
    values = models()["factor"].propensities(exposure.users, exposure.items)
    assert values.mean() == pytest.approx(e[exposure.users, exposure.items].mean(), rel=0.1)


def test_clipping_holds_propensities_off_zero() -> None:
    assert clip_propensities([0.0, 0.5, 2.0], 0.1).tolist() == [0.1, 0.5, 1.0]


def test_exposure_knows_its_pairs() -> None:
    exposure = Exposure(np.array([1, 0]), np.array([2, 1]), 2, 3)
    assert exposure.observed(np.array([0, 0, 1]), np.array([0, 1, 2])).tolist() == [False, True, True]
    users, items, stands_for = exposure.sample_unobserved(100, np.random.default_rng(0))
    assert (sorted(zip(users.tolist(), items.tolist(), strict=True)), stands_for) == (
        [(0, 0), (0, 2), (1, 0), (1, 1)],
        1.0,
    )


def test_a_tiny_exposure_has_propensities_too() -> None:
    exposure = Exposure(np.array([0]), np.array([0]), 1, 2)
    model = FactorPropensity().fit(exposure, np.random.default_rng(0))
    assert ((model.propensities(np.array([0, 0]), np.array([0, 1]))) > 0).all()
