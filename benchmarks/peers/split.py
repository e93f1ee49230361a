"""The data of the comparison: what may be learned from, and the one choice of each person to foretell."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.splits import Part, held_out
from core.errors import InputError

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Leave the last out: `histories` are learned from and are what is known when each target is foretold."""

    name: str
    histories: tuple[IntArray, ...]  # rows in time order, one array for each person
    targets: IntArray  # [p]
    n_items: int

    @classmethod
    def leave_out(cls, name: str, sequences: Sequence[IntArray], n_items: int, part: Part) -> "Split":
        """The targets of a part of `catalog.splits`, and what came before each."""
        people = held_out(sequences, part)
        return cls(name, tuple(one.history for one in people), np.array([one.target for one in people]), n_items)

    @cached_property
    def digest(self) -> str:
        """Changes with anything that a result depends on."""
        text = json.dumps([[history.tolist() for history in self.histories], self.targets.tolist(), self.n_items])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write the histories as one npz file: `items`, `offsets` and `n_items`."""
        offsets = np.cumsum([0, *(len(history) for history in self.histories)])
        np.savez(path, items=np.concatenate(self.histories), offsets=offsets, n_items=self.n_items)


def read_ml_100k() -> tuple[list[IntArray], int]:
    """MovieLens-100K from the catalogue: sorted by (time, item), without its placeholder item 267."""
    from catalog.source import find_source
    from catalog.splits import row_sequences

    catalog = find_source("ml-100k", None).read()
    return row_sequences(catalog.interactions, catalog.items), len(catalog.items)


def read_ml_1m(folder: Path = Path("..", "shared", "data", "ml-1m")) -> tuple[list[IntArray], int]:
    """MovieLens-1M without each person's last film, which is held out elsewhere; all 3,883 films are the catalogue."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", mend="It holds research data that is not part of this.")
    with (folder / "items.jsonl").open(encoding="utf-8") as lines:
        ids = [json.loads(line)["item_id"] for line in lines]
    rows = {item_id: row for row, item_id in enumerate(ids)}
    with (folder / "sequences.jsonl").open(encoding="utf-8") as lines:
        chosen = [json.loads(line)["item_ids"] for line in lines]
    return [np.array([rows[item_id] for item_id in items]) for items in chosen], len(ids)
