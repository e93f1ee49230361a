"""What a language model and its ranker learn from, so that neither has seen what it is asked for.

Neither of the two held-out choices of a person (`catalog.splits`) is ever a target of training, nor in a history that
training reads. The targets of training are the `late` choices before those: a ranker that is trained on what comes
before them (`learned_from`) has never seen them either, so its scores there are as good, and as bad, as in serving.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from catalog.splits import HELD_OUT, Position, held_out, position

IntArray = npt.NDArray[np.int64]

# A history that is shorter says nothing that the ranker could know.
LEAST_HISTORY = 3


def training_positions(sequences: Sequence[npt.NDArray[np.integer]], late: int) -> list[Position]:
    """The `late` choices of each person before the two that are held out."""
    return [
        position(person, sequence, place)
        for person, sequence in enumerate(sequences)
        for place in range(max(LEAST_HISTORY, len(sequence) - HELD_OUT - late), len(sequence) - HELD_OUT)
    ]


def validation_positions(sequences: Sequence[npt.NDArray[np.integer]]) -> list[Position]:
    """Each person's last choice but one."""
    return held_out(sequences, "validation", least=LEAST_HISTORY)


def test_positions(sequences: Sequence[npt.NDArray[np.integer]]) -> list[Position]:
    """Each person's last choice, of the same people. To be read once, at the end."""
    return held_out(sequences, "test", least=LEAST_HISTORY + 1)


def learned_from(sequences: Sequence[npt.NDArray[np.integer]], late: int = 0) -> list[IntArray]:
    """What a ranker may learn from: everything before the held-out choices, and before the `late` ones."""
    kept = (np.asarray(sequence[: max(0, len(sequence) - HELD_OUT - late)], dtype=np.int64) for sequence in sequences)
    return [sequence for sequence in kept if len(sequence) >= LEAST_HISTORY]
