"""What something was learned from, kept beside it: it may serve a catalogue that has hardly changed since.

Networks are trained for minutes or hours, and a shop is edited every day. So one that was trained on nearly the same
catalogue is kept: it reads the items as they are now, also new ones, and histories with new choices. It is trained anew
when more than a twentieth of what it would learn from is new to it, and when a choice was taken out, so that what
somebody wants to be forgotten is forgotten.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from core.columns import ITEM_ID, TIME, USER_ID
from core.item import ItemTable
from server.making.work import Work

FOLDER = "learned"
MOST_NEW = 0.05
_FROM, _CHOICES = "from.json", "choices.parquet"


@dataclass(frozen=True)
class LearnedFrom:
    """Items and choices, and what else a training depends on."""

    settings: str  # all that must be the same
    ids: tuple[str, ...]  # in the order of the rows of what was learned
    choices: pl.DataFrame

    @classmethod
    def now(cls, work: Work, *settings: str) -> "LearnedFrom":
        """What a training of today would learn from."""
        choices = work.interactions.select(USER_ID, ITEM_ID, TIME)
        return cls("\n".join(settings), tuple(item.id for item in work.items), choices)

    def save(self, folder: Path) -> None:
        """Write it into the folder of what was learned."""
        folder.mkdir(parents=True, exist_ok=True)
        self.choices.write_parquet(folder / _CHOICES)
        (folder / _FROM).write_text(json.dumps({"settings": self.settings, "ids": self.ids}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LearnedFrom | None":
        """What `save` wrote; None where there is nothing that can be read."""
        try:
            read = json.loads((folder / _FROM).read_text(encoding="utf-8"))
            return cls(read["settings"], tuple(read["ids"]), pl.read_parquet(folder / _CHOICES))
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
            return None

    def suits(self, now: "LearnedFrom") -> bool:
        """Whether what was learned from this may be kept, as far as settings and choices go.

        An item that is gone takes its choices with it: nobody took those out.
        """
        if self.settings != now.settings:
            return False
        still = self.choices.filter(pl.col(ITEM_ID).is_in(now.ids))
        # Times may be numbers of lines, which move with every line above: then places among a person's choices stay.
        pairs = ((still, now.choices), (_placed(still), _placed(now.choices)))
        is_there = any(then.join(today, on=then.columns, how="anti").is_empty() for then, today in pairs)
        return is_there and len(now.choices) - len(still) <= MOST_NEW * len(self.choices)

    def rows(self, items: ItemTable) -> npt.NDArray[np.int64]:
        """The row [n] that each item had in what was learned; -1 for a new one."""
        return earlier_rows(self.ids, items)


def _placed(choices: pl.DataFrame) -> pl.DataFrame:
    return choices.with_columns(pl.int_range(pl.len()).over(USER_ID).alias(TIME))


def earlier_rows(ids: Sequence[str], items: ItemTable) -> npt.NDArray[np.int64]:
    """The place [n] of each item among earlier ids; -1 for a new one."""
    places = {item_id: row for row, item_id in enumerate(ids)}
    return np.array([places.get(item.id, -1) for item in items], dtype=np.int64)
