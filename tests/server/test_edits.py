"""An owner edits a prepared catalogue: what is made anew, what is kept, and that all of it fits together."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from catalog.source import find_source
from core.adapter import AdapterLayout, AdapterManifest, BaseModelIdentity, read_manifest, write_manifest
from core.artifacts import ArtifactLayout
from core.errors import ArtifactError
from encoders.text import TextEncoder
from server.adapters import adapters_folder
from server.artifacts import Artifacts, load_artifacts
from server.atomic import MARK
from server.early_fusion import early_fusion
from server.making.adapters import fused_items, fusion_folder
from server.making.learned import FOLDER
from server.making.work import TRAINING_CHANGES, Options, Work
from server.prepare import STEPS, Prepared, prepare
from tests.catalogue import FILMS

ROOT = Path(__file__).parents[2]
COPIES = 4  # of each film, so that one more is less than a twentieth of them
PEOPLE = 60  # enough that a sequence model is trained
READ = ["items", "interactions", "users", "contents"]


class Shop:
    """A catalogue's folder and its artifacts."""

    def __init__(self, root: Path) -> None:
        self.folder, self.artifacts = root / "films", root / "artifacts"
        self.layout = ArtifactLayout(self.artifacts / "films")

    def items(self) -> list[dict[str, str]]:
        return _read(self.folder / "items.csv")

    def choices(self) -> list[dict[str, str]]:
        return _read(self.folder / "interactions.csv")

    def write(self, items: list[dict[str, str]] | None = None, choices: list[dict[str, str]] | None = None) -> None:
        for name, rows in (("items", items), ("interactions", choices)):
            if rows is not None:
                with (self.folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, list(rows[0]))
                    writer.writeheader()
                    writer.writerows(rows)

    def prepare(self) -> Prepared:
        return prepare(str(self.folder), artifacts=self.artifacts)

    def load(self) -> Artifacts:
        return load_artifacts(self.artifacts, "films")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("edits")
    shop = Shop(root)
    shop.folder.mkdir()
    films = [
        {
            "id": f"{film.id}-{copy}",
            "title": f"{film.title} {'I' * (copy + 1)}",
            "year": str(film.year),
            "genres": "|".join(film.categories),
            "description": f"{film.title} again, as number {copy + 1}.",
        }
        for copy in range(COPIES)
        for film in FILMS
    ]
    ids = [film["id"] for film in films]
    choices = [
        {"user": f"u{person}", "item": ids[(5 * person + place) % (len(ids) - 2)], "time": str(place), "rating": "4"}
        for person in range(PEOPLE)
        for place in range(6)
    ]
    shop.write(films, choices)
    for training, changes in (("ranker_training", '{"epochs": 1, "members": 1}'), ("fusion_training", '{"epochs": 2}')):
        path: Path = getattr(shop.layout, training) / TRAINING_CHANGES
        path.parent.mkdir(parents=True)
        path.write_text(changes)
    shop.prepare()
    return root


@pytest.fixture
def shop(prepared_once: Path, tmp_path: Path) -> Shop:
    """A copy. A moved folder is read anew, since items name their files by absolute path; nothing else is."""
    shutil.copytree(prepared_once, tmp_path, dirs_exist_ok=True)
    shop = Shop(tmp_path)
    assert list(shop.prepare().seconds) == READ
    return shop


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be trained in this test."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("trained anew")

    monkeypatch.setattr("training.fusion.train_fusion", fail)
    monkeypatch.setattr("training.ranking.learn_ranking", fail)


def trainings(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What a preparation trains."""
    from training import fusion, ranking

    seen: set[str] = set()

    def noted(name: str, train: Callable[..., object]) -> Callable[..., object]:
        def run(*given: object, **named: object) -> object:
            seen.add(name)
            return train(*given, **named)

        return run

    with monkeypatch.context() as patched:
        patched.setattr(fusion, "train_fusion", noted("fusion", fusion.train_fusion))
        patched.setattr(ranking, "learn_ranking", noted("ranker", ranking.learn_ranking))
        shop.prepare()
    return seen


def vectors(loaded: Artifacts) -> dict[str, np.ndarray]:
    """The sequence model's vector of each item."""
    assert loaded.ranker.sequence
    table = loaded.ranker.sequence.members[0].table.detach().numpy()
    return {item.id: table[row] for row, item in enumerate(loaded.items)}


def test_steps_read_earlier_steps_and_sources(shop: Shop) -> None:
    names = [step.name for step in STEPS]
    source = find_source(str(shop.folder), None)
    work = Work(source, shop.layout, Options(), lambda _: None)
    for place, step in enumerate(STEPS):
        assert hasattr(ArtifactLayout, step.writes)
        for read in step.reads:
            if read in names:
                assert names.index(read) < place
            else:
                assert isinstance(work.state(read), str)
    assert not set(names) & {*work.contents.hashes, "catalogue", "conversations"}


@pytest.mark.usefixtures("untrained")
def test_a_typo_encodes_one_text_and_trains_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before, items = shop.load(), shop.items()
    items[3]["description"] = "Alien agian, as number 1."
    shop.write(items)
    encoded: list[str] = []
    encode = TextEncoder._encode_batch
    with monkeypatch.context() as patched:
        patched.setattr(TextEncoder, "_encode_batch", lambda self, texts: encoded.extend(texts) or encode(self, texts))
        done = shop.prepare()
    assert [text[:6] for text in encoded] == ["Alien "]
    assert list(done.seconds) == [*READ, "embeddings", "fusion", "ranker", "dense", "lexical", "graph"]
    after = shop.load()
    changed = np.abs(after.fusion.embeddings - before.fusion.embeddings).max(axis=1) > 1e-6
    assert changed.nonzero()[0].tolist() == [3]
    then, now = vectors(before), vectors(after)
    assert [item for item in now if np.abs(now[item] - then[item]).max() > 1e-5] == [after.items.items[3].id]
    assert after.dense.search(after.embeddings[3], 1)[0][0] == 3
    assert 3 in [row for row, _ in after.lexical.search("agian", 3)]
    assert shop.prepare().seconds == {}


@pytest.mark.usefixtures("untrained")
def test_another_rating_counts_and_that_is_all(shop: Shop) -> None:
    choices = shop.choices()
    choices[0]["rating"] = "1"
    shop.write(choices=choices)
    assert list(shop.prepare().seconds) == [*READ, "statistics"]


@pytest.mark.usefixtures("untrained")
def test_new_items_are_ranked_by_what_they_are(shop: Shop) -> None:
    before, items = shop.load(), shop.items()
    twin = {**items[4], "id": "new"}  # like an item that is there
    shop.write([twin, *items[::-1]])  # and all others in another order
    shop.prepare()
    after = shop.load()
    then, now = vectors(before), vectors(after)
    for item in before.items:
        np.testing.assert_allclose(now[item.id], then[item.id], atol=1e-5)
    assert after.items.row("new") == 0
    assert np.isfinite(after.ranker.scores([[0, 5]])).all()
    by_id = dict(zip((item.id for item in before.items), before.fusion.embeddings, strict=True))
    embeddings = dict(zip((item.id for item in after.items), after.fusion.embeddings, strict=True))
    assert max(np.abs(embeddings[one] - by_id[one]).max() for one in by_id) < 1e-5
    nearest = max(by_id, key=lambda one: float(by_id[one] @ embeddings["new"]))
    assert nearest == items[4]["id"]
    learned = [
        model.scores([model_row])
        for model, model_row in ((before.history, 4), (after.history, after.items.row(items[4]["id"])))
    ]
    scores = dict(zip((item.id for item in after.items), learned[1], strict=True))
    np.testing.assert_allclose([scores[item.id] for item in before.items], learned[0], atol=1e-6)
    assert scores["new"] == 0
    assert after.ranker.popularity[0] == 0
    assert after.history.chosen(after.items.row(items[4]["id"])) == before.history.chosen(4)


@pytest.mark.usefixtures("untrained")
def test_an_item_that_is_gone_takes_its_choices_along(shop: Shop) -> None:
    before, items = shop.load(), shop.items()
    shop.write(items[:6] + items[7:])
    notices = shop.prepare().notices
    assert any("name unknown items" in notice for notice in notices)
    after = shop.load()
    then, now = vectors(before), vectors(after)
    assert then.keys() - now.keys() == {items[6]["id"]}
    assert max(np.abs(now[one] - then[one]).max() for one in now) < 1e-5
    assert after.ranker.scores([[6, 7]]).shape == (1, len(items) - 1)


@pytest.mark.usefixtures("untrained")
def test_a_new_choice_is_counted_at_once(shop: Shop) -> None:
    before, choices = shop.load(), shop.choices()
    shop.write(choices=[*choices, {**choices[-1], "item": "1-0", "time": "9"}])
    done = shop.prepare()
    assert list(done.seconds) == [*READ, "fusion", "history", "ranker", "statistics"]
    after = shop.load()
    row = after.items.row("1-0")
    assert after.statistics.chosen[row] == before.statistics.chosen[row] + 1
    assert after.ranker.popularity[row] > before.ranker.popularity[row]
    assert after.histories[choices[-1]["user"]][-1] == "1-0"


def test_what_was_taken_out_is_forgotten(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(choices=shop.choices()[1:])
    assert trainings(shop, monkeypatch) == {"fusion", "ranker"}
    shop.load()


def test_much_that_is_new_is_learned(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = shop.choices()
    shop.write(choices=choices + [{**choice, "user": f"new {choice['user']}"} for choice in choices[:60]])
    assert trainings(shop, monkeypatch) == {"fusion", "ranker"}
    items = shop.items()
    shop.write(items + [{**item, "id": f"new {item['id']}"} for item in items[:6]])
    assert trainings(shop, monkeypatch) == {"fusion", "ranker"}  # another space is another ranker
    shop.write([{**item, "minutes": str(90 + row)} for row, item in enumerate(shop.items())])
    assert trainings(shop, monkeypatch) == {"fusion", "ranker"}
    assert "numbers" in shop.load().fusion.model.names


def test_small_edits_add_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    items, trained = shop.items(), []
    for number in range(3):
        items.append({**items[number], "id": f"new {number}", "description": f"The sea, number {number}."})
        shop.write(items)
        trained.append(trainings(shop, monkeypatch))
    assert trained == [set(), set(), {"fusion", "ranker"}]


def test_an_edit_that_is_cut_off_ends_as_if_it_had_not_been(shop: Shop, tmp_path: Path) -> None:
    items, choices = shop.items(), shop.choices()
    items[3]["description"] = "On a ship in space."
    shop.write([*items[:10], {**items[4], "id": "new"}, *items[10:]], [*choices, {**choices[-1], "time": "9"}])
    shop.artifacts.rename(tmp_path / "before")
    points = ("contents", "embeddings", "fusion", "ranker", "dense", "")
    ends = []
    for point in points:  # the last one is not cut off
        shutil.copytree(tmp_path / "before", shop.artifacts)
        if point:
            with pytest.raises(KeyboardInterrupt):
                prepare(str(shop.folder), artifacts=shop.artifacts, say=partial(cut_off, f": {point} in "))
            with pytest.raises(ArtifactError, match=r"films is unfinished. Run `tastemaker prepare --catalog films`."):
                shop.load()
        assert point not in shop.prepare().seconds
        ends.append(shop.load())
        shutil.rmtree(shop.artifacts)
    *resumed, whole = ends
    for end in resumed:
        np.testing.assert_allclose(end.fusion.embeddings, whole.fusion.embeddings, atol=1e-6)
        np.testing.assert_allclose(end.ranker.scores([[1, 10]]), whole.ranker.scores([[1, 10]]), atol=1e-5)
        assert [hit[0] for hit in end.dense.search(end.embeddings[10], 2)] == [10, 4]


def cut_off(at: str, line: str) -> None:
    """A `say` that ends it all after a step."""
    if at in line:
        raise KeyboardInterrupt


def test_a_kill_while_a_step_is_written_loses_that_step_alone(shop: Shop) -> None:
    items = shop.items()
    items[3]["description"] = "On a ship in space."
    shop.write(items)
    code = (
        "import os, sys; from pathlib import Path; from index.ranking import BlendedRanker; save = BlendedRanker.save;"
        "BlendedRanker.save = lambda *given: (save(*given), os.kill(os.getpid(), 9));"
        "from server.prepare import prepare; prepare(sys.argv[1], artifacts=Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(shop.folder), str(shop.artifacts)]
    assert subprocess.run(command, check=False, cwd=ROOT, capture_output=True).returncode == -signal.SIGKILL
    assert (shop.layout.root / ".unfinished-ranker").exists()
    assert list(shop.prepare().seconds) == ["ranker", "dense", "lexical", "graph"]
    assert not (shop.layout.root / ".unfinished-ranker").exists()
    shop.load()


def test_a_folder_of_an_earlier_version_serves_and_is_brought_up_to_date(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.layout.contents.unlink()
    for path in shop.layout.root.rglob(MARK):
        path.unlink()
    for folder in (shop.layout.fusion, shop.layout.ranker):
        shutil.rmtree(folder / FOLDER)
    done = json.loads(shop.layout.steps.read_text())
    del done["contents"]
    shop.layout.steps.write_text(json.dumps({name: ["0" * 16, size] for name, (_, size) in done.items()}))
    assert np.isfinite(shop.load().ranker.scores([[1]])).all()
    assert trainings(shop, monkeypatch) == {"fusion", "ranker"}
    assert shop.prepare().seconds == {}


def test_a_dialogue_model_of_other_rows_is_not_served(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    items = shop.items()
    items[0]["description"] = "A typo."
    shop.layout.dialogue_model.write_bytes(b"learned by `train dialogue`")
    shop.write(items)
    shop.prepare()
    assert shop.layout.dialogue_model.exists()  # of the same items
    shop.write(items[1:] + items[:1])
    lines: list[str] = []
    prepare(str(shop.folder), artifacts=shop.artifacts, say=lines.append)
    assert not shop.layout.dialogue_model.exists()
    assert "The dialogue model was of other items: run `tastemaker train dialogue` again." in lines


def test_a_damaged_fusion_is_learned_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.layout.fusion / "model" / "fusion.safetensors").write_bytes(b"")
    assert trainings(shop, monkeypatch) == {"fusion"}  # the same settings and data make the same space
    shop.load()


@pytest.mark.parametrize("file", ["fusion/learned/content.npy", "ranker/learned/chosen.npy"])
def test_what_was_learned_and_is_damaged_is_learned_anew(shop: Shop, file: str) -> None:
    (shop.layout.root / file).write_bytes(b"")
    assert file.partition("/")[0] in shop.prepare().seconds
    shop.load()
    assert not shop.prepare().seconds


def write_adapter(shop: Shop) -> AdapterLayout:
    """An adapter's vectors and manifest, as `train lora` leaves them; its fusion is the one that serves."""
    prepared, adapters = shop.load(), adapters_folder(shop.layout.root)
    folder = fusion_folder(adapters, prepared.manifest.catalog_hash)
    shutil.copytree(shop.layout.fusion, fused_items(folder))
    embeddings = early_fusion(prepared, folder)
    layout = AdapterLayout(adapters / "demo")
    layout.root.mkdir()
    np.save(layout.embeddings, embeddings.astype(np.float16))
    manifest = AdapterManifest(
        name="demo",
        base_model=BaseModelIdentity(name="small", hidden_size=16, num_layers=2, config_hash=""),
        dimensions=embeddings.shape[1],
        has_soft_prompt=True,
        has_lora=True,
        catalog_hash=prepared.manifest.catalog_hash,
        items_hash=prepared.items.ids_hash,
    )
    write_manifest(layout, manifest)
    return layout


def told_of_adapters(shop: Shop) -> list[str]:
    lines: list[str] = []
    prepare(str(shop.folder), artifacts=shop.artifacts, say=lines.append)
    return [line for line in lines if "the adapter demo" in line]


def test_an_adapter_reads_new_items_whatever_else_is_learned_anew(shop: Shop) -> None:
    layout, before, items, choices = write_adapter(shop), shop.load(), shop.items(), shop.choices()
    learned = np.load(layout.embeddings)
    shop.write([{**items[4], "id": "new"}, *items[:0:-1]], choices[1:])  # one new, one gone, and a choice forgotten
    assert told_of_adapters(shop) == ["films: the adapter demo is kept, and reads the items as they are now"]
    after, embeddings = shop.load(), np.load(layout.embeddings)
    assert read_manifest(layout).items_hash == after.items.ids_hash
    rows = [before.items.row(item.id) for item in after.items if item.id != "new"]
    np.testing.assert_array_equal(embeddings[1:], learned[rows])
    assert (learned.astype(np.float32) @ embeddings[0].astype(np.float32)).argmax() == 4  # by what it is
    shop.write(items, choices)
    told_of_adapters(shop)
    np.testing.assert_array_equal(np.load(layout.embeddings), learned)  # what was learned is never lost


@pytest.mark.usefixtures("untrained")
def test_an_edited_text_leaves_an_adapter_alone(shop: Shop) -> None:
    layout, items = write_adapter(shop), shop.items()
    written = layout.manifest.stat().st_mtime_ns
    items[3]["description"] = "Alien again, in other words."
    shop.write(items)
    assert told_of_adapters(shop) == []
    assert layout.manifest.stat().st_mtime_ns == written


def test_why_an_adapter_does_not_fit_any_longer_is_one_line(shop: Shop) -> None:
    layout, items = write_adapter(shop), shop.items()
    known = fused_items(fusion_folder(layout.root.parent, read_manifest(layout).catalog_hash)) / "items.json"
    shop.write([*items, {**items[4], "id": "new"}])
    text = known.read_text()
    known.write_text(text.replace("MiniLM", "another"))

    def lost(why: str) -> list[str]:
        return [f"films: the adapter demo can't be kept: {why} Train it again with `tastemaker train lora`."]

    assert told_of_adapters(shop) == lost("texts or pictures are read by another encoder.")
    known.unlink()
    shop.write([{**items[4], "id": "new"}, *items])
    assert told_of_adapters(shop) == lost("what places its items is not there.")
    known.write_text(text)
    shop.write(items + [{**item, "id": f"new {item['id']}"} for item in items[:6]])
    assert told_of_adapters(shop) == lost("6 items are new to it, more than a twentieth.")
    assert read_manifest(layout).items_hash != shop.load().items.ids_hash
