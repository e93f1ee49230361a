"""`tastemaker train sequence` and `train fusion` on a small catalogue: settings that hold, and settings that can't."""

import json
import shutil
from pathlib import Path

import pytest

from cli.train.fusion import fusion
from cli.train.sequence import sequence
from core.artifacts import ArtifactLayout
from core.errors import InputError
from server.artifacts import load_artifacts
from server.making.learned import FOLDER
from server.making.work import TRAINING_CHANGES
from server.prepare import prepare
from tests.catalogue import FILMS

PEOPLE = 60  # enough that a sequence model is trained


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("train")
    folder = root / "films"
    folder.mkdir()
    (folder / "items.jsonl").write_text("".join(f"{json.dumps({'id': i.id, 'title': i.title})}\n" for i in FILMS))
    ids = [item.id for item in FILMS]
    people = [{"user_id": str(user), "item_ids": (ids[user % 12 :] + ids)[:5]} for user in range(PEOPLE)]
    (folder / "sequences.jsonl").write_text("".join(f"{json.dumps(person)}\n" for person in people))
    changes = ArtifactLayout(root / "artifacts" / "films").ranker_training / TRAINING_CHANGES
    changes.parent.mkdir(parents=True)
    changes.write_text('{"epochs": 1, "members": 1}')
    prepare(str(folder), artifacts=root / "artifacts")
    return root


@pytest.fixture
def layout(prepared_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactLayout:
    shutil.copytree(prepared_once / "artifacts", tmp_path / "artifacts")
    monkeypatch.setenv("TASTEMAKER_ARTIFACTS", str(tmp_path / "artifacts"))
    return ArtifactLayout(tmp_path / "artifacts" / "films")


def test_settings_hold_for_later_preparations(layout: ArtifactLayout, prepared_once: Path) -> None:
    sequence("films", dimensions=16, epochs=None)
    shape = json.loads((layout.ranker / "sequence" / "model.json").read_text())
    assert shape["members"] == 1
    assert shape["config"]["dimensions"] == 16
    assert prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds == {}


def test_a_fusion_is_trained_with_other_settings(
    layout: ArtifactLayout, prepared_once: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fusion("films", fusion="late", epochs=1, disentanglement=None)
    told = json.loads(capsys.readouterr().out)
    assert told["epochs"] == 1
    assert told["health"]["entropy"] is None  # late fusion has no weights to learn
    assert json.loads((layout.fusion / "training.json").read_text())["settings"]["fusion"] == "late"
    assert prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds == {}
    with pytest.raises(InputError, match="--fusion can't be 'middle'"):
        fusion("films", fusion="middle")
    with pytest.raises(InputError, match="--dimensions can't be 12"):
        fusion("films", dimensions=12)


@pytest.mark.parametrize("part", ["ranker", "fusion"])
def test_who_asks_for_training_gets_it_though_nothing_has_changed(
    layout: ArtifactLayout, prepared_once: Path, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fusion("films", epochs=1)  # quick ones from here on
    before = load_artifacts(layout.root.parent, "films")
    capsys.readouterr()
    {"ranker": sequence, "fusion": fusion}[part]("films")
    said = capsys.readouterr().err
    assert f"films: {part} in " in said
    assert "is kept" not in said.partition(f"films: {part} in ")[0]
    after = load_artifacts(layout.root.parent, "films")
    assert after.fusion.embeddings.tolist() == before.fusion.embeddings.tolist()  # of the same seed
    assert prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "--epochs can't be 0"),
        ({"learning_rate": float("nan")}, "--learning-rate can't be nan"),
        ({"heads": 3}, "must be a multiple of heads"),
        ({"seed": -1}, "--seed can't be -1"),
    ],
)
def test_wrong_settings_are_not_taken(layout: ArtifactLayout, changes: dict[str, float], message: str) -> None:
    before = (layout.ranker_training / TRAINING_CHANGES).read_text()
    with pytest.raises(InputError, match=message):
        sequence("films", **changes)
    assert (layout.ranker_training / TRAINING_CHANGES).read_text() == before


def test_a_training_that_fails_leaves_what_served(layout: ArtifactLayout, prepared_once: Path) -> None:
    before = load_artifacts(layout.root.parent, "films").ranker.scores([[1, 2]])
    with pytest.raises(InputError, match="diverged"):
        sequence("films", learning_rate=1e30, epochs=3)
    again = load_artifacts(layout.root.parent, "films").ranker.scores([[1, 2]])
    assert again.tolist() == before.tolist()
    assert prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds == {}


def test_what_fails_behind_a_finished_training_is_told_in_a_line(
    layout: ArtifactLayout, prepared_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InputError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr("training.ranking.learn_ranking", fail)
        with pytest.raises(InputError, match="The disk is full"):
            fusion("films", epochs=1)  # it is trained; the ranker, which reads it, is not
    assert not (layout.fusion_training / TRAINING_CHANGES).read_text().count("epochs")
    assert not (layout.fusion_training / FOLDER).exists()
    assert load_artifacts(layout.root.parent, "films").ranker.scores([[1]]).shape == (1, len(FILMS))
    assert "fusion" in prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds
    assert prepare(str(prepared_once / "films"), artifacts=layout.root.parent).seconds == {}


def test_a_training_that_is_cut_off_leaves_what_served(
    layout: ArtifactLayout, prepared_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.ranking.learn_ranking", cut_off)
        with pytest.raises(KeyboardInterrupt):
            sequence("films", dimensions=24)
    assert load_artifacts(layout.root.parent, "films").ranker.scores([[1]]).shape == (1, len(FILMS))
    done = prepare(str(prepared_once / "films"), artifacts=layout.root.parent)
    assert list(done.seconds) == ["ranker"]
