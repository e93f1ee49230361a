"""Files of histories in, files of lists out, with everything that can be wrong with them."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.errors import InputError
from core.item import Item, ItemTable
from evaluation.ranking import answers
from evaluation.ranking.answers import write_answers
from evaluation.ranking.metrics import UNKNOWN
from evaluation.ranking.sequences import SequenceFile

ITEMS = ItemTable([Item(id=str(number), title=f"Film {number}") for number in (10, 20, 30, 40)])


class Ordered:
    """Likes earlier rows better, and an item after itself; breaks off before batch number `stop`, as a user may."""

    def __init__(self, stop: int | None = None) -> None:
        self.stop = stop
        self.people = 0
        self.batches = 0

    def scores(self, histories: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        if self.batches == self.stop:
            raise KeyboardInterrupt
        self.batches += 1
        self.people += len(histories)
        scores = np.tile(-np.arange(len(ITEMS), dtype=np.float32), (len(histories), 1))
        for own, history in zip(scores, histories, strict=True):
            own[list(history)] += 100
        return scores


def sequences(folder: Path, *lines: str) -> SequenceFile:
    path = folder / "sequences.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return SequenceFile(path, ITEMS)


def written(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_lists_keep_the_types_of_ids(tmp_path: Path) -> None:
    numbers = sequences(tmp_path, '{"user_id": 7, "item_ids": [10, 30.0]}', '{"user_id": "x", "item_ids": []}')
    write_answers(Ordered(), numbers, tmp_path / "out", 2, len(ITEMS))
    assert written(tmp_path / "out") == [
        {"user_id": 7, "item_ids": [20, 40], "scores": [-1, -3]},
        {"user_id": "x", "item_ids": [10, 20], "scores": [0, -1]},
    ]
    texts = sequences(tmp_path, '{"user_id": 7, "item_ids": ["10", "30"]}', '{"user_id": 8, "item_ids": []}')
    write_answers(Ordered(), texts, tmp_path / "out", 2, len(ITEMS))
    assert [line["item_ids"] for line in written(tmp_path / "out")] == [["20", "40"], ["10", "20"]]


def test_unknown_and_repeated_items_and_a_large_k(tmp_path: Path) -> None:
    file = sequences(tmp_path, "", '{"user_id": 1, "item_ids": [99, 20, 20, 98, 99], "more": null}')
    assert (file.people, file.unknown) == (1, 3)
    assert next(iter(file)).choices == (UNKNOWN, 1, 1, UNKNOWN, UNKNOWN)
    write_answers(Ordered(), file, tmp_path / "out", 100, len(ITEMS))
    assert written(tmp_path / "out")[0]["item_ids"] == [10, 30, 40]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: it is not JSON"),
        ("[]", "line 2: it is not a JSON object"),
        ('{"item_ids": []}', "line 2: user_id is neither text nor a number"),
        ('{"user_id": 1}', "line 2: item_ids is not a list"),
        ('{"user_id": 1, "item_ids": "10"}', "line 2: item_ids is not a list"),
        ('{"user_id": 1, "item_ids": [true]}', "line 2: 'True' in item_ids is no id"),
        ('{"user_id": 1, "item_ids": [1.5]}', "line 2: '1.5' in item_ids is no id"),
        ('{"user_id": 1, "item_ids": [NaN]}', "line 2: 'None' in item_ids is no id"),
        ('{"user_id": 1, "item_ids": [[10]]}', "line 2: '[10]' in item_ids is no id"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        sequences(tmp_path, '{"user_id": 1, "item_ids": [10]}', line)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no lines"):
        sequences(tmp_path)
    with pytest.raises(InputError, match=r"none\.jsonl can't be read"):
        SequenceFile(tmp_path / "none.jsonl", ITEMS)
    with pytest.raises(InputError, match="is a folder"):
        SequenceFile(tmp_path, ITEMS)
    file = sequences(tmp_path, '{"user_id": 1, "item_ids": [10]}')
    with pytest.raises(InputError, match="is a folder"):
        write_answers(Ordered(), file, tmp_path, 1, len(ITEMS))
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="can't be written"):
        write_answers(Ordered(), file, tmp_path / "taken" / "out", 1, len(ITEMS))


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SequenceFile:
    """Seven people, of whom four were answered in batches of two before the run was killed within a line."""
    monkeypatch.setattr(answers, "BATCH", 2)
    file = sequences(tmp_path, *(json.dumps({"user_id": user, "item_ids": [10]}) for user in range(7)))
    with pytest.raises(KeyboardInterrupt):
        write_answers(Ordered(stop=2), file, tmp_path / "out", 2, len(ITEMS), ranker_state="a")
    with (tmp_path / "out.part").open("a") as part:
        part.write('{"user_id": 4, "item_')
    return file


def test_an_interrupted_run_goes_on(tmp_path: Path, interrupted: SequenceFile) -> None:
    assert not (tmp_path / "out").exists()
    ranker = Ordered()
    assert write_answers(ranker, interrupted, tmp_path / "out", 2, len(ITEMS), ranker_state="a") == 4
    assert ranker.people == 3
    assert [line["user_id"] for line in written(tmp_path / "out")] == list(range(7))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "sequences.jsonl"]


@pytest.mark.parametrize(("k", "state", "users"), [(1, "a", 7), (2, "b", 7), (2, "a", 6)])
def test_other_inputs_start_anew(tmp_path: Path, interrupted: SequenceFile, k: int, state: str, users: int) -> None:
    file = sequences(tmp_path, *(json.dumps({"user_id": user, "item_ids": [10]}) for user in range(users)))
    ranker = Ordered()
    assert write_answers(ranker, file, tmp_path / "out", k, len(ITEMS), ranker_state=state) == (
        4 if (k, state, users) == (2, "a", 7) else 0
    )
    assert ranker.people == users
    assert {len(line["item_ids"]) for line in written(tmp_path / "out")} == {k}


def test_batches_shrink_with_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_CELLS", 3 * len(ITEMS))
    file = sequences(tmp_path, *(json.dumps({"user_id": user, "item_ids": []}) for user in range(7)))
    ranker = Ordered()
    write_answers(ranker, file, tmp_path / "out", 1, len(ITEMS))
    assert ranker.batches == 3
