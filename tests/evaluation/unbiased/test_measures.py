import numpy as np
import pytest

from evaluation.unbiased.measures import error_by_popularity, measure, ndcg_by_user

USERS = np.array([0, 0, 0, 1, 1, 2])
RATINGS = np.array([5.0, 1.0, 4.0, 2.0, 4.0, 1.0])
SCORES = np.array([3.0, 2.0, 1.0, 5.0, 4.0, 2.0])


def test_ndcg_by_hand() -> None:
    # User 0: gains 1, 0, 1 in order of score; user 1: 0, 1; user 2 has no positive and is left out.
    first = (1 + 1 / 2) / (1 + 1 / np.log2(3))
    assert ndcg_by_user(USERS, RATINGS >= 4, SCORES, 5).tolist() == pytest.approx([first, 1 / np.log2(3)])
    assert ndcg_by_user(USERS, RATINGS >= 4, SCORES, 1).tolist() == [1.0, 0.0]


def test_auc_and_error_by_hand() -> None:
    found = measure(USERS, RATINGS, SCORES, relevant=4)
    # Positives score 3, 1, 4 and negatives 2, 5, 2: of nine pairs 3>2, 3>2, 4>2, 4>2 are right.
    assert found.auc == pytest.approx(4 / 9)
    assert found.squared_error == pytest.approx((4 + 1 + 9 + 9 + 0 + 1) / 6)


def test_errors_by_popularity_by_hand() -> None:
    slices = error_by_popularity(np.array([1.0, 1.0, 9.0, 9.0]), np.array([1.0, 3.0, 5.0, 7.0]), slices=2)
    assert slices == [(1.0, 1.0, 2.0), (9.0, 9.0, 6.0)]
