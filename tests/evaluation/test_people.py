import numpy as np

from evaluation.people import drawn, latest


def test_a_sample_is_the_same_for_a_seed_and_in_order() -> None:
    everybody = [f"u{person:02}" for person in range(30)]
    some = drawn(everybody, 10, np.random.default_rng(1))
    assert some == drawn(everybody, 10, np.random.default_rng(1)) == sorted(some)
    assert len(set(some)) == 10
    assert some != drawn(everybody, 10, np.random.default_rng(2))
    assert all(drawn(everybody, most, np.random.default_rng(1)) == everybody for most in (None, 30, 99))


def test_no_more_of_a_history_is_shown_than_asked_for() -> None:
    history = np.array([4, 2, 9])
    assert [latest(history, count).tolist() for count in (0, 1, 2, 9)] == [[], [9], [2, 9], [4, 2, 9]]
