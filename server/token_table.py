"""A model's token embeddings, read from its checkpoint without loading the model: the file is mapped into memory."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from core.errors import InputError

# How families of models name the table of what goes in; one tied to the output layer is stored under this name too.
_NAMES = ("embed_tokens.weight", "wte.weight", "embed_in.weight", "word_embeddings.weight", "tok_embeddings.weight")


def token_table(folder: Path) -> Tensor:
    """The table [vocabulary, hidden] of a checkpoint's folder, in the type in which it is stored.

    Only the rows that are used are read. Raises InputError where there is none.
    """
    try:
        for file in _files(folder):
            with safe_open(file, framework="pt") as weights:
                found = [name for name in weights.keys() if name.endswith(_NAMES)]  # noqa: SIM118 - no mapping
                if found:
                    table: Tensor = weights.get_tensor(min(found, key=len))
                    return table
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"The weights of the model in {folder} can't be read ({error}).", mend=_MEND) from error
    raise InputError(f"The model in {folder} has no token embeddings as safetensors.", mend=_MEND)


def _files(folder: Path) -> list[Path]:
    """The weights, those that hold the table first where an index tells it."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return sorted(folder.glob("*.safetensors"))
    places: dict[str, str] = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    return [folder / file for name, file in places.items() if name.endswith(_NAMES)]


_MEND = "Save it with transformers' `save_pretrained`."
