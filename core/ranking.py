"""Whatever ranks a catalogue's items for a list of choices."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class HistoryRanker(Protocol):
    """Scores every item as the next choice after a history; a person is only the list of what they chose."""

    def scores(self, histories: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Scores [people, items], higher is better, for histories of item rows, oldest first.

        Items of a history keep their scores: who must not recommend them masks them. A history may be empty.
        """
        ...
