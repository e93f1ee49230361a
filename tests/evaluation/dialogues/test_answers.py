"""Answers for a file of turns."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.dialogue import Dialogue
from core.errors import InputError
from evaluation.dialogues.answers import TurnRanker, write_answers
from evaluation.dialogues.turns import TurnFile
from tests.catalogue import FILMS


def _turns(folder: Path, *records: object) -> TurnFile:
    path = folder / "turns.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return TurnFile(path, FILMS)


def _in_order(dialogue: Dialogue) -> np.ndarray:
    """The first row is the best, whatever was said."""
    return -np.arange(len(FILMS), dtype=np.float32)


def _says(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_answers_leave_out_what_was_seen_or_named(tmp_path: Path) -> None:
    turns = _turns(
        tmp_path,
        {"id": "a", "messages": _says("I loved Fargo (1996)"), "seen": [1, "unknown"]},
        {"id": 7, "messages": []},
    )
    out = tmp_path / "deep" / "out.jsonl"
    assert write_answers(TurnRanker(FILMS, _in_order), turns, out, 2) == 0
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"id": "a", "item_ids": ["3", "4"]},
        {"id": 7, "item_ids": ["1", "2"]},
    ]
    assert turns.unknown == 1
    assert [path.name for path in out.parent.iterdir()] == ["out.jsonl"]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    turns = _turns(tmp_path, *({"id": number, "messages": _says("hello")} for number in range(4)))
    out = tmp_path / "out.jsonl"
    answered = 0

    def interrupted(dialogue: Dialogue) -> np.ndarray:
        nonlocal answered
        answered += 1
        if answered == 3:
            raise KeyboardInterrupt
        return _in_order(dialogue)

    with pytest.raises(KeyboardInterrupt):
        write_answers(TurnRanker(FILMS, interrupted), turns, out, 2, model_state="m")
    assert not out.exists()
    assert write_answers(TurnRanker(FILMS, _in_order), turns, out, 2, model_state="m") == 2
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [0, 1, 2, 3]


def test_another_model_starts_anew(tmp_path: Path) -> None:
    turns = _turns(tmp_path, {"id": 1, "messages": _says("hello")})
    out = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.part").write_text('{"id": 1, "item_ids": []}\n')
    (tmp_path / "out.jsonl.part.json").write_text("of another run")
    assert write_answers(TurnRanker(FILMS, _in_order), turns, out, 1) == 0
    assert json.loads(out.read_text()) == {"id": 1, "item_ids": ["1"]}


def test_ids_are_numbers_where_the_file_writes_numbers(tmp_path: Path) -> None:
    turns = _turns(tmp_path, {"id": 1, "messages": [], "seen": [1, 2]})
    out = tmp_path / "out.jsonl"
    write_answers(TurnRanker(FILMS, _in_order), turns, out, 2)
    assert json.loads(out.read_text()) == {"id": 1, "item_ids": [3, 4]}


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        ({"messages": []}, "no id"),
        ({"id": 1}, "must be lists"),
        ({"id": 1, "messages": [], "seen": "7"}, "must be lists"),
        ({"id": 1, "messages": [{"role": "nobody", "content": "x"}]}, "needs a role"),
        ({"id": 1, "messages": ["x"]}, "needs a role"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, record: object, cause: str) -> None:
    with pytest.raises(InputError, match=f"turns.jsonl, line 2: .*{cause}"):
        _turns(tmp_path, {"id": 1, "messages": []}, record)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lines"):
        _turns(tmp_path)
