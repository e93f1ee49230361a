"""The re-ranker keeps its bounds, and a group is read only where there is one to be read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debias.groups import Groups
from debias.parity import ParityReranker, above, classes_of, exposure, recommended, standardised

PEOPLE, ITEMS, K = 240, 60, 5
NAMES, CLASSES = classes_of([("red",), ("blue",), ("red", "blue"), ()] * (ITEMS // 4))


def world(seed: int, leaning: float = 1.0) -> tuple[np.ndarray, list[Groups]]:
    """Standardised scores of people, some of whom lean to what is red, and older ones to what is blue."""
    rng = np.random.default_rng(seed)
    gender = rng.choice(["f", "m", ""], PEOPLE, p=[0.4, 0.4, 0.2])
    age = rng.choice(["young", "old"], PEOPLE)
    scores = rng.normal(size=(PEOPLE, ITEMS))
    scores += leaning * (gender == "f")[:, None] * CLASSES[:, NAMES.index("red")]
    scores += leaning * (age == "old")[:, None] * CLASSES[:, NAMES.index("blue")]
    scores[gender == "m"] **= 3  # their best items stand out more
    histories = [rng.choice(ITEMS, 3, replace=False) for _ in range(PEOPLE)]
    return standardised(scores, histories), [Groups.of("gender", gender.tolist()), Groups.of("age", age.tolist())]


def test_scores_are_standardised_over_what_may_be_recommended() -> None:
    table = standardised([[1.0, 2.0, 3.0, 100.0]], [[3]])
    assert table[0].tolist() == pytest.approx([-1.2247449, 0, 1.2247449, -np.inf])
    assert standardised([[2.0, 2.0]], [[]]).tolist() == [[0, 0]]


def test_the_best_come_first_and_ties_by_row() -> None:
    assert recommended(np.array([[0.0, 5, 5, 9, -np.inf]]), 3).tolist() == [[3, 1, 2]]


def test_exposure_falls_with_the_place_and_is_shared_by_labels() -> None:
    shown = exposure(np.array([[0, 2]]), CLASSES)
    first, second = 1 / np.log2(2), 1 / np.log2(3)
    red = (first + second / 2) / (first + second)
    assert dict(zip(NAMES, shown[0], strict=True)) == pytest.approx({"red": red, "blue": 1 - red})


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.05, 0.1, 0.2]))
def test_all_gaps_of_several_columns_keep_their_bounds(seed: int, bound: float) -> None:
    scores, groups = world(seed)
    best = recommended(scores, K)
    threshold = float(np.median(np.take_along_axis(scores, best, axis=1)))
    before = [group.gap(exposure(best, CLASSES)) for group in groups]
    reranker = ParityReranker.fit(
        scores, groups, CLASSES, k=K, exposure_bound=bound, threshold=threshold, threshold_bound=0.1
    )
    after = reranker.apply(scores, groups)
    shown = recommended(after, K)
    assert max(before) > 0.2
    for group in groups:
        assert group.gap(exposure(shown, CLASSES)) <= bound + 1e-9
        assert group.gap(above(after, shown, threshold)) <= 0.1 + 1e-9


def test_moving_thresholds_changes_no_ranking() -> None:
    scores, groups = world(0)
    threshold = float(np.median(np.take_along_axis(scores, recommended(scores, K), axis=1)))
    reranker = ParityReranker.fit(
        scores, groups, CLASSES, k=K, exposure_bound=2.0, threshold=threshold, threshold_bound=0.02
    )
    after = reranker.apply(scores, groups)
    assert recommended(after, K).tolist() == recommended(scores, K).tolist()
    assert groups[0].gap(above(scores, recommended(scores, K), threshold)) > 0.1
    assert groups[0].gap(above(after, recommended(after, K), threshold)) <= 0.02


def test_a_bound_that_holds_already_changes_nothing() -> None:
    scores, groups = world(0)
    reranker = ParityReranker.fit(scores, groups, CLASSES, k=K, exposure_bound=2.0)
    assert reranker.apply(scores, groups).tolist() == scores.tolist()
    assert reranker.shifts(np.arange(5), scores[0, :5], {"gender": "f"}).tolist() == [0] * 5


def test_a_person_of_no_known_group_is_left_alone() -> None:
    scores, groups = world(0)
    reranker = ParityReranker.fit(scores, groups, CLASSES, k=K, exposure_bound=0.05)
    rows = np.arange(8)
    shift = reranker.shifts(rows, np.arange(8.0), {"gender": "f", "age": "old"})
    assert np.abs(shift).max() > 0
    assert reranker.shifts(rows, np.arange(8.0), {}).tolist() == [0] * 8
    assert reranker.shifts(rows, np.arange(8.0), {"gender": "other", "income": "f"}).tolist() == [0] * 8
    twice = reranker.shifts(rows, 2 * np.arange(8.0), {"gender": "f", "age": "old"})
    assert twice.tolist() == pytest.approx((2 * shift).tolist())
