"""A small catalogue prepared for real: what is made, what is skipped, and what is said when something is wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.artifacts import ArtifactLayout
from core.errors import ArtifactError, InputError
from core.settings import Settings
from server.artifacts import load_artifacts
from server.composition import make_corrections
from server.embedded_model import language_model
from server.manifest import read_manifest
from server.parity import learn_parity
from server.prepare import Prepared, prepare
from server.steps import StepLedger, only_writer

ROOT = Path(__file__).parents[2]
STEPS = ["items", "interactions", "users", "contents", "pictures", "picture_index", "embeddings", "fusion", "history"]
STEPS += ["ranker", "dense", "lexical", "graph", "statistics"]
ITEMS = """\
id,title,director,plot
1,Jaws,Steven Spielberg,A shark attacks swimmers at a beach.
2,E.T.,Steven Spielberg,A boy befriends an alien who was left behind.
3,Fargo,Joel Coen,A kidnapping in the snow goes wrong.
"""
INTERACTIONS = "user,item,time,rating\nann,1,1,5\nann,2,2,4\nbob,1,3,3\nbob,2,4,\ncy,3,5,1\n"


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogue `films` and its `artifacts`; tests get copies of it."""
    root = tmp_path_factory.mktemp("prepared")
    write_catalog(root)
    first = run(root)
    assert list(first.seconds) == STEPS
    return root


@pytest.fixture
def root(prepared_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared_once / "artifacts", tmp_path / "artifacts")
    write_catalog(tmp_path)
    run(tmp_path)  # the catalogue stands elsewhere now; the embeddings come from the cache
    return tmp_path


def write_catalog(root: Path, items: str = ITEMS, interactions: str = INTERACTIONS) -> None:
    (root / "films").mkdir(exist_ok=True)
    (root / "films" / "items.csv").write_text(items)
    (root / "films" / "interactions.csv").write_text(interactions)


def run(root: Path, text_encoder: str = "") -> Prepared:
    return prepare(str(root / "films"), artifacts=root / "artifacts", text_encoder=text_encoder)


def test_what_is_prepared_can_be_loaded(root: Path) -> None:
    loaded = load_artifacts(root / "artifacts", "films")
    assert [item.title for item in loaded.items] == ["Jaws", "E.T.", "Fargo"]
    assert loaded.manifest.catalog == "films"
    assert loaded.manifest.item_count == 3
    assert loaded.manifest.interaction_count == 5
    assert loaded.manifest.wording.items == "films"
    assert loaded.embeddings.shape == (3, 384)
    assert loaded.histories == {"ann": ["1", "2"], "bob": ["1", "2"], "cy": ["3"]}
    assert loaded.statistics.chosen.tolist() == [2, 2, 1]
    assert loaded.statistics.rated.tolist() == [2, 1, 1]
    assert loaded.history.together(0, 1) == 2
    assert loaded.graph.related("1") == {"2": 1}
    assert loaded.dense.search(loaded.embeddings[2], 1)[0][0] == 2
    assert [row for row, _ in loaded.lexical.search("an alien", 3)] == [1]


def test_a_second_run_does_nothing_and_imports_nothing_heavy(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from server.prepare import prepare;"
        "done = prepare(sys.argv[1], artifacts=Path(sys.argv[2])); assert done.seconds == {};"
        "assert not {'torch', 'transformers', 'faiss', 'llama_index'} & set(sys.modules)"
    )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(root / "films"), str(root / "artifacts")], check=True, cwd=ROOT)
    assert time.perf_counter() - started < 10  # half a second on an idle machine


def test_a_changed_item_is_embedded_and_the_others_are_not(root: Path) -> None:
    before = np.load(ArtifactLayout(root / "artifacts" / "films").text_embeddings)
    write_catalog(root, items=ITEMS.replace("the snow", "the desert"))
    with pytest.raises(
        ArtifactError, match=r"films has changed since .* was made. Run `tastemaker prepare --catalog /"
    ):
        load_artifacts(root / "artifacts", "films")
    run(root)
    after = load_artifacts(root / "artifacts", "films").embeddings
    assert np.array_equal(after[:2], before[:2])
    assert not np.array_equal(after[2], before[2])


def test_a_killed_run_goes_on_where_it_stopped(prepared_once: Path, tmp_path: Path) -> None:
    write_catalog(tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from server.prepare import prepare;"
        "prepare(sys.argv[1], artifacts=Path(sys.argv[2]),"
        "        say=lambda line: 'history' in line and os.kill(os.getpid(), 9))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "films"), str(tmp_path / "artifacts")]
    killed = subprocess.run(command, check=False, cwd=ROOT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(ArtifactError, match=r"films is unfinished. Run `tastemaker prepare --catalog films`."):
        load_artifacts(tmp_path / "artifacts", "films")
    assert list(run(tmp_path).seconds) == ["ranker", "dense", "lexical", "graph", "statistics"]
    assert len(load_artifacts(tmp_path / "artifacts", "films").items) == 3


def test_what_another_command_made_of_the_same_inputs_stays(root: Path) -> None:
    layout = ArtifactLayout(root / "artifacts" / "films")
    layout.graph.write_text(layout.graph.read_text() + " ")
    StepLedger(layout.steps).accept("graph", layout.graph)
    StepLedger(layout.steps).accept("never done", layout.graph)
    assert run(root).seconds == {}


def test_a_change_forgets_what_was_learned_from_histories(root: Path) -> None:
    layout = ArtifactLayout(root / "artifacts" / "films")
    layout.dialogue_of_histories.write_bytes(b"")
    write_catalog(root, items=f"{ITEMS}4,Psycho,Alfred Hitchcock,A motel.\n")
    run(root)
    assert not layout.dialogue_of_histories.exists()


def test_a_truncated_file_is_made_again(root: Path) -> None:
    layout = ArtifactLayout(root / "artifacts" / "films")
    layout.text_embeddings.write_bytes(layout.text_embeddings.read_bytes()[:100])
    with pytest.raises(ArtifactError, match="is damaged: a table can't be read"):
        load_artifacts(root / "artifacts", "films")
    assert list(run(root).seconds) == ["embeddings"]


def test_rows_that_do_not_match_the_manifest_are_refused(root: Path) -> None:
    layout = ArtifactLayout(root / "artifacts" / "films")
    layout.items.write_text("".join(layout.items.read_text().splitlines(keepends=True)[:2]))
    with pytest.raises(
        ArtifactError, match=r"the manifest says 3 for items, and 2 is there. Delete the folder and run"
    ):
        load_artifacts(root / "artifacts", "films")


def test_another_encoder_or_format_is_refused(root: Path) -> None:
    with pytest.raises(ArtifactError, match="made with the text encoder all-MiniLM-L6-v2, and other/model is set"):
        load_artifacts(root / "artifacts", "films", text_encoder="other/model")
    layout = ArtifactLayout(root / "artifacts" / "films")
    manifest = json.loads(layout.manifest.read_text())
    layout.manifest.write_text(json.dumps({**manifest, "format_version": 99}))
    with pytest.raises(ArtifactError, match="has format 99; this version reads format 1"):
        read_manifest(layout)
    layout.manifest.write_text("{")
    with pytest.raises(ArtifactError, match="can't be read"):
        read_manifest(layout)


def test_artifacts_work_where_the_catalogue_can_not_be_seen(root: Path) -> None:
    shutil.rmtree(root / "films")
    assert len(load_artifacts(root / "artifacts", "films").items) == 3


def test_a_catalogue_that_nobody_prepared(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactError, match=r"books is not prepared in .*artifacts. Run `tastemaker prepare --catalog books`"
    ):
        load_artifacts(tmp_path / "artifacts", "books")


def test_nobody_chose_anything(tmp_path: Path, prepared_once: Path) -> None:
    shutil.copytree(prepared_once / "artifacts" / "cache", tmp_path / "artifacts" / "cache")
    write_catalog(tmp_path)
    (tmp_path / "films" / "interactions.csv").unlink()
    notices = run(tmp_path).notices
    assert notices == ("Nobody's choices are known: items are found by their words alone.",)
    loaded = load_artifacts(tmp_path / "artifacts", "films")
    assert loaded.history.scores([0]).tolist() == [0, 0, 0]
    assert loaded.statistics.top_rating == 0


def test_a_broken_catalogue_leaves_no_manifest(root: Path) -> None:
    write_catalog(root, items=ITEMS + "4\n")
    with pytest.raises(InputError, match=r"items.csv, line 5: it has 1 fields"):
        run(root)
    with pytest.raises(ArtifactError):
        load_artifacts(root / "artifacts", "films")
    write_catalog(root)
    assert run(root).manifest.item_count == 3


def test_an_artifact_folder_that_is_a_file(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    (tmp_path / "artifacts").touch()
    with pytest.raises(InputError, match=r"artifacts.* is not a folder"):
        run(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_artifact_folder_that_can_not_be_written(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    (tmp_path / "artifacts").mkdir(mode=0o500)
    with pytest.raises(InputError, match="can't be written"):
        run(tmp_path)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalog(tmp_path)
    # A device that is always full stands where the embeddings are to be cached.
    (tmp_path / "artifacts" / "films").mkdir(parents=True)
    (tmp_path / "artifacts" / "films" / ".unfinished-items.jsonl").symlink_to("/dev/full")
    monkeypatch.setattr("server.atomic.remove", lambda path: None)
    with pytest.raises(
        InputError, match=r"The disk is full at .*films. Free some space and run the same command again"
    ):
        run(tmp_path)


def test_two_runs_at_once(root: Path) -> None:
    with only_writer(root / "artifacts" / "films"), pytest.raises(InputError, match="Another prepare is writing"):
        run(root)


def test_a_language_model_that_is_set_is_used_as_it_is(tmp_path: Path) -> None:
    assert language_model("org/model", tmp_path) == "org/model"
    with pytest.raises(InputError, match=r"holds no language model: config.json is missing"):
        language_model(str(tmp_path), tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert language_model(str(tmp_path), tmp_path) == str(tmp_path)


@pytest.mark.slow
def test_the_embedded_language_model_is_converted_once(tmp_path: Path) -> None:
    folder = Path(language_model("", tmp_path))
    assert folder == tmp_path / "models" / "smollm2-135m-instruct"
    assert (folder / "model.safetensors").stat().st_size > 260_000_000
    assert json.loads((folder / "config.json").read_text())["dtype"] == "bfloat16"
    assert (
        "chat_template" in (folder / "tokenizer_config.json").read_text() or (folder / "chat_template.jinja").exists()
    )
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert language_model("", tmp_path) == str(folder)
    assert (folder / "model.safetensors").stat().st_mtime_ns == written


def test_users_are_kept_and_parity_reads_them_only_when_it_is_on(root: Path) -> None:
    (root / "films" / "users.csv").write_text("user,gender\nann,f\nbob,m\n")
    again = run(root)
    assert "users" in again.seconds
    loaded = load_artifacts(root / "artifacts", "films")
    assert loaded.users.rows() == [("ann", "f"), ("bob", "m")]
    _, groups = learn_parity(loaded, ["gender"], bound=0.1)
    assert groups == {"ann": {"gender": "f"}, "bob": {"gender": "m"}, "cy": {"gender": "unknown"}}
    off = make_corrections(Settings(_env_file=None), loaded)
    assert off.shifts(np.arange(3), np.arange(3.0), [], 0.0, "ann") == {}
    on = make_corrections(Settings(_env_file=None, parity="gender"), loaded)
    assert set(on.shifts(np.arange(3), np.arange(3.0), [], 0.0, "ann")) == {"parity"}
    with pytest.raises(InputError, match="no column 'income'"):
        make_corrections(Settings(_env_file=None, parity="gender, income"), loaded)


def test_another_vector_store_by_configuration(root: Path) -> None:
    store = '{"class": "llama_index.core.vector_stores.SimpleVectorStore"}'
    with pytest.raises(InputError, match="no JSON object with a class"):
        prepare(str(root / "films"), artifacts=root / "artifacts", vector_store="faiss")
    made = prepare(str(root / "films"), artifacts=root / "artifacts", vector_store=store)
    assert list(made.seconds) == ["dense"]


def test_items_with_and_without_pictures_come_and_go(root: Path) -> None:
    layout = ArtifactLayout(root / "artifacts" / "films")
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (32, 32), colour).save(root / "films" / f"{name}.png")
    with_pictures = "id,title,image\n1,Jaws,a.png\n2,E.T.,b.png\n3,Fargo,\n"
    write_catalog(root, items=with_pictures)
    assert "image" in _prepared_fusion(root)
    write_catalog(root, items=with_pictures + "4,Psycho,\n")  # no file has changed, and there is a row more
    run(root)
    assert len(np.load(layout.pictures / "present.npy")) == 4
    write_catalog(root, items="id,title,image\n3,Fargo,\n2,E.T.,b.png\n1,Jaws,a.png\n")
    run(root)
    assert np.load(layout.pictures / "present.npy").tolist() == [False, True, True]
    pictures = load_artifacts(root / "artifacts", "films").pictures
    assert pictures is not None
    red = np.load(layout.pictures / "features.npy")[2]
    assert pictures.search(red).rows[0] == 2
    Image.new("RGB", (32, 32), "green").save(root / "films" / "a.png")  # the table stays as it is
    assert list(run(root).seconds) == ["pictures", "picture_index", "fusion", "ranker"]


def _prepared_fusion(root: Path) -> tuple[str, ...]:
    """The kinds of data that a preparation fuses."""
    run(root)
    return load_artifacts(root / "artifacts", "films").fusion.model.names


def test_an_index_of_no_pictures_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom core.item import ItemTable\n"
        "from server.making.pictures import write_picture_index\n"
        f"write_picture_index(Path({str(tmp_path)!r}), None, ItemTable([]))\n"
        "print([name for name in ('torch', 'llama_index', 'faiss') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"
