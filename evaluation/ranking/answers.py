"""Writes the best items for every person of a file, in its order; an interrupted run goes on where it stopped."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from core.ranking import HistoryRanker
from evaluation.ranking.lists import best_items
from evaluation.ranking.sequences import Person, SequenceFile
from evaluation.resumed import resumed

BATCH = 256
_CELLS = 2**25  # scores at a time: 128 MB


def write_answers(
    ranker: HistoryRanker, sequences: SequenceFile, out: Path, k: int, n_items: int, *, ranker_state: str = ""
) -> int:
    """Write `{"user_id", "item_ids", "scores"}` lines, k items each, best first, none of the person's history.

    `ranker_state` names what the ranker was made from: only lists with the same state are gone on with. Gives how many
    lines were there already. Raises InputError when `out` can't be written.
    """
    inputs = {"sequences": sequences.digest, "ranker": ranker_state, "k": k}
    with (
        resumed(out, inputs) as (file, done),
        tqdm(total=sequences.people, initial=done, unit="person", desc="Ranking") as bar,
    ):
        people = islice(sequences, done, None)
        while batch := list(islice(people, min(BATCH, max(1, _CELLS // n_items)))):
            file.writelines(_answers(ranker, sequences, batch, k))
            file.flush()
            bar.update(len(batch))
    return done


def _answers(ranker: HistoryRanker, sequences: SequenceFile, people: Iterable[Person], k: int) -> Iterator[bytes]:
    histories = [person.history for person in people]
    lists = best_items(ranker.scores(histories), histories, k)
    for person, (rows, scores) in zip(people, lists, strict=True):
        answer = {
            "user_id": person.user_id,
            "item_ids": [sequences.item_id(row) for row in rows.tolist()],
            "scores": [float(f"{score:.7g}") for score in scores.tolist()],  # all that float32 holds
        }
        yield (json.dumps(answer, ensure_ascii=False) + "\n").encode()
