import json
from pathlib import Path

import numpy as np
import pytest

from cli.evaluate.unbiased import unbiased
from core.errors import InputError


def run(folder: Path, train: str, test: str, *, method: str = "snips", json: bool = True) -> Path:
    for name, text in (("train.csv", train), ("test.csv", test)):
        (folder / name).write_text(text, encoding="utf-8")
    out = folder / "scores.jsonl"
    unbiased(folder / "train.csv", folder / "test.csv", out, None, None, method, 0, json=json)
    return out


def ratings() -> str:
    rng = np.random.default_rng(0)
    rows = [(user, item, 1 + (user + item) % 2 * 3) for user in range(40) for item in range(30) if rng.random() < 0.3]
    return "".join(f"u{user},{item},{rating}\n" for user, item, rating in rows)


def test_every_pair_gets_a_score_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(tmp_path, ratings(), "u1,2,5\nu0,3\nnobody,2,1\nu1,999,1\n")
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(line["user"], line["item"]) for line in lines] == [("u1", 2), ("u0", 3), ("nobody", 2), ("u1", 999)]
    assert all(1 <= line["score"] <= 4 for line in lines[2:])  # the unknown: sensible
    summary = json.loads(capsys.readouterr().out)
    assert (summary["pairs"], summary["unknown_users"], summary["unknown_items"]) == (4, 1, 1)
    assert 0 < summary["effective_sample_size"] <= summary["ratings"]
    assert summary["alarm"] == ""


def test_the_tests_ratings_change_nothing(tmp_path: Path) -> None:
    first = run(tmp_path, ratings(), "u1,2,5\nu0,3,1\n").read_text(encoding="utf-8")
    assert run(tmp_path, ratings(), "u1,2,1\nu0,3,words\n").read_text(encoding="utf-8") == first


def test_one_rating_is_enough_for_a_score(tmp_path: Path) -> None:
    out = run(tmp_path, "1,2,3\n", "1,2\n5,6\n", json=False)
    scores = [json.loads(line)["score"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert scores == pytest.approx([3, 3], abs=0.5)


def test_bad_input_is_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train.csv, line 2"):
        run(tmp_path, "1,2,3\n1,2,x\n", "1,2\n")
    with pytest.raises(InputError, match="no method 'magic'"):
        run(tmp_path, "1,2,3\n", "1,2\n", method="magic")
    assert not (tmp_path / "scores.jsonl").exists()
