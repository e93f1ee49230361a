import json
from pathlib import Path

import pytest
import torch

from core.errors import InputError
from training.language.adaptation import adapt
from training.language.base_model import load_language_model
from training.language.bottleneck import Bottleneck
from training.language.settings import LanguageTraining

CPU = torch.device("cpu")


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no language model"):
        load_language_model(tmp_path, device=CPU)
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8, "num_hidden_layers": 1, "model_type": "nope"}))
    with pytest.raises(InputError, match="can't be loaded as a causal language model"):
        load_language_model(tmp_path, device=CPU)


def test_four_bits_need_a_gpu(tiny_model: Path) -> None:
    with pytest.raises(InputError, match=r"QLoRA.*bitsandbytes"):
        load_language_model(tiny_model, device=CPU, quantised=True)


def test_all_layers_or_the_last(tiny_model: Path) -> None:
    for layers, expected in ((1, {2}), (2, {1, 2}), (None, {0, 1, 2})):
        model = adapt(load_language_model(tiny_model, device=CPU), LanguageTraining(layers=layers))
        found = {int(name.split(".layers.")[1].split(".")[0]) for name in model.tuned}
        assert found == expected


def test_a_bottleneck_starts_as_nothing(tiny_model: Path) -> None:
    plain = load_language_model(tiny_model, device=CPU, full=True)
    embeddings = torch.randn(2, 5, plain.identity.hidden_size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = plain.states(embeddings)
        model = adapt(plain, LanguageTraining(method="bottleneck", layers=2, rank=4))
        assert sum(isinstance(module, Bottleneck) for module in model.model.modules()) == 4
        torch.testing.assert_close(model.states(embeddings), before)


def test_lora_as_peft_computes_it(tiny_model: Path) -> None:
    """W x + alpha / rank · B A x, against the matrices themselves."""
    model = adapt(load_language_model(tiny_model, device=CPU, full=True), LanguageTraining(rank=2, alpha=6, dropout=0))
    layer = next(module for name, module in model.model.named_modules() if name.endswith("2.mlp.up_proj"))
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    torch.nn.init.normal_(b)
    one = torch.randn(3, model.identity.hidden_size)
    expected = one @ layer.base_layer.weight.T + 3 * one @ a.T @ b.T
    torch.testing.assert_close(layer(one), expected, atol=1e-5, rtol=1e-4)
