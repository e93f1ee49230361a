"""Writes the best items for every person of a file, in the file's order; an interrupted run goes on where it stopped.

Lists are appended to OUT.part in batches, and the file becomes OUT when it is whole. OUT.part.json says what the lists
are made from: another file, ranker or k starts anew.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from core.errors import InputError
from core.ranking import HistoryRanker
from evaluation.ranking.lists import best_items
from evaluation.ranking.sequences import Person, SequenceFile

BATCH = 256
_CELLS = 2**25  # scores at a time: 128 MB


def write_answers(
    ranker: HistoryRanker, sequences: SequenceFile, out: Path, k: int, n_items: int, *, ranker_state: str = ""
) -> int:
    """Write `{"user_id", "item_ids", "scores"}` lines, k items each, best first, none of the person's history.

    `ranker_state` names what the ranker was made from: only lists with the same state are gone on with. Gives how many
    lines were there already. Raises InputError when `out` can't be written.
    """
    part = out.with_name(f"{out.name}.part")
    inputs = json.dumps({"sequences": sequences.digest, "ranker": ranker_state, "k": k})
    with clear_write_errors(out):
        done = _open_part(part, inputs)
        with part.open("ab") as file, tqdm(total=sequences.people, initial=done, unit="person", desc="Ranking") as bar:
            people = islice(sequences, done, None)
            while batch := list(islice(people, min(BATCH, max(1, _CELLS // n_items)))):
                file.writelines(_answers(ranker, sequences, batch, k))
                file.flush()
                bar.update(len(batch))
        os.replace(part, out)  # noqa: PTH105 - the name says what it does to an existing file
        _inputs_path(part).unlink()
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


def _open_part(part: Path, inputs: str) -> int:
    """How many lines of an earlier run can stay; what is broken or was made from other inputs is removed."""
    part.parent.mkdir(parents=True, exist_ok=True)
    described = _inputs_path(part)
    if part.is_file() and described.is_file() and described.read_text(encoding="utf-8") == inputs:
        with part.open("rb+") as file:
            return _keep_whole_lines(file)
    part.unlink(missing_ok=True)
    described.write_text(inputs, encoding="utf-8")
    return 0


def _keep_whole_lines(file: BinaryIO) -> int:
    """Cut off a last line without its end; gives how many lines remain."""
    count = end = 0
    for line in file:
        if line.endswith(b"\n"):
            count += 1
            end += len(line)
    file.truncate(end)
    return count


def _inputs_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


@contextmanager
def clear_write_errors(out: Path) -> Iterator[None]:
    """Turn what a disk does into an InputError."""
    if out.is_dir():
        raise InputError(f"{out} is a folder.", mend="Give --out a file.")
    try:
        yield
    except OSError as error:
        cause = f"{out} can't be written ({error.strerror or error})."
        raise InputError(
            cause, mend="Mend that and run the same command again: it goes on where it stopped."
        ) from error
