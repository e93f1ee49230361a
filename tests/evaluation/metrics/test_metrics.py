"""Metrics beyond accuracy against values worked out by hand and against established libraries."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.calibration import calibration_curve
from sklearn.metrics import jaccard_score
from sklearn.metrics.pairwise import cosine_distances

from debias.groups import Groups
from evaluation.metrics.calibration import category_distribution, expected_calibration_error, miscalibration
from evaluation.metrics.diversity import diversity_by_category, diversity_by_embedding
from evaluation.metrics.group_gaps import gap, group_means
from evaluation.metrics.lists import EMPTY
from evaluation.metrics.popularity import (
    coverage,
    exposure,
    gini,
    long_tail,
    long_tail_share,
    novelty,
    popularity_lift,
    serendipity,
)
from tests.catalogue import FILMS

# Rows: Heat 0, Fargo 1, Casino 2, Alien 3, Psycho 4, Toy Story 5, Babe 6, Annie Hall 7.
CATEGORIES = FILMS.category_matrix
CHOSEN = np.array([7, 3, 1, 0])  # by 7 people
RNG = np.random.default_rng(0)


def test_categories_are_in_the_order_of_the_catalogue() -> None:
    assert [FILMS.categories[place] for place in np.flatnonzero(CATEGORIES[0])] == ["Action", "Crime", "Thriller"]


def test_diversity_by_category_is_the_mean_jaccard_distance() -> None:
    # Heat and Fargo share 2 of 4, Heat and Casino 1 of 4, Fargo and Casino 2 of 3; Heat and Alien share none of 5.
    found = diversity_by_category([[0, 1, 2], [0, 3, EMPTY]], CATEGORIES)

    assert found == pytest.approx([(1 / 2 + 3 / 4 + 1 / 3) / 3, 1.0])


def test_diversity_by_category_agrees_with_scikit_learn() -> None:
    table = RNG.random((12, 6)) < 0.6
    table[:, 0] = True
    rows = np.array([RNG.permutation(12)[:5] for _ in range(1030)])  # more people than one portion
    by_hand = [np.mean([1 - jaccard_score(table[a], table[b]) for a, b in combinations(row, 2)]) for row in rows[-8:]]

    assert diversity_by_category(rows, table)[-8:] == pytest.approx(by_hand, abs=1e-6)


def test_diversity_by_embedding_agrees_with_scikit_learn() -> None:
    vectors = RNG.normal(size=(12, 6)).astype(np.float32)
    rows = np.array([[0, 3, 5, EMPTY], [1, 2, 7, 11]])
    by_hand = [cosine_distances(vectors[row])[np.triu_indices(len(row), 1)].mean() for row in ([0, 3, 5], rows[1])]

    assert diversity_by_embedding(rows, vectors) == pytest.approx(by_hand, abs=1e-6)


def test_a_single_item_has_no_diversity_and_one_without_categories_counts_in_no_pair() -> None:
    table = np.array([[True, False], [False, True], [False, False]])

    assert np.isnan(diversity_by_category([[0, EMPTY], [0, 2]], table)).all()
    assert np.isnan(diversity_by_embedding([[0, EMPTY]], np.eye(3))).all()
    assert diversity_by_category([[0, 1, 2]], table) == pytest.approx([1.0])


def test_exposure_and_coverage_count_lists() -> None:
    rows = [[0, 1], [0, EMPTY]]

    assert exposure(rows, 4).tolist() == [2, 1, 0, 0]
    assert coverage(rows, 4) == 0.5


def test_gini_by_hand() -> None:
    assert gini([1, 1, 1, 1]) == pytest.approx(0)
    assert gini([0, 0, 0, 5]) == pytest.approx(3 / 4)
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert math.isnan(gini([0, 0]))
    with pytest.raises(ValueError, match="negative"):
        gini([-1, 2])


def test_gini_is_half_the_relative_mean_difference() -> None:
    amounts = RNG.integers(0, 9, size=40).astype(float)
    differences = np.abs(amounts[:, None] - amounts).mean()
    assert gini(amounts) == pytest.approx(differences / (2 * amounts.mean()))
    assert gini([0, 0, 0, 1, 1]) == pytest.approx(3 / 5)  # of zeros and ones it is the share of zeros


def test_novelty_is_self_information_in_bits() -> None:
    # Shares with one added: 8/8, 4/8, 2/8, 1/8.
    assert novelty([[0, 1], [2, 3], [3, EMPTY]], CHOSEN, people=7) == pytest.approx([0.5, 2.5, 3.0])
    assert np.isnan(novelty([[EMPTY, EMPTY]], CHOSEN, people=7)).all()


def test_popularity_lift_is_against_ones_own_history() -> None:
    # Lists have 5 on average, against histories of 2, of 7 and of none.
    found = popularity_lift([[0, 1]] * 3, [[1, 2], [0], []], CHOSEN)

    assert found == pytest.approx([1.5, -2 / 7, math.nan], nan_ok=True)


def test_the_long_tail_is_what_the_head_leaves() -> None:
    # 11 choices: the first item has 7, so 60 % are held by it alone, and 80 % by the first two.
    assert long_tail(CHOSEN, head=0.6).tolist() == [False, True, True, True]
    assert long_tail(CHOSEN, head=0.8).tolist() == [False, False, True, True]
    assert long_tail_share([[0, 2], [2, EMPTY]], long_tail(CHOSEN)) == pytest.approx([0.5, 1.0])


def test_serendipity_is_relevant_and_not_obvious() -> None:
    # The first person's 1 is relevant but expected and 2 is both wanted and new; the second has only what is obvious.
    found = serendipity([[1, 2, 3, 0], [0, 1, EMPTY, EMPTY]], [[0, 1], [0, 1]], [[1, 2], [0]], n_items=4)

    assert found == pytest.approx([1 / 4, 0])


def test_an_item_spreads_its_weight_over_its_categories() -> None:
    table = np.array([[True, True], [False, True], [False, False]])
    found = category_distribution([[0, 1], [2]], table)

    assert found == pytest.approx(np.array([[0.25, 0.75], [math.nan, math.nan]]), nan_ok=True)


def test_miscalibration_agrees_with_scipy() -> None:
    histories, rows = [[0, 1, 2], [3, 4]], np.array([[5, 6, 0], [3, 4, EMPTY]])
    own, given = category_distribution(histories, CATEGORIES), category_distribution(rows, CATEGORIES)
    expected = [entropy(p, 0.99 * q + 0.01 * p) for p, q in zip(own, given, strict=True)]

    assert miscalibration(rows, histories, CATEGORIES) == pytest.approx(expected)
    assert expected[1] == pytest.approx(0)
    assert np.isnan(miscalibration([[0]], [[]], CATEGORIES)).all()
    assert np.isnan(miscalibration([[0]], [[1]], CATEGORIES[:, :0])).all()


def test_miscalibration_by_hand() -> None:
    """Steck (2018): 70 % romance and 30 % action watched, only romance recommended."""
    table = np.array([[True, False], [False, True]])
    found = miscalibration([[0]], [[0] * 7 + [1] * 3], table)

    q = 0.99 + 0.01 * 0.7
    assert found == pytest.approx([0.7 * math.log(0.7 / q) + 0.3 * math.log(0.3 / 0.003)])


def test_calibration_error_by_hand() -> None:
    # Bins of .5: .1 and .3 say .2 where .5 happened; .9 says .9 where 1 happened, and 1.0 is of the last bin.
    assert expected_calibration_error([0.1, 0.3, 0.9, 1.0], [0, 1, 1, 1], bins=2) == pytest.approx((0.6 + 0.1) / 4)
    # Two at .95 of which one is right, and two at .55 that are both right: two gaps of .45.
    assert expected_calibration_error([0.95, 0.95, 0.55, 0.55], [1, 0, 1, 1]) == pytest.approx(0.45)
    assert expected_calibration_error([1.0, 1.0], [1, 1]) == 0.0
    for wrong in ([1.1], [-0.1], [math.nan]):
        with pytest.raises(ValueError, match="between 0 and 1"):
            expected_calibration_error(wrong, [1])
    with pytest.raises(ValueError, match="One outcome"):
        expected_calibration_error([], [])


def test_calibration_error_agrees_with_scikit_learn() -> None:
    said = RNG.random(500)
    was = RNG.random(500) < said**2
    frequency, mean = calibration_curve(was, said, n_bins=10)
    weights = np.histogram(said, bins=np.linspace(0, 1, 11))[0] / 500

    assert expected_calibration_error(said, was) == pytest.approx(np.abs(frequency - mean) @ weights)


def test_groups_are_compared_and_who_is_not_known_is_one_of_them() -> None:
    groups = Groups.of("gender", ["F"] * 40 + ["M"] * 40 + [None] * 40)
    values = np.concatenate([np.full(40, 0.3), np.full(40, 0.1), np.full(40, 0.2)]) + np.tile([-0.1, 0.1], 60)
    found = gap(groups, values, seed=1)
    assert [(one.group, one.people) for one in group_means(values, groups, seed=1)] == [
        ("F", 40),
        ("M", 40),
        ("unknown", 40),
    ]
    assert (found.interval.value, groups.farthest(values)) == (pytest.approx(0.2), "F − M")
    # The standard error is .1 * sqrt(2 / 40): the interval is the normal one within a resample's noise.
    assert (found.interval.low, found.interval.high) == pytest.approx((0.2 - 0.0438, 0.2 + 0.0438), abs=0.01)
    assert found.p == pytest.approx(1 / 2001)
    assert gap(Groups.of("gender", ["F", "M"] * 60), np.tile([0.1, 0.1, 0.5, 0.5], 30), seed=1).p == 1


def test_small_groups_have_no_interval_and_values_that_are_not_there_count_nowhere() -> None:
    groups = Groups.of("age", ["a"] * 40 + ["b"] * 40 + ["c"] * 5)
    values = np.ones(85)
    values[:5] = math.nan
    means = group_means(values, groups, seed=0)
    assert [(one.people, math.isfinite(one.mean.low)) for one in means] == [(35, True), (40, True), (5, False)]
    with pytest.raises(ValueError, match="values for"):
        group_means(values[:-1], groups, seed=0)


@pytest.mark.parametrize("rows", [[0, 1], [[4]], [[-2]]])
def test_rows_that_are_no_items_are_refused(rows: list[object]) -> None:
    with pytest.raises(ValueError, match=r"row|Recommendations"):
        coverage(rows, 4)
