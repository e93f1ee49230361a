"""The arithmetic of a choice, by numbers that a reader can check."""

import numpy as np
import pytest

from core.choice import combined_scores, normalised, standardised


def test_scores_are_standardised_and_equal_ones_are_zero() -> None:
    assert standardised([1.0, 3.0]).tolist() == [-1.0, 1.0]
    assert standardised([5.0, 5.0, 5.0]).tolist() == [0.0, 0.0, 0.0]
    assert standardised([]).tolist() == []


def test_no_weight_keeps_the_shortlists_order_and_a_large_one_the_models() -> None:
    scores, model = [3.0, 2.0, 1.0], np.log([0.1, 0.2, 0.7])
    assert combined_scores(model, scores, 0.0).argmax() == 0
    assert combined_scores(model, scores, 100.0).argmax() == 2


def test_the_order_is_the_same_over_candidates_and_over_the_vocabulary() -> None:
    model = np.array([-5.0, -6.0, -4.0])
    assert np.exp(normalised(model)).sum() == pytest.approx(1)
    apart = combined_scores(model, [1, 2, 3], 0.5) - combined_scores(normalised(model), [1, 2, 3], 0.5)
    assert np.ptp(apart) == pytest.approx(0)
