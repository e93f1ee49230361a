"""`tastemaker evaluate rank` over a small catalogue that was prepared for real."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cli.evaluate.rank import rank
from core.errors import ArtifactError, InputError
from server import composition
from server.artifacts import Artifacts
from server.prepare import prepare
from tests.catalogue import FILMS

# Three tastes; people of one taste chose the same films.
CROWDS = [["1", "2", "3", "9", "12"], ["6", "7", "8", "11"], ["4", "10", "5", "1"]]


class EachAlone:
    """The prepared history model, one history at a time."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._model = artifacts.history

    def scores(self, histories: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        return np.stack([self._model.scores(history) for history in histories])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rank")
    folder = root / "films"
    folder.mkdir()
    (folder / "items.jsonl").write_text("".join(f"{json.dumps({'id': i.id, 'title': i.title})}\n" for i in FILMS))
    people = [{"user_id": str(user), "item_ids": CROWDS[user % 3]} for user in range(30)]
    (folder / "sequences.jsonl").write_text("".join(f"{json.dumps(person)}\n" for person in people))
    prepare(str(folder), artifacts=root / "artifacts")
    return root / "artifacts"


@pytest.fixture(autouse=True)
def environment(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASTEMAKER_ARTIFACTS", str(prepared))
    monkeypatch.setattr(composition, "make_ranker", EachAlone, raising=False)


@pytest.fixture
def sequences(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    lines = [{"user_id": 5, "item_ids": [1, 2, 999]}, {"user_id": 6, "item_ids": []}, {"user_id": 7, "item_ids": [6]}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_lists_for_a_file(sequences: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rank(sequences, tmp_path / "out.jsonl", 3, catalog="films", target_last=False)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["user_id"] for line in lines] == [5, 6, 7]
    assert [len(line["item_ids"]) for line in lines] == [3, 3, 3]
    assert set(lines[0]["item_ids"]) == {3, 9, 12}
    assert set(lines[2]["item_ids"]) == {7, 8, 11}
    assert all(line["scores"] == sorted(line["scores"], reverse=True) for line in lines)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "Choices of items that this catalogue doesn't know, passed over: 1."


def test_the_last_item_as_target(sequences: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sequences.write_text(
        '{"user_id": 1, "item_ids": ["1", "2", "3"]}\n{"user_id": 2, "item_ids": ["6", "x"]}\n'
        '{"user_id": 3, "item_ids": []}\n'
    )
    rank(sequences, tmp_path / "report.json", 10, catalog="films", target_last=True)
    said = capsys.readouterr()
    table = said.out.splitlines()
    assert table[0] == "| shown, or target | people | hr@10 | ndcg@10 | mrr@10 |"
    assert table[2].startswith("| all | 2 | 0.5000 [0.0000, 1.0000] |")
    assert [row.split(" | ")[0] for row in table[3:8]] == [
        "| no history", "| the last item only", *(f"| the last {count} items only" for count in (2, 3, 5))
    ]  # fmt: skip
    assert "Lines without an item, left out: 1." in said.err
    assert "A target among them counts as missed." in said.err
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["slices"][0]["metrics"]["hr@10"] == {"value": 0.5, "low": 0, "high": 1}
    assert len(report["ranks"]) == 2


def test_mistakes_are_one_line(sequences: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--out is needed"):
        rank(sequences, None, 10, catalog="films", target_last=False)
    with pytest.raises(InputError, match="overwrite"):
        rank(sequences, sequences, 10, catalog="films", target_last=False)
    with pytest.raises(ArtifactError, match="not prepared"):
        rank(sequences, tmp_path / "out", 10, catalog="books", target_last=False)
    sequences.write_text('{"user_id": 1, "item_ids": []}\n')
    with pytest.raises(InputError, match="has an item"):
        rank(sequences, None, 10, catalog="films", target_last=True)
    sequences.write_text('{"user_id": 1, "item_ids": []}\n{"user_id": 1}\n')
    with pytest.raises(InputError, match=r"in\.jsonl, line 2"):
        rank(sequences, tmp_path / "out", 10, catalog="films", target_last=False)
    assert list(tmp_path.iterdir()) == [sequences]
    sequences.write_text('{"user_id": 1, "item_ids": ["1", "2"]}\n')
    with pytest.raises(InputError, match=r"file name too long\)\. Choose another --out"):
        rank(sequences, tmp_path / ("x" * 250), 10, catalog="films", target_last=True)


def test_a_changed_catalogue_is_another_state(prepared: Path) -> None:
    from cli.evaluate.rank import _state
    from core.artifacts import ArtifactLayout

    layout = ArtifactLayout(prepared / "films")
    before = _state(layout)
    assert before == _state(layout)
    layout.history_model.touch()
    assert before != _state(layout)
