"""Which choices may be learned from, and which are kept for choosing settings and for the final measurement.

Of each history of n choices the last one is the test's, the one before is validation's. Neither is ever a target of
training, nor in a history that training reads. The targets of training are the `late` choices before those: a ranker
that is trained on what comes before them (`learned_from`) has never seen them either, so its scores there are as good,
and as bad, as in serving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

# Test and validation.
HELD_OUT = 2
# A history that is shorter says nothing that the ranker could know.
LEAST_HISTORY = 3


@dataclass(frozen=True)
class Position:
    """One choice and what came before it, as rows of the item table, oldest first."""

    person: int  # place among the sequences
    history: IntArray
    target: int


def training_positions(sequences: Sequence[npt.NDArray[np.integer]], late: int) -> list[Position]:
    """The `late` choices of each person before the two that are held out."""
    return [
        _position(person, sequence, place)
        for person, sequence in enumerate(sequences)
        for place in range(max(LEAST_HISTORY, len(sequence) - HELD_OUT - late), len(sequence) - HELD_OUT)
    ]


def validation_positions(sequences: Sequence[npt.NDArray[np.integer]]) -> list[Position]:
    """Each person's last choice but one."""
    return _from_end(sequences, 2)


def test_positions(sequences: Sequence[npt.NDArray[np.integer]]) -> list[Position]:
    """Each person's last choice. To be read once, at the end."""
    return _from_end(sequences, 1)


def learned_from(sequences: Sequence[npt.NDArray[np.integer]], late: int = 0) -> list[IntArray]:
    """What a ranker may learn from: everything before the held-out choices, and before the `late` ones."""
    kept = (np.asarray(sequence[: max(0, len(sequence) - HELD_OUT - late)], dtype=np.int64) for sequence in sequences)
    return [sequence for sequence in kept if len(sequence) >= LEAST_HISTORY]


def _from_end(sequences: Sequence[npt.NDArray[np.integer]], last: int) -> list[Position]:
    return [
        _position(person, sequence, len(sequence) - last)
        for person, sequence in enumerate(sequences)
        if len(sequence) - HELD_OUT >= LEAST_HISTORY
    ]


def _position(person: int, sequence: npt.NDArray[np.integer], place: int) -> Position:
    return Position(person, np.asarray(sequence[:place], dtype=np.int64), int(sequence[place]))
