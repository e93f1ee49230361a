"""Adapters are refused with one line where they don't fit."""

import json
from pathlib import Path

import pytest

from core.adapter import AdapterLayout, AdapterManifest, base_model_identity, read_adapter, write_manifest
from core.errors import ArtifactError, InputError

CONFIG = {"model_type": "llama", "hidden_size": 8, "num_hidden_layers": 2, "vocab_size": 10, "dtype": "bfloat16"}


def model(folder: Path, **changes: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    return folder


@pytest.fixture
def layout(tmp_path: Path) -> AdapterLayout:
    layout = AdapterLayout(tmp_path / "demo")
    layout.root.mkdir()
    layout.projector.touch()
    layout.embeddings.touch()
    layout.lora.mkdir()
    (layout.lora / "adapter_config.json").write_text("{}")
    manifest = AdapterManifest(
        name="demo",
        base_model=base_model_identity(model(tmp_path / "small")),
        dimensions=4,
        has_soft_prompt=True,
        has_lora=True,
    )
    write_manifest(layout, manifest)
    return layout


def test_what_was_written_is_read(layout: AdapterLayout, tmp_path: Path) -> None:
    manifest = read_adapter(layout, base_model_identity(tmp_path / "small"))
    assert (manifest.name, manifest.base_model.hidden_size, manifest.base_model.name) == ("demo", 8, "small")


def test_how_a_model_was_saved_makes_no_other_model_of_it(layout: AdapterLayout, tmp_path: Path) -> None:
    copy = model(tmp_path / "copy", dtype="float32", transformers_version="9", _name_or_path="elsewhere")
    assert read_adapter(layout, base_model_identity(copy)).name == "demo"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hidden_size": 16}, "is for a model with hidden size 8 and 2 layers; other has hidden size 16 and 2 layers"),
        ({"num_hidden_layers": 3}, "other has hidden size 8 and 3 layers"),
        ({"vocab_size": 11}, "was trained on small, not on other"),
    ],
)
def test_another_model_is_refused(layout: AdapterLayout, tmp_path: Path, changes: dict[str, object], said: str) -> None:
    other = base_model_identity(model(tmp_path / "other", **changes))
    with pytest.raises(InputError, match=said) as caught:
        read_adapter(layout, other)
    assert "Set TASTEMAKER_MODEL to small, or train" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_damaged_parts_are_named(layout: AdapterLayout, tmp_path: Path) -> None:
    small = base_model_identity(tmp_path / "small")
    layout.projector.unlink()
    with pytest.raises(ArtifactError, match=r"lacks .*projector\.safetensors\. Train it again"):
        read_adapter(layout, small)
    layout.manifest.write_text('{"name": "demo"}')
    with pytest.raises(ArtifactError, match=r"manifest\.json can't be read"):
        read_adapter(layout, small)
    layout.manifest.unlink()
    with pytest.raises(ArtifactError, match="is unfinished"):
        read_adapter(layout, small)
    with pytest.raises(ArtifactError, match="does not exist"):
        read_adapter(AdapterLayout(tmp_path / "none"), small)


def test_another_format_is_refused(layout: AdapterLayout, tmp_path: Path) -> None:
    layout.manifest.write_text(layout.manifest.read_text().replace('"format_version": 1', '"format_version": 9'))
    with pytest.raises(ArtifactError, match="has format 9; this version reads format 1"):
        read_adapter(layout, base_model_identity(tmp_path / "small"))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"hidden_size": "many"}'])
def test_a_folder_without_a_model_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="holds no language model"):
        base_model_identity(tmp_path)
