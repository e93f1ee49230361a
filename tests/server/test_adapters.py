"""Which adapters are found, and what vLLM is started with for them; LoRA is merged by the real peft."""

import json
import os
from pathlib import Path

import pytest
import torch

from core.adapter import read_manifest, write_manifest
from core.errors import ArtifactError, InputError
from server.adapters import Adapter, adapter_names, checkpoint_folder, find_adapters, merged_model, serving
from server.token_table import token_table
from server.vllm_command import Hardware, lora_arguments, vllm_arguments
from tests.server.small_adapter import small_adapter, small_model

IDS = torch.arange(10)[None]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    """A catalogue's folder with three adapters, `both` the latest."""
    root = tmp_path_factory.mktemp("catalog")
    kinds = {"soft": (True, False), "lora": (False, True), "both": (True, True)}
    for age, (name, (soft, lora)) in enumerate(kinds.items()):
        layout = small_adapter(root / "adapters" / name, base, soft=soft, lora=lora)
        os.utime(layout.manifest, (age, age))
    return root


def found(names: str, catalog: Path, base: Path) -> tuple[Adapter, ...]:
    return find_adapters(names, catalog, str(base))


def test_adapters_are_found_by_name_by_folder_and_by_age(catalog: Path, base: Path) -> None:
    assert adapter_names(catalog) == ["both", "lora", "soft"]
    assert [one.name for one in found("soft, lora", catalog, base)] == ["soft", "lora"]
    assert [one.name for one in found(str(catalog / "adapters" / "lora"), catalog, base)] == ["lora"]
    assert [one.name for one in found("", catalog, base)] == ["both"]
    assert found("none", catalog, base) == ()
    assert found("", base, base) == ()  # a catalogue without adapters


def test_an_unknown_adapter_and_a_double_one_are_refused(catalog: Path, base: Path) -> None:
    with pytest.raises(InputError, match=r"no adapter 'x' \(there is: both, lora, soft\)"):
        found("x", catalog, base)
    with pytest.raises(InputError, match="Two adapters"):
        found("soft,soft", catalog, base)


def test_an_adapter_of_another_model_is_passed_over_unless_it_is_named(
    catalog: Path, base: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    config = json.loads((base / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"hidden_size": 32}))
    assert found("", catalog, other) == ()
    with pytest.raises(InputError, match="hidden size 16"):
        found("soft", catalog, other)


def test_one_of_another_catalogue_is_passed_over_unless_it_is_named(base: Path, tmp_path: Path) -> None:
    layout = small_adapter(tmp_path / "adapters" / "demo", base)
    write_manifest(layout, read_manifest(layout).model_copy(update={"catalog_hash": "c"}))
    assert [one.name for one in find_adapters("", tmp_path, str(base), catalog_hash="c")] == ["demo"]
    assert find_adapters("", tmp_path, str(base), catalog_hash="x") == ()
    with pytest.raises(ArtifactError, match="another catalogue"):
        find_adapters("demo", tmp_path, str(base), catalog_hash="x")


def test_an_edit_keeps_an_adapter_as_long_as_the_items_are_the_same(base: Path, tmp_path: Path) -> None:
    layout = small_adapter(tmp_path / "adapters" / "demo", base)
    trained_with = {"catalog_hash": "c", "items_hash": "i"}
    write_manifest(layout, read_manifest(layout).model_copy(update=trained_with))
    lines: list[str] = []

    def names(catalog_hash: str, items_hash: str) -> list[str]:
        options = {"catalog_hash": catalog_hash, "items_hash": items_hash}
        return [one.name for one in find_adapters("", tmp_path, str(base), **options, say=lines.append)]

    assert names("c", "i") == names("after a typo", "i") == ["demo"]
    assert lines == []
    assert names("after a new item", "j") == []
    [line] = lines
    assert line == (
        "The adapter demo was trained with another catalogue or other items. "
        "It is passed over; `tastemaker train lora` trains it again."
    )


def test_one_of_words_alone_knows_no_item(base: Path, tmp_path: Path) -> None:
    layout = small_adapter(tmp_path / "adapters" / "words", base, soft=False, lora=True)
    write_manifest(layout, read_manifest(layout).model_copy(update={"catalog_hash": "c", "items_hash": "i"}))
    options = {"catalog_hash": "after a new item", "items_hash": "j"}
    assert [one.name for one in find_adapters("", tmp_path, str(base), **options)] == ["words"]


def test_one_that_comes_with_the_program_ranks_its_data_until_there_is_an_own_one(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.adapters.SHIPPED", tmp_path / "shipped")
    layout = small_adapter(tmp_path / "shipped" / "films", base)
    write_manifest(layout, read_manifest(layout).model_copy(update={"catalog_hash": "c"}))
    root = tmp_path / "catalog"

    def names(wanted: str, catalog_hash: str) -> list[str]:
        return [one.name for one in find_adapters(wanted, root, str(base), catalog_hash=catalog_hash)]

    assert names("", "c") == names("films", "c") == ["films"]
    assert names("", "x") == names("", "") == names("none", "c") == []
    own = small_adapter(root / "adapters" / "own", base)
    write_manifest(own, read_manifest(own).model_copy(update={"catalog_hash": "c"}))
    assert names("", "c") == ["own"]


def test_a_cpu_merges_one_adapter_and_serves_several_beside_the_model(
    catalog: Path, base: Path, tmp_path: Path
) -> None:
    one = serving(found("both", catalog, base), str(base), hardware=Hardware.CPU, models=tmp_path)
    assert Path(one.model).parent == tmp_path
    assert (one.arguments, one.names) == (("--enable-prompt-embeds",), ("both",))
    two = serving(found("both,lora", catalog, base), str(base), hardware=Hardware.CPU, models=tmp_path)
    assert (two.model, two.names) == (str(base), ())
    assert two.arguments[:4] == ("--enable-prompt-embeds", "--enable-lora", "--max-loras", "2")


def test_a_gpu_keeps_adapters_apart(catalog: Path, base: Path, tmp_path: Path) -> None:
    served = serving(found("lora,soft", catalog, base), str(base), hardware=Hardware.GPU, models=tmp_path)
    folder = catalog / "adapters" / "lora" / "lora"
    assert served.arguments[-5:] == ("1", "--max-lora-rank", "8", "--lora-modules", f"lora={folder}")
    assert (served.model, served.names) == (str(base), ("soft",))
    assert list(tmp_path.iterdir()) == []


def test_soft_prompts_need_no_other_weights(catalog: Path, base: Path, tmp_path: Path) -> None:
    served = serving(found("soft", catalog, base), str(base), hardware=Hardware.CPU, models=tmp_path)
    assert (served.model, served.arguments, served.names) == (str(base), ("--enable-prompt-embeds",), ("soft",))
    assert serving((), str(base), hardware=Hardware.CPU, models=tmp_path).arguments == ()


def test_merged_weights_say_what_peft_says(catalog: Path, base: Path, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    (adapter,) = found("lora", catalog, base)
    said: list[str] = []
    merged = merged_model(adapter, base, tmp_path, said.append)
    apart = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter.layout.lora)
    with torch.inference_mode():
        expected = apart(IDS).logits
        torch.testing.assert_close(AutoModelForCausalLM.from_pretrained(merged)(IDS).logits, expected)
        assert not torch.allclose(AutoModelForCausalLM.from_pretrained(base)(IDS).logits, expected, atol=1e-3)
    assert merged_model(adapter, base, tmp_path, said.append) == merged
    assert said == ["Merging the adapter lora into the language model, once."]


def test_a_new_training_makes_new_merged_weights(base: Path, tmp_path: Path) -> None:
    models, root = tmp_path / "models", tmp_path / "catalog"
    layout = small_adapter(root / "adapters" / "a", base, soft=False, lora=True)
    first = merged_model(found("a", root, base)[0], base, models)
    (models / "small-a-else").mkdir()
    small_adapter(layout.root, base, soft=False, lora=True, rank=8)
    second = merged_model(found("a", root, base)[0], base, models)
    assert sorted(path.name for path in models.iterdir()) == sorted([second.name, "small-a-else"])
    assert first != second


def test_ranks_are_rounded_up_to_what_vllm_takes(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"r": 8, "rank_pattern": {"q_proj": 24}}')
    arguments = lora_arguments({"a": tmp_path})
    assert arguments[arguments.index("--max-lora-rank") + 1] == "32"
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="can't be read"):
        lora_arguments({"a": tmp_path})


def test_the_model_answers_to_its_adapters_names() -> None:
    arguments = vllm_arguments("m", name="n", port=1, hardware=Hardware.GPU, names=("demo",))
    start = arguments.index("--served-model-name")
    assert arguments[start + 1 : start + 3] == ["n", "demo"]


def test_the_token_table_is_read_from_files_whole_or_in_parts(base: Path, tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(base)
    expected = model.get_input_embeddings().weight
    torch.testing.assert_close(token_table(base), expected.data)
    model.save_pretrained(tmp_path / "parts", max_shard_size="8KB")
    assert (tmp_path / "parts" / "model.safetensors.index.json").is_file()
    torch.testing.assert_close(token_table(tmp_path / "parts"), expected.data)


def test_a_model_without_a_table_or_with_broken_files_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no token embeddings"):
        token_table(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(InputError, match="can't be read"):
        token_table(tmp_path)


def test_a_folder_needs_no_download(base: Path) -> None:
    assert checkpoint_folder(str(base)) == base
