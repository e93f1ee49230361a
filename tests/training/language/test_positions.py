"""Nothing past the split is ever learned from."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits import HELD_OUT
from training.language.positions import (
    learned_from,
    test_positions,
    training_positions,
    validation_positions,
)

test_positions.__test__ = False  # type: ignore[attr-defined]  # a function of the product, not a test

# Every item of a sequence is another one, so that an item says where it was chosen.
sequences = st.lists(st.integers(0, 25), min_size=1, max_size=8).map(
    lambda lengths: [np.arange(length) + 100 * person for person, length in enumerate(lengths)]
)


@given(sequences, st.integers(1, 12))
def test_no_training_example_holds_an_item_at_or_past_the_split(people: list[npt.NDArray[np.int64]], late: int) -> None:
    for position in training_positions(people, late):
        held_out = set(people[position.person][-HELD_OUT:].tolist())
        assert position.target not in held_out
        assert not held_out & set(position.history.tolist())


@given(sequences, st.integers(1, 12))
def test_the_ranker_of_the_examples_never_saw_their_targets(people: list[npt.NDArray[np.int64]], late: int) -> None:
    known = {item for sequence in learned_from(people, late) for item in sequence.tolist()}
    assert not known & {position.target for position in training_positions(people, late)}
    known = {item for sequence in learned_from(people) for item in sequence.tolist()}
    assert not known & {position.target for position in validation_positions(people)}
    assert not known & {position.target for position in test_positions(people)}


def test_a_history_by_hand() -> None:
    [sequence] = [np.array([5, 3, 8, 1, 9, 2])]
    assert [(p.history.tolist(), p.target) for p in training_positions([sequence], 2)] == [([5, 3, 8], 1)]
    [validation], [test] = validation_positions([sequence]), test_positions([sequence])
    assert (validation.history.tolist(), validation.target) == ([5, 3, 8, 1], 9)
    assert (test.history.tolist(), test.target) == ([5, 3, 8, 1, 9], 2)
    assert [each.tolist() for each in learned_from([sequence])] == [[5, 3, 8, 1]]
    assert learned_from([sequence], 2) == []
