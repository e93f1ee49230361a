"""Writes the best items for every turn of a file; an interrupted run goes on where it stopped."""

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.dialogue import Dialogue
from core.item import ItemTable
from evaluation.dialogues.mentions import MentionFinder
from evaluation.dialogues.turns import Turn, TurnFile
from evaluation.resumed import resumed
from index.dialogue.context import Context
from index.franchise import same_work

Scores = Callable[[Dialogue], npt.NDArray[np.float32]]  # a conversation to a score for every item [n]


class TurnRanker:
    """The best items for a turn: by what was said, without what was named or seen, each work once."""

    def __init__(self, items: ItemTable, scores: Scores, fame: npt.NDArray[np.floating] | None = None) -> None:
        """`fame` [n] tells apart items of one title where no year is given."""
        self._items = items
        self._scores = scores
        self._mentions = MentionFinder(items, fame)
        works: dict[object, int] = {}
        self._works = np.array([works.setdefault(same_work(item), len(works)) for item in items])

    def best(self, turn: Turn, k: int) -> list[str]:
        """The ids of at most `k` items, best first, ties by row."""
        dialogue = self._mentions.dialogue(turn.messages, turn.seen)
        scores = self._scores(dialogue).astype(np.float64)
        excluded = np.array([*Context.of(dialogue).named, *turn.seen], dtype=np.int64)
        scores[np.isin(self._works, self._works[excluded])] = -np.inf
        order = np.argsort(-scores, kind="stable")
        order = order[np.isfinite(scores[order])]
        _, first = np.unique(self._works[order], return_index=True)
        return [self._items.items[row].id for row in order[np.sort(first)][:k]]


def write_answers(ranker: TurnRanker, turns: TurnFile, out: Path, k: int, *, model_state: str = "") -> int:
    """Write `{"id", "item_ids"}` lines in the order of the turns; gives how many were there from an earlier run.

    `model_state` names what the ranker was made from. Raises InputError when `out` can't be written.
    """
    inputs = {"turns": turns.digest, "model": model_state, "k": k}
    with (
        resumed(out, inputs) as (file, done),
        tqdm(total=len(turns), initial=done, unit="turn", desc="Answering") as bar,
    ):
        for turn in islice(turns, done, None):
            answer = {"id": turn.id, "item_ids": [turns.item_id(item_id) for item_id in ranker.best(turn, k)]}
            file.write((json.dumps(answer, ensure_ascii=False) + "\n").encode())
            bar.update()
    return done
