"""The adapter folder: what makes a language model read a person's embedding, and which model it was trained for.

`read_adapter` refuses what does not fit before anything heavy is loaded. Knows nothing of torch, peft or vLLM.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from core.errors import ArtifactError, InputError
from core.values import Value

FORMAT_VERSION = 1
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"  # an adapter's name is a folder's, and a model's in the API
TRAIN_AGAIN = "Train it again with `tastemaker train lora`."  # the mend of an adapter that can't be used

# What of a checkpoint's config.json says nothing of the weights: where it was saved, by what, and in which numbers.
_INCIDENTAL = frozenset({"_name_or_path", "transformers_version", "dtype", "torch_dtype", "use_cache"})


class BaseModelIdentity(Value):
    """The language model that an adapter was trained on."""

    name: str  # a hub name or a folder's name, for people
    hidden_size: int
    num_layers: int
    config_hash: str  # SHA-256 of the architecture in config.json


class TrainedBy(Value):
    """How an adapter came about, so that it can be made again."""

    command: str = ""
    seed: int = 0
    code_version: str = ""


class AdapterManifest(Value):
    """What an adapter is, and what it fits."""

    format_version: int = FORMAT_VERSION
    name: str = Field(pattern=NAME_PATTERN)
    base_model: BaseModelIdentity
    dimensions: int = Field(gt=0)  # of the embeddings of persons and items
    person_tokens: int = Field(4, gt=0)  # k: how many tokens a person becomes
    has_soft_prompt: bool
    has_lora: bool
    template: str = "choose-v1"
    latest: int = Field(10, ge=0)  # titles of the history in the prompt
    # What a natural logarithm of the model's probability counts beside a standard deviation of the shortlist's score
    # (`core.choice.combined_scores`); fitted on validation.
    model_weight: float = Field(1.0, ge=0)
    catalog_hash: str = ""  # of the catalogue that it was trained with
    # `ItemTable.ids_hash` of its items, whose rows those of the embeddings are; empty in adapters of earlier versions.
    items_hash: str = ""
    trained_by: TrainedBy = TrainedBy()


@dataclass(frozen=True)
class AdapterLayout:
    """Where each file of an adapter stands. The manifest is written last: without it an adapter is unfinished."""

    root: Path

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    @property
    def projector(self) -> Path:
        """Persons and items as tokens: `encoders.soft_prompt.SoftPromptProjector`."""
        return self.root / "projector.safetensors"

    @property
    def embeddings(self) -> Path:
        """The items [n, d], float16, in the space in which the projector was trained.

        Another training of the fusion makes another space, and one that knew the choices which the adapter learned to
        foretell would mislead it: so an adapter has its own.
        """
        return self.root / "embeddings.npy"

    @property
    def lora(self) -> Path:
        """The low-rank weights, as peft writes them."""
        return self.root / "lora"

    @property
    def training(self) -> Path:
        """Checkpoints and the log of the training; serving needs none of it."""
        return self.root / "training"


def base_model_identity(folder: Path, name: str = "") -> BaseModelIdentity:
    """The identity of a checkpoint, from its config.json. Raises InputError when there is none that can be read."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        text: dict[str, Any] = config.get("text_config") or config  # models that also see keep the language part apart
        hidden_size, num_layers = int(text["hidden_size"]), int(text["num_hidden_layers"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        cause = f"The folder {folder} holds no language model whose config.json can be read."
        raise InputError(cause, mend="Name a checkpoint's folder.") from error
    architecture = {key: value for key, value in config.items() if key not in _INCIDENTAL}
    digest = hashlib.sha256(json.dumps(architecture, sort_keys=True).encode()).hexdigest()
    return BaseModelIdentity(
        name=name or folder.resolve().name, hidden_size=hidden_size, num_layers=num_layers, config_hash=digest
    )


def write_manifest(layout: AdapterLayout, manifest: AdapterManifest) -> None:
    """Write the manifest: the last step of making an adapter."""
    text = manifest.model_dump_json(indent=2) + "\n"
    unfinished = layout.manifest.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(layout.manifest)


def read_adapter(layout: AdapterLayout, base_model: BaseModelIdentity) -> AdapterManifest:
    """The manifest of an adapter that fits `base_model`.

    Raises ArtifactError when the folder is missing, unfinished, damaged or of another version, and InputError when the
    adapter was trained for another model.
    """
    manifest = read_manifest(layout)
    _check_files(layout, manifest)
    trained_on = manifest.base_model
    sizes = (trained_on.hidden_size, trained_on.num_layers)
    if sizes != (base_model.hidden_size, base_model.num_layers):
        cause = (
            f"The adapter {manifest.name} is for a model with hidden size {sizes[0]} and {sizes[1]} layers; "
            f"{base_model.name} has hidden size {base_model.hidden_size} and {base_model.num_layers} layers."
        )
        raise InputError(cause, mend=_other_model(trained_on))
    if trained_on.config_hash != base_model.config_hash:
        cause = f"The adapter {manifest.name} was trained on {trained_on.name}, not on {base_model.name}."
        raise InputError(cause, mend=_other_model(trained_on))
    return manifest


def read_manifest(layout: AdapterLayout) -> AdapterManifest:
    """The manifest alone, whatever the model. Raises ArtifactError."""
    name = layout.root.name
    try:
        manifest = AdapterManifest.model_validate_json(layout.manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        state = "is unfinished" if layout.root.is_dir() else "does not exist"
        raise ArtifactError(f"The adapter {layout.root} {state}.", mend=TRAIN_AGAIN) from error
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{layout.manifest} can't be read.", mend=f"Delete {name}. {TRAIN_AGAIN}") from error
    if manifest.format_version != FORMAT_VERSION:
        cause = f"{layout.root} has format {manifest.format_version}; this version reads format {FORMAT_VERSION}."
        raise ArtifactError(cause, mend=f"Delete it. {TRAIN_AGAIN}")
    return manifest


def _check_files(layout: AdapterLayout, manifest: AdapterManifest) -> None:
    wanted = [layout.projector, layout.embeddings] if manifest.has_soft_prompt else []
    wanted += [layout.lora / "adapter_config.json"] if manifest.has_lora else []
    for file in wanted:
        if not file.is_file():
            raise ArtifactError(f"The adapter {manifest.name} lacks {file}.", mend=TRAIN_AGAIN)


def _other_model(trained_on: BaseModelIdentity) -> str:
    return f"Set TASTEMAKER_MODEL to {trained_on.name}, or train an adapter for this model."
