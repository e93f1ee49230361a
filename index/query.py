"""What a shortlist is made for: a person in a conversation, as one value."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.intent import Intent
from index.fusion import Retrieval

# Fewer items than this are no choice: wishes are given up where fewer meet them all.
MIN_CHOICE = 3


@dataclass(frozen=True)
class PictureLikeness:
    """How an item's picture compares with the one that the person showed: the `place`-th nearest `of` so many."""

    place: int
    of: int


@dataclass(frozen=True)
class Pictures:
    """The items whose pictures are nearest to one that was shown: rows [m], nearest first, and their cosines [m]."""

    rows: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float64]
    of: int = 0  # how many items have a picture

    def likeness(self, row: int) -> PictureLikeness | None:
        """Where an item stands among them."""
        found = np.flatnonzero(self.rows == row)
        return PictureLikeness(int(found[0]) + 1, self.of) if len(found) else None


NO_PICTURES = Pictures(np.empty(0, dtype=np.int64), np.empty(0))


@dataclass(frozen=True, repr=False, kw_only=True)
class Query:
    """All that a ranking of the catalogue depends on. The same query gives the same list.

    `history` are ids, oldest first, of which unknown ones are skipped; `person` [d] is the person's embedding, and
    `user` names them for corrections that ask who they are. `pictures` tells which items' pictures are like one that
    was shown. The list has at most `k` candidates, of which the person will be shown `count`.
    """

    intent: Intent
    history: tuple[str, ...] = ()
    person: npt.NDArray[np.float32] | None = None
    retrieval: Retrieval = field(default_factory=Retrieval)
    pictures: Pictures = NO_PICTURES
    user: str | None = None
    popularity_correction: float = 0.0
    k: int
    count: int = MIN_CHOICE

    @property
    def needed(self) -> int:
        """How many items must meet a wish for it to be insisted on."""
        return min(self.k, max(MIN_CHOICE, self.intent.count or 0))
