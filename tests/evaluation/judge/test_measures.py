"""Agreement against hand-computed values, scikit-learn and SciPy."""

import numpy as np
import pytest
from scipy.stats import kendalltau
from sklearn.metrics import cohen_kappa_score

from evaluation.judge.measures import kappa, kendall_tau, weighted_kappa, with_interval


def test_kappas_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(1, 6, size=(2, 30))
        labels = [1, 2, 3, 4, 5]
        assert weighted_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b, weights="quadratic", labels=labels))
        assert kappa(a, b) == pytest.approx(cohen_kappa_score(a, b, labels=labels))


def test_tau_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(1, 6, size=(2, 30))
        assert kendall_tau(a, b) == pytest.approx(kendalltau(a, b).statistic)


def test_agreement_at_its_ends() -> None:
    assert weighted_kappa([1, 3, 5], [1, 3, 5]) == 1.0
    assert weighted_kappa([1, 5], [5, 1]) == -1.0
    assert weighted_kappa([1, 2, 5], [3, 3, 3]) == pytest.approx(0.0, abs=0.15)
    assert weighted_kappa([3, 3], [3, 3]) == 0.0
    assert kappa([3, 3], [3, 3]) == 0.0
    assert kendall_tau([1, 2, 3], [4, 4, 4]) == 0.0
    assert kendall_tau([1, 2, 3], [10, 20, 30]) == 1.0


def test_an_interval_holds_its_value() -> None:
    a = np.array([1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
    found = with_interval(weighted_kappa, a, np.minimum(5, a + [0, 1] * 5), 0, resamples=200)
    assert -1 <= found.low <= found.value <= found.high <= 1
