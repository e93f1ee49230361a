"""Any causal language model, loaded for tuning: the right numbers for the device, and clear words where it can't be."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from core.adapter import BaseModelIdentity, base_model_identity
from core.devices import has_fast_bfloat16
from core.errors import InputError


@dataclass
class LanguageModel:
    """A causal model with its tokenizer. `tuned` names the parameters that training changes."""

    model: Any  # of transformers, or what peft put around it
    tokenizer: Any
    identity: BaseModelIdentity
    tuned: tuple[str, ...] = ()

    @property
    def device(self) -> torch.device:
        return self.table.device

    @property
    def table(self) -> Tensor:
        """The token embeddings [vocabulary, hidden]."""
        return cast(Tensor, self._causal.get_input_embeddings().weight)

    @property
    def head(self) -> Tensor:
        """The output layer [vocabulary, hidden]."""
        return cast(Tensor, self._causal.get_output_embeddings().weight)

    def states(self, embeddings: Tensor, mask: Tensor | None = None) -> Tensor:
        """Last hidden states [b, t, hidden] behind the final norm, from token embeddings [b, t, hidden]."""
        decoder = self._causal.get_decoder()
        found = decoder(inputs_embeds=embeddings, attention_mask=mask, use_cache=False)
        return cast(Tensor, found.last_hidden_state)

    def weights(self) -> dict[str, nn.Parameter]:
        """The parameters that training changes, by name."""
        wanted = set(self.tuned)
        return {name: value for name, value in self.model.named_parameters() if name in wanted}

    @property
    def _causal(self) -> Any:
        """The transformers model inside of what peft may have put around it."""
        return self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model


def load_language_model(
    folder: Path, *, name: str = "", device: torch.device | None = None, quantised: bool = False, full: bool = False
) -> LanguageModel:
    """Load a checkpoint, frozen. bfloat16 where the device is fast with it; float32 where all of it is tuned (`full`).

    `quantised` holds the weights in four bits (QLoRA, arXiv 2305.14314), on a GPU with bitsandbytes only. Raises
    InputError for a folder without a causal model, or one that memory can't hold.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    identity = base_model_identity(folder, name)
    dtype = torch.bfloat16 if has_fast_bfloat16(device) and not full else torch.float32
    options: dict[str, Any] = {"quantization_config": _four_bits(device)} if quantised else {}
    if device.type == "cpu":
        options["attn_implementation"] = "eager"  # a quarter faster, forth and back, than torch's fused one on a CPU
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the training shows its own
    with clear_memory_errors(f"load {identity.name}"):
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder)
            model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **options)
        except (OSError, ValueError, KeyError) as error:
            cause = f"{folder} can't be loaded as a causal language model ({_first_line(error)})."
            raise InputError(cause, mend="Name a checkpoint of one with --base.") from error
        if not quantised:
            model = model.to(device)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return LanguageModel(model.eval(), tokenizer, identity)


def _four_bits(device: torch.device) -> Any:
    from importlib.util import find_spec

    from transformers import BitsAndBytesConfig as Config

    if device.type != "cuda" or find_spec("bitsandbytes") is None:
        cause = "Four-bit weights (QLoRA) need an NVIDIA GPU and the package bitsandbytes."
        raise InputError(cause, mend="Install it with `pip install bitsandbytes`, or leave --quantised out.")
    return Config(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


@contextmanager
def clear_memory_errors(what: str) -> Iterator[None]:
    """Turn what torch says without memory into one line."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _no_memory(what) from error
    except RuntimeError as error:
        if "allocate memory" not in str(error):
            raise
        raise _no_memory(what) from error


def _no_memory(what: str) -> InputError:
    mend = (
        "Use a lower --batch, a smaller model, or fewer --layers; what was trained until the last checkpoint is kept."
    )
    return InputError(f"There is too little memory to {what}.", mend=mend)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200].rstrip(".")
