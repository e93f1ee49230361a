"""Networks over features: they learn what a weighted sum can't, and serve the same numbers that were trained."""

import numpy as np

from index.dialogue.interactions import REACH, Interactions
from training.interactions import fit_interactions

_CASES, _ITEMS = 400, 12


def _either_but_not_both() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tables [m, 3, w] in which the answer is the only item whose first two signs differ; the third never varies."""
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], size=(_CASES, _ITEMS, 1)).repeat(2, axis=2)
    answer = rng.integers(_ITEMS, size=_CASES)
    signs[np.arange(_CASES), answer, 1] *= -1
    tables = np.concatenate([signs, np.full((_CASES, _ITEMS, 1), 7.0)], axis=2).transpose(0, 2, 1)
    return tables.astype(np.float32), np.eye(_ITEMS, dtype=np.float32)[answer], answer


def test_they_learn_what_features_say_only_together() -> None:
    tables, answers, place = _either_but_not_both()
    trained = fit_interactions(tables[:300], np.zeros((300, _ITEMS), np.float32), answers[:300])
    right = [int(trained(table).argmax()) == answer for table, answer in zip(tables[300:], place[300:], strict=True)]
    assert np.mean(right) > 0.9


def test_a_feature_that_never_varied_says_nothing_and_far_values_are_cut() -> None:
    tables, answers, _ = _either_but_not_both()
    trained = fit_interactions(tables[:64], np.zeros((64, _ITEMS), np.float32), answers[:64])
    table, changed, far, farther = (tables[70].copy() for _ in range(4))
    changed[2] = -1000.0
    np.testing.assert_array_equal(trained(table), trained(changed))
    far[0], farther[0] = 10 * REACH, 1000 * REACH
    np.testing.assert_array_equal(trained(far), trained(farther))


def test_padding_says_nothing_and_a_seed_gives_the_same_networks() -> None:
    tables, answers, _ = _either_but_not_both()
    answers, base = np.pad(answers[:64], ((0, 0), (0, 3))), np.zeros((64, _ITEMS), np.float32)
    base = np.pad(base, ((0, 0), (0, 3)), constant_values=-np.inf)
    padded = [np.pad(tables[:64], ((0, 0), (0, 0), (0, 3)), constant_values=value) for value in (0.0, 50.0)]
    one, other = (fit_interactions(table, base, answers, seed=1) for table in padded)
    np.testing.assert_allclose(one(tables[0]), other(tables[0]), atol=1e-6)


def test_none_adds_nothing() -> None:
    assert Interactions.none(3)(np.ones((3, 5), np.float32)).tolist() == [0.0] * 5
