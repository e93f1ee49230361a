import numpy as np
import pytest

from encoders.behaviour import BehaviourEncoder
from encoders.cooccurrence import CoOccurrence, History


def test_counts_by_hand() -> None:
    """Neighbours count 1, those two places apart a half, and three places are beyond the window."""
    counts = CoOccurrence(window=2, decay=0.5).count([History([0, 1, 2, 3]), History([1, 0])], 4)
    assert counts.toarray().tolist() == [[0, 2, 0.5, 0], [2, 0, 1, 0.5], [0.5, 1, 0, 1], [0, 0.5, 1, 0]]


def test_choices_far_apart_in_time_count_less() -> None:
    together = CoOccurrence(window=1, half_life=10.0)
    counts = together.count([History([0, 1, 2], [0.0, 10.0, 40.0]), History([0, 2], [np.nan, 5.0])], 3)
    assert counts.toarray().tolist() == [[0, 0.5, 1], [0.5, 0, 0.125], [1, 0.125, 0]]


def test_information_by_hand() -> None:
    """#(0, 1) = 2 of D = 8: log(2 · 8 / (3 · 3)); #(0, 2) = 1: log(1 · 8 / (3 · 2)); below 0 is 0, and log k off."""
    counts = CoOccurrence(window=1).count([History([0, 1]), History([0, 1]), History([0, 2]), History([2, 1])], 3)
    assert counts.toarray().tolist() == [[0, 2, 1], [2, 0, 1], [1, 1, 0]]
    plain = CoOccurrence(smoothing=1.0).information(counts).toarray()
    near, far = np.log(16 / 9), np.log(8 / 6)
    np.testing.assert_allclose(plain, [[0, near, far], [near, 0, far], [far, far, 0]], rtol=1e-6)
    shifted = CoOccurrence(smoothing=1.0, shift=1.5).information(counts).toarray()
    np.testing.assert_allclose(shifted, np.where(plain == near.astype(np.float32), near - np.log(1.5), 0), atol=1e-6)


def test_smoothing_makes_rare_contexts_count_less() -> None:
    counts = CoOccurrence(window=1).count([History([0, 1])] * 9 + [History([0, 2])], 3)
    plain = CoOccurrence(smoothing=1.0).information(counts).toarray()
    smooth = CoOccurrence(smoothing=0.75).information(counts).toarray()
    assert smooth[0, 2] < plain[0, 2]
    assert smooth[0, 1] > plain[0, 1]


CROWDS = [History([0, 1, 2])] * 5 + [History([2, 0, 1])] * 5 + [History([3, 4, 5])] * 5 + [History([5, 3, 4])] * 5


def test_what_is_chosen_together_is_near() -> None:
    encoder = BehaviourEncoder.fit(CROWDS, 8, dimensions=4)
    items, known = encoder.encode_items()
    likeness = items @ items.T
    assert likeness[:3, :3].min() > likeness[:3, 3:6].max() + 0.5
    assert known.tolist() == [True] * 6 + [False] * 2
    assert not items[6:].any()
    np.testing.assert_allclose(np.linalg.norm(items[:6], axis=1), 1, atol=1e-5)


def test_an_item_is_a_history_of_one_and_the_recent_counts_more() -> None:
    encoder = BehaviourEncoder.fit(CROWDS, 8, dimensions=4, decay=0.5, half_life=10.0)
    items = encoder.items
    histories = [History([4]), History([0, 3]), History([0, 3], [0.0, 10.0]), History([0, 7, 3])]
    people, present = encoder.encode(histories)
    assert present.all()
    np.testing.assert_allclose(people[0], items[4], atol=1e-6)
    np.testing.assert_allclose(people[1], (items[0] + 2 * items[3]) / 3, atol=1e-6)
    np.testing.assert_allclose(people[2], (items[0] + 4 * items[3]) / 5, atol=1e-6)
    np.testing.assert_allclose(people[3], (items[0] + 4 * items[3]) / 5, atol=1e-6)  # nobody chose item 7


def test_rows_and_times_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 choices and 1 times"):
        History([0, 1], [0.0])


def test_the_size_of_what_is_counted_at_once_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    histories = [History(generator.integers(20, size=generator.integers(1, 30))) for _ in range(50)]
    at_once = CoOccurrence().count(histories, 20).toarray()
    monkeypatch.setattr("encoders.cooccurrence._PART", 7)
    np.testing.assert_allclose(CoOccurrence().count(histories, 20).toarray(), at_once, rtol=1e-5)
