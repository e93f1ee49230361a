"""The corrections of a turn's candidates, by name, as the shortlist asks for them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from debias.groups import FloatArray, IntArray
from debias.interventional import PopularityCorrection
from debias.parity import ParityReranker


class Corrections:
    """For popularity always, as strong as each request wants it; for parity where the operator has turned it on."""

    def __init__(
        self,
        popularity: PopularityCorrection,
        parity: ParityReranker | None = None,
        groups: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`groups` are each known user's groups by column."""
        self._popularity = popularity
        self._parity = parity
        self._groups = groups or {}

    def shifts(
        self,
        rows: IntArray,
        scores: npt.NDArray[np.floating],
        history: Sequence[int],
        strength: float,
        user: str | None = None,
        *,
        learned: npt.NDArray[np.floating] | None = None,
        prior: npt.NDArray[np.floating] | float = 0.0,
    ) -> dict[str, FloatArray]:
        """What each correction that is on adds to the scores [m] of rows [m]; one that is off is not among them.

        `learned` [m] is the part of the scores that was learned from choices, where exposure works (None: all of it),
        and `prior` [m] the part that is popularity itself. Raises ValueError for a strength outside [0, 1].
        """
        found = {}
        if strength != 0:
            learned = scores if learned is None else learned
            found["popularity"] = self._popularity.shifts(rows, learned, history, strength, prior)
        if self._parity is not None and user is not None and user in self._groups:
            found["parity"] = self._parity.shifts(rows, scores, self._groups[user])
        return found
