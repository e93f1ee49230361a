"""What of a language model is tuned: LoRA, bottleneck adapters, or the layers themselves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.errors import InputError
from training.language.base_model import LanguageModel
from training.language.bottleneck import SUBLAYER_ENDS, insert_bottlenecks
from training.language.settings import LanguageTraining


def adapt(language_model: LanguageModel, settings: LanguageTraining) -> LanguageModel:
    """The model with what is to be tuned in it, seeded. Raises InputError where the model has nothing to tune there."""
    if not settings.order.has_weights:
        return language_model
    torch.manual_seed(settings.seed)
    total = language_model.identity.num_layers
    first = 0 if settings.layers is None else max(0, total - settings.layers)
    if settings.method == "lora":
        model = _lora(language_model, settings, list(range(first, total)))
    elif settings.method == "bottleneck":
        model = _bottleneck(language_model, settings, first)
    else:
        model = language_model.model
        for layer in _layers(language_model)[first:]:
            layer.requires_grad_(True)
    tuned = tuple(name for name, value in model.named_parameters() if value.requires_grad)
    return replace(language_model, model=model, tuned=tuned)


def _lora(language_model: LanguageModel, settings: LanguageTraining, layers: list[int]) -> nn.Module:
    """LoRA (Hu et al., arXiv 2106.09685) by peft; the added matrices are float32."""
    from peft import LoraConfig, get_peft_model

    linear = _linear_names(language_model)
    targets = [name for name in settings.targets if name in linear] or sorted(linear)
    if not targets:
        raise InputError(f"{language_model.identity.name} has no linear layers that LoRA can tune.", mend=_OTHER_MODEL)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,  # type: ignore[arg-type]  # it is only divided by the rank
        lora_dropout=settings.dropout,
        target_modules=targets,
        layers_to_transform=layers,
        task_type="CAUSAL_LM",
    )
    wrapped: nn.Module = get_peft_model(language_model.model, config)
    return wrapped


def _bottleneck(language_model: LanguageModel, settings: LanguageTraining, first: int) -> nn.Module:
    identity = language_model.identity
    if not insert_bottlenecks(_layers(language_model)[first:], identity.hidden_size, settings.rank):
        cause = f"{identity.name} has no {' or '.join(SUBLAYER_ENDS)} that a bottleneck could stand behind."
        raise InputError(cause, mend=_OTHER_MODEL)
    model: nn.Module = language_model.model
    return model


def _layers(language_model: LanguageModel) -> list[nn.Module]:
    """The decoder's blocks, first to last."""
    wanted = language_model.identity.num_layers
    for module in language_model.model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == wanted:
            return list(module)
    raise InputError(f"The layers of {language_model.identity.name} can't be found.", mend=_OTHER_MODEL)


def _linear_names(language_model: LanguageModel) -> set[str]:
    """The last part of the names of the linear modules within the blocks."""
    return {
        name.rpartition(".")[2]
        for layer in _layers(language_model)
        for name, module in layer.named_modules()
        if isinstance(module, nn.Linear) or "Linear" in type(module).__name__ or type(module).__name__ == "Conv1D"
    }


def save_weights(language_model: LanguageModel, settings: LanguageTraining, folder: Path) -> None:
    """Write what was tuned: LoRA in peft's format, full tuning as a checkpoint, bottlenecks as safetensors."""
    from safetensors.torch import save_file

    model: Any = language_model.model
    folder.mkdir(parents=True, exist_ok=True)
    if settings.method == "lora":
        halves = {name: value.detach().cpu().half() for name, value in language_model.weights().items()}
        model.save_pretrained(folder, state_dict=halves)  # what serves has no more than sixteen bits of each number
        (folder / "README.md").unlink(missing_ok=True)  # peft's model card: empty headings
        _tidy(folder / "adapter_config.json", language_model.identity.name)
    elif settings.method == "full":
        model.save_pretrained(folder)
        language_model.tokenizer.save_pretrained(folder)
    else:
        weights = {name: value.detach().cpu().contiguous() for name, value in language_model.weights().items()}
        save_file(weights, folder / "bottleneck.safetensors")


def _tidy(path: Path, base: str) -> None:
    """Name the base model in peft's file instead of this machine's folder, and sort what has no order."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": base, "target_modules": sorted(config["target_modules"])}
    path.write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")


_OTHER_MODEL = "Choose another --method or model."
