import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.estimators import (
    clipped_ips_risk,
    doubly_robust_risk,
    ips_risk,
    naive_risk,
    snips_risk,
)

pairs = st.lists(st.tuples(st.floats(0, 16), st.floats(0.01, 1)), min_size=1, max_size=40).map(
    lambda rows: np.array(rows).T
)


def test_risks_by_hand() -> None:
    losses, propensities = [1.0, 4.0], [0.5, 0.25]
    assert naive_risk(losses).value == 2.5
    assert ips_risk(losses, propensities, 10).value == pytest.approx((1 / 0.5 + 4 / 0.25) / 10)
    assert ips_risk(losses, propensities, 10).standard_error == pytest.approx((0.5 * 4 + 0.75 * 256) ** 0.5 / 10)
    assert snips_risk(losses, propensities).value == pytest.approx(18 / 6)
    assert clipped_ips_risk(losses, propensities, 10, 3.0).value == pytest.approx((2 + 12) / 10)
    assert doubly_robust_risk(losses, propensities, [1.0, 3.0], 20.0, 10).value == pytest.approx(2.0 + 4 / 10)


@given(pairs, st.floats(0.05, 1))
def test_snips_does_not_change_with_the_scale_of_weights(observed: np.ndarray, scale: float) -> None:
    losses, propensities = observed
    assert snips_risk(losses, propensities * scale).value == pytest.approx(snips_risk(losses, propensities).value)


@given(pairs)
def test_snips_stays_within_the_losses(observed: np.ndarray) -> None:
    losses, propensities = observed
    assert losses.min() - 1e-9 <= snips_risk(losses, propensities).value <= losses.max() + 1e-9


@given(pairs)
def test_doubly_robust_is_ips_when_nothing_is_imputed(observed: np.ndarray) -> None:
    losses, propensities = observed
    robust = doubly_robust_risk(losses, propensities, np.zeros_like(losses), 0.0, 100)
    assert robust == ips_risk(losses, propensities, 100)


@given(pairs, st.floats(0, 1000))
def test_doubly_robust_is_exact_when_the_imputation_is(observed: np.ndarray, unobserved: float) -> None:
    losses, propensities = observed
    total = float(losses.sum()) + unobserved
    robust = doubly_robust_risk(losses, propensities, losses, total, 100)
    assert robust.value == pytest.approx(total / 100)
    assert robust.standard_error == 0


@given(pairs, st.floats(1, 100), st.floats(1, 100))
def test_clipping_lower_never_estimates_more(observed: np.ndarray, one: float, other: float) -> None:
    low, high = (clipped_ips_risk(*observed, 100, at) for at in sorted((one, other)))
    assert low.value <= high.value <= ips_risk(*observed, 100).value + 1e-12
    assert low.standard_error <= high.standard_error + 1e-12


def test_intervals_widen_with_the_level() -> None:
    estimate = ips_risk([1.0, 4.0], [0.5, 0.25], 10)
    (low, high), (lower, higher) = estimate.interval(0.5), estimate.interval(0.95)
    assert lower < low < estimate.value < high < higher
    assert higher - estimate.value == pytest.approx(1.96 * estimate.standard_error, rel=1e-3)


def test_what_is_no_propensity_is_refused() -> None:
    for bad in ([0.0], [1.5], [0.5, 0.5]):
        with pytest.raises(ValueError, match="propensities"):
            ips_risk([1.0], bad, 10)
    with pytest.raises(ValueError, match="losses"):
        naive_risk([])
