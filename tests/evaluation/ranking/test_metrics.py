"""Metrics against values worked out by hand, scikit-learn, SciPy and brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score, top_k_accuracy_score

from evaluation.ranking import metrics
from evaluation.ranking.metrics import ABSENT, NEVER, UNKNOWN, ranks
from evaluation.statistics import (
    LEVEL,
    Interval,
    bootstrap,
    bootstrap_pooled,
    bootstrap_share,
    holm,
    paired_test,
    paired_tests,
)

LOG3 = 1 / np.log2(3)


def test_ranks_by_hand() -> None:
    scores = [
        [0.9, 0.5, 0.7, 0.1],  # the target, 0.5, is third
        [0.9, 0.5, 0.7, 0.1],  # without item 0 it is second
        [0.9, 0.5, 0.5, 0.5],  # both ties count against it
        [0.9, 0.5, 0.5, 0.5],  # a tie that is excluded doesn't
    ]
    assert ranks(scores, [1, 1, 1, 1], [[], [0], [], [0, 2, 2]]).tolist() == [3, 2, 4, 2]
    assert ranks([[1.0, 2.0]], [0], [[UNKNOWN]]).tolist() == [2]


def test_equal_scores_earn_nothing() -> None:
    assert ranks(np.zeros((2, 50)), [0, 49], [[], [1, 2]]).tolist() == [50, 48]


def test_what_can_not_be_recommended_has_no_rank() -> None:
    found = ranks(np.ones((2, 3)), [1, UNKNOWN], [[1], []])
    assert found.tolist() == [NEVER, NEVER]
    assert metrics.ndcg(found, 3).tolist() == [0, 0]
    assert metrics.hit_rate(found, 1000).tolist() == [0, 0]


def test_infinite_scores_are_in_order_and_nan_is_refused() -> None:
    assert ranks([[-np.inf, np.inf, 0.0]], [2], [[]]).tolist() == [2]
    with pytest.raises(ValueError, match="NaN"):
        ranks([[0.0, np.nan]], [0], [[1]])


@pytest.mark.parametrize(
    ("targets", "exclude", "message"),
    [([3], [[]], "not between 0 and 2"), ([-2], [[]], "not between"), ([0], [[3]], "not between"), ([0], [], "0 of")],
)
def test_rows_outside_the_table_are_refused(targets: list[int], exclude: list[list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ranks([[1.0, 2.0, 3.0]], targets, exclude)


def test_ranks_of_several_by_hand() -> None:
    scores = [[5.0, 4.0, 3.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [5.0, 4.0, 3.0, 2.0, 1.0]]
    found = metrics.ranks_of_several(scores, [[3, 1], [0, 4], [2, UNKNOWN, 0]], [[0], [], []])
    assert found.tolist() == [[1, 3, ABSENT], [4, 5, ABSENT], [1, 3, NEVER]]


def test_metrics_of_one_relevant_item_by_hand() -> None:
    found = [1, 2, 3, 11]
    assert metrics.hit_rate(found, 10).tolist() == [1, 1, 1, 0]
    assert metrics.hit_rate(found, 2).tolist() == [1, 1, 0, 0]
    assert metrics.recall(found, 2).tolist() == [1, 1, 0, 0]
    assert metrics.ndcg(found, 10) == pytest.approx([1, LOG3, 0.5, 0])
    assert metrics.mrr(found, 10) == pytest.approx([1, 1 / 2, 1 / 3, 0])
    assert metrics.average_precision(found, 10) == pytest.approx([1, 1 / 2, 1 / 3, 0])


def test_metrics_of_several_relevant_items_by_hand() -> None:
    found = [[1, 3, 7], [2, ABSENT, ABSENT]]
    assert metrics.hit_rate(found, 3).tolist() == [1, 1]
    assert metrics.recall(found, 3) == pytest.approx([2 / 3, 1])
    assert metrics.ndcg(found, 3) == pytest.approx([(1 + 0.5) / (1 + LOG3 + 0.5), LOG3])
    assert metrics.ndcg(found, 2) == pytest.approx([1 / (1 + LOG3), LOG3])  # two of three would be ideal
    assert metrics.mrr(found, 3) == pytest.approx([1, 1 / 2])
    assert metrics.average_precision(found, 3) == pytest.approx([(1 + 2 / 3) / 3, 1 / 2])
    assert metrics.average_precision(found, 7) == pytest.approx([(1 + 2 / 3 + 3 / 7) / 3, 1 / 2])


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_scikit_learn_agrees(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.linspace(0, 1, 25), (8, 1)), axis=1)  # no ties, which are counted otherwise there
    relevance = rng.random((8, 25)) < 0.2
    relevance[:, 0] = True
    found = metrics.ranks_of_several(scores, [np.flatnonzero(row) for row in relevance], [[]] * 8)
    assert metrics.ndcg(found, k).mean() == pytest.approx(ndcg_score(relevance, scores, k=k))
    precision = label_ranking_average_precision_score(relevance, scores)
    assert metrics.average_precision(found, 25).mean() == pytest.approx(precision)
    assert metrics.recall(found, k) == pytest.approx(
        [np.isin(np.argsort(-own)[:k], np.flatnonzero(wanted)).sum() / wanted.sum()
         for own, wanted in zip(scores, relevance, strict=True)]
    )  # fmt: skip


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 10))
@settings(max_examples=20, deadline=None)
def test_scikit_learn_agrees_on_one_relevant_item(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.linspace(0, 1, 12), (9, 1)), axis=1)
    targets = rng.integers(12, size=9)
    found = ranks(scores, targets, [[]] * 9)
    hits = top_k_accuracy_score(targets, scores, k=k, labels=np.arange(12))
    assert metrics.hit_rate(found, k).mean() == metrics.recall(found, k).mean() == pytest.approx(hits)
    # With one label each, its average precision is its reciprocal rank.
    reciprocal = label_ranking_average_precision_score(np.eye(12, dtype=bool)[targets], scores)
    assert metrics.mrr(found, 12).mean() == pytest.approx(reciprocal)


@pytest.mark.parametrize("metric", [metrics.hit_rate, metrics.recall, metrics.ndcg, metrics.mrr])
def test_ranks_that_are_none_are_refused(metric: object) -> None:
    assert callable(metric)
    with pytest.raises(ValueError, match="no relevant item"):
        metric([[ABSENT, ABSENT]], 10)
    with pytest.raises(ValueError, match="from 1"):
        metric([-1], 10)
    with pytest.raises(ValueError, match="from 1"):
        metric([1], 0)


def test_bootstrap_is_the_known_interval_of_a_share() -> None:
    """300 of 1,000 people: the interval of the normal approximation is .3 ± 1.96 · √(.3 · .7 / 1000)."""
    interval = bootstrap([1.0] * 300 + [0.0] * 700, seed=1)
    half = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert interval.value == pytest.approx(0.3)
    assert (interval.low, interval.high) == pytest.approx((0.3 - half, 0.3 + half), abs=0.002)
    assert interval == bootstrap([1.0] * 300 + [0.0] * 700, seed=1)
    assert interval != bootstrap([1.0] * 300 + [0.0] * 700, seed=2)


def test_bootstrap_agrees_with_scipy() -> None:
    values = np.random.default_rng(0).exponential(size=400)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=10_000, rng=0).confidence_interval
    ours = bootstrap(values, seed=0)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.005)


def test_bootstrap_of_equal_values_and_of_nothing() -> None:
    assert bootstrap([0.25, 0.25], seed=0) == Interval(0.25, 0.25, 0.25)
    with pytest.raises(ValueError, match="shape"):
        bootstrap([], seed=0)
    with pytest.raises(ValueError, match="finite"):
        bootstrap([np.nan], seed=0)


def test_a_share_of_nobody_or_of_everybody_is_not_sure() -> None:
    nobody, everybody = bootstrap_share(np.zeros(10), seed=0), bootstrap_share(np.ones(10), seed=0)
    assert (nobody.value, nobody.low, nobody.high) == pytest.approx((0, 0, 0.2775), abs=1e-4)
    assert (everybody.value, everybody.low, everybody.high) == pytest.approx((1, 0.7225, 1), abs=1e-4)
    assert bootstrap_share([0, 1, 1], seed=3) == bootstrap([0, 1, 1], seed=3)


def test_values_of_one_person_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 6, 300)
    sums = counts * rng.random(300)  # a person's values are alike: there are far fewer draws than values
    pooled = bootstrap_pooled(sums, counts, seed=1)
    assert pooled.value == pytest.approx(sums.sum() / counts.sum())
    residuals = sums - pooled.value * counts
    error = np.sqrt((residuals**2).sum()) / counts.sum()  # of a ratio, linearised
    assert (pooled.low, pooled.high) == pytest.approx(
        (pooled.value - 1.96 * error, pooled.value + 1.96 * error), abs=0.004
    )
    alike = bootstrap_pooled(np.array([0.0, 1, 1]), np.ones(3), seed=1)
    assert alike.value == bootstrap([0.0, 1, 1], seed=1).value


def test_the_paired_test_agrees_with_all_sign_flips() -> None:
    a, b = np.array([3.0, 2.0, 5.0, 4.0, 1.0, 6.0]), np.array([1.0, 3.0, 1.0, 2.0, 0.0, 1.0])
    means = [np.mean((a - b) * signs) for signs in product((-1, 1), repeat=6)]
    exact = np.mean(np.abs(means) >= np.mean(a - b) - 1e-12)
    test = paired_test(a, b, seed=0)
    assert test.difference == pytest.approx(13 / 6)
    assert test.p == pytest.approx(exact, abs=0.01)
    assert test.low < 13 / 6 < test.high


def test_the_paired_test_is_two_sided_and_seeded() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)
    b = a - 0.05 + rng.normal(size=200)
    forth, back = (paired_test(*runs, seed=0, resamples=4000) for runs in ((a, b), (b, a)))
    assert (forth.difference, forth.p) == pytest.approx((-back.difference, back.p))
    assert forth.p == pytest.approx(stats.ttest_rel(a, b).pvalue, abs=0.01)
    assert forth == paired_test(a, b, seed=0, resamples=4000)
    assert paired_test(a, a, seed=0).p == 1
    assert paired_test(np.ones(20), np.zeros(20), seed=0).p == pytest.approx(1 / 10_001)
    with pytest.raises(ValueError, match="200 and 199"):
        paired_test(a, b[1:], seed=0)


def test_the_paired_test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.random(10), rng.random(10) * 0.5
    exact = stats.permutation_test(  # of all 1,024 sign flips
        (a, b), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples", vectorized=True
    )
    ours = paired_test(a, b, seed=0, resamples=100_000)
    assert 0.01 < exact.pvalue < 0.9
    assert (ours.difference, ours.p) == pytest.approx((exact.statistic, exact.pvalue), abs=0.005)
    interval = stats.bootstrap((a - b,), np.mean, method="percentile", n_resamples=10_000, rng=0).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high), abs=0.01)


def test_p_values_are_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(0)
    p = [paired_test(rng.random(60) < 0.3, rng.random(60) < 0.3, seed=seed, resamples=500).p for seed in range(300)]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.09


def test_tests_that_are_made_together_are_corrected_together() -> None:
    rng, base = np.random.default_rng(4), np.zeros(200)
    values = {mean: rng.normal(mean, 1, 200) for mean in (0, 0.15, 1, 0.01, 0.02, 0.03)}
    found = paired_tests({mean: (own, base) for mean, own in values.items()}, seed=0, resamples=2_000)
    alone = {mean: paired_test(own, base, seed=0, resamples=2_000) for mean, own in values.items()}
    assert [(one.p, one.interval) for one in found.values()] == [(one.p, one.interval) for one in alone.values()]
    assert [one.corrected for one in found.values()] == holm([one.p for one in found.values()]).tolist()
    assert alone[0.15].p < LEVEL  # by itself it would be taken for more than chance
    assert [mean for mean, one in found.items() if one.holds] == [1]
    assert paired_tests({}, seed=0) == {}


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == pytest.approx([1, 1])
    assert holm([]).tolist() == []


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_step_by_step(p: list[float]) -> None:
    """As Holm (1979) describes it: the smallest against level / m, the next against level / (m - 1), and so on."""
    level, rejected = 0.05, set()
    for step, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[place] * (len(p) - step) > level:  # from the first that fails on, none is
            break
        rejected.add(place)
    assert {place for place, own in enumerate(holm(p)) if own <= level} == rejected
