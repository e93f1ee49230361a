"""`tastemaker train soft-prompt` and `lora`: options that can't be, and a whole run on a small catalogue."""

import json
from pathlib import Path

import pytest

from cli.train.adapter import language_settings, train_adapter
from cli.train.lora import lora
from core.adapter import AdapterLayout, base_model_identity, read_adapter
from core.errors import InputError
from tests.catalogue import FILMS
from tests.training.language.tiny import write_tiny_model


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": "sideways"}, "--order can't be 'sideways'"),
        ({"method": "magic"}, "--method can't be 'magic'"),
        ({"tokens": 0}, "--tokens can't be 0"),
        ({"learning_rate": float("nan")}, "--learning-rate can't be nan"),
        ({"candidates": 99}, "--candidates can't be 99"),
    ],
)
def test_wrong_settings_are_one_clear_line(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        language_settings(changes)


def test_layers_are_a_number_or_all() -> None:
    with pytest.raises(InputError, match="--layers can't be 'many'"):
        lora("films", layers="many")
    assert language_settings({"layers": None, "epochs": None}).layers is None


@pytest.mark.slow
def test_a_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from server.prepare import prepare

    folder = tmp_path / "films"
    folder.mkdir()
    lines = [{"id": one.id, "title": one.title, "categories": list(one.categories), "year": one.year} for one in FILMS]
    (folder / "items.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ids = [item.id for item in FILMS]
    people = [{"user_id": str(user), "item_ids": (ids[user % 12 :] + ids)[:9]} for user in range(60)]
    (folder / "sequences.jsonl").write_text("".join(f"{json.dumps(person)}\n" for person in people))
    prepare(str(folder), artifacts=tmp_path / "artifacts")
    monkeypatch.setenv("TASTEMAKER_ARTIFACTS", str(tmp_path / "artifacts"))
    model = write_tiny_model(tmp_path / "model")
    small = {"examples": 8, "candidates": 4, "late": 3, "width": 8, "latest": 2}
    train_adapter("films", str(model), "both", layers=1, **small)
    printed = json.loads(capsys.readouterr().out)
    layout = AdapterLayout(tmp_path / "artifacts" / "films" / "adapters" / "both")
    manifest = read_adapter(layout, base_model_identity(model))
    assert Path(printed["adapter"]) == layout.root
    assert (manifest.has_soft_prompt, manifest.has_lora) == (True, True)
    train_adapter("films", str(model), "soft-prompt", order="soft-only", tokens=2, **small)
    soft = read_adapter(AdapterLayout(layout.root.parent / "soft-prompt"), base_model_identity(model))
    assert (soft.has_soft_prompt, soft.has_lora, soft.person_tokens) == (True, False, 2)
