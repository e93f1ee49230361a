"""Adapters with random weights for real models: what training would leave behind, without the training."""

from pathlib import Path

import numpy as np
import torch

from core.adapter import AdapterLayout, AdapterManifest, base_model_identity, write_manifest
from encoders.soft_prompt import SoftPromptProjector

DIMENSIONS = 12


def small_adapter(
    folder: Path, base: Path, *, items: int = 4, soft: bool = True, lora: bool = False, rank: int = 4, name: str = ""
) -> AdapterLayout:
    """An adapter for the model in `base`, and for so many items of DIMENSIONS numbers."""
    from server.token_table import token_table

    torch.manual_seed(0)
    layout = AdapterLayout(folder)
    folder.mkdir(parents=True, exist_ok=True)
    identity = base_model_identity(base)
    if soft:
        projector = SoftPromptProjector(DIMENSIONS, identity.hidden_size)
        projector.start_from(token_table(base), person_ids=[5, 6])
        projector.save(layout.projector)
        np.save(layout.embeddings, np.random.default_rng(0).normal(size=(items, DIMENSIONS)).astype(np.float16))
    if lora:
        _random_lora(base, layout.lora, rank)
    manifest = AdapterManifest(
        name=name or folder.name,
        base_model=identity,
        dimensions=DIMENSIONS,
        has_soft_prompt=soft,
        has_lora=lora,
        model_weight=0.5,
    )
    write_manifest(layout, manifest)
    return layout


def small_model(folder: Path) -> Path:
    """A llama of two tiny layers as a checkpoint, with random weights and no tokenizer."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).save_pretrained(folder)  # type: ignore[no-untyped-call]
    return folder


def _random_lora(base: Path, target: Path, rank: int) -> None:
    """Low-rank weights that change what the model says: peft's own begin with none."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    wanted = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["q_proj", "v_proj", "down_proj"])
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), wanted)
    for weight_name, weight in model.named_parameters():
        if "lora_B" in weight_name:
            torch.nn.init.normal_(weight, std=0.02)
    model.save_pretrained(str(target))
