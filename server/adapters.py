"""Which adapters there are, and how vLLM serves them: merged into the weights or beside them.

On a CPU a LoRA that is applied to each request halves vLLM's speed, so one adapter is merged into a checkpoint of its
own, once. On a GPU it costs little, and several can be asked for by name. Several adapters on a CPU are served beside
the base model, at half the speed: merged weights could not serve the others. An adapter with soft prompts only needs no
other weights. Knows nothing of how a prompt is made.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.adapter import (
    AdapterLayout,
    AdapterManifest,
    BaseModelIdentity,
    base_model_identity,
    read_adapter,
    read_manifest,
)
from core.errors import ArtifactError, InputError
from server.atomic import replacing
from server.vllm_command import PROMPT_EMBEDDINGS, Hardware, lora_arguments

Say = Callable[[str], None]

# Adapters that come with the program, for the data of the demonstration.
SHIPPED = Path(__file__).parent / "shipped_adapters"

_SMALL_FILES = (".json", ".jinja", ".model", ".txt")  # a checkpoint's files besides its weights


@dataclass(frozen=True)
class Adapter:
    """An adapter that fits the model."""

    layout: AdapterLayout
    manifest: AdapterManifest

    @property
    def name(self) -> str:
        return self.manifest.name


@dataclass(frozen=True)
class Serving:
    """What vLLM is started with: a checkpoint, further arguments, and names by which the checkpoint is served too."""

    model: str
    arguments: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def adapters_folder(catalog_root: Path) -> Path:
    """Where the adapters of a catalogue stand, a folder each."""
    return catalog_root / "adapters"


def adapter_folder(catalog_root: Path, name: str) -> Path:
    """The folder of a catalogue's adapter, or of the one of that name that comes with the program."""
    own = adapters_folder(catalog_root) / name
    return SHIPPED / name if not own.is_dir() and (SHIPPED / name).is_dir() else own


def adapter_names(catalog_root: Path) -> list[str]:
    """The catalogue's own adapters that are finished, by name."""
    return sorted(path.parent.name for path in adapters_folder(catalog_root).glob("*/manifest.json"))


def adapters_of(catalog_root: Path, catalog_hash: str) -> list[AdapterLayout]:
    """What may rank a catalogue unasked: its own adapters, the latest first, then those that come with its data."""
    own = [AdapterLayout(adapters_folder(catalog_root) / name) for name in adapter_names(catalog_root)]
    shipped = [AdapterLayout(path.parent) for path in sorted(SHIPPED.glob("*/manifest.json"))] if catalog_hash else []
    return [
        *sorted(own, key=lambda one: one.manifest.stat().st_mtime, reverse=True),
        *(one for one in shipped if read_manifest(one).catalog_hash == catalog_hash),
    ]


def checkpoint_folder(model: str) -> Path:
    """Where a model's files stand: the folder itself, or a hub name's, downloaded when it isn't there yet.

    Raises InputError where it can't be had.
    """
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.jinja", "*.model", "*.txt", "*.safetensors"]))
    except (OSError, ValueError) as error:
        cause = f"The files of the model {model} can't be had ({str(error).splitlines()[0]})."
        raise InputError(cause, mend="Set TASTEMAKER_MODEL to a folder, or connect to the hub.") from error


def find_adapters(
    wanted: str,
    catalog_root: Path,
    model: str,
    *,
    catalog_hash: str = "",
    items_hash: str = "",
    say: Say = lambda _: None,
) -> tuple[Adapter, ...]:
    """The adapters of a setting: names of the catalogue's or folders, comma-separated, the one that ranks first.

    `model` is a folder or a hub name, `catalog_hash` says which data the catalogue was made from and `items_hash`
    which items it has in which order: what is said of them may have changed since an adapter was trained. Empty: the
    first of `adapters_of` that fits, if any; `say` hears why an own one was passed over; "none": none. Raises
    ArtifactError or InputError for a named one that does not exist, is damaged, or was trained for another model or
    with other items.
    """
    catalog = _Catalog(catalog_hash, items_hash)
    names = [name for part in wanted.split(",") if (name := part.strip())]
    unasked = [] if names else adapters_of(catalog_root, catalog_hash)
    if names == ["none"] or not (names or unasked):
        return ()
    identity = base_model_identity(checkpoint_folder(model), model if not Path(model).is_dir() else "")
    if not names:
        return _first_fitting(unasked, identity, catalog, say)
    found = []
    for name in names:
        folder = Path(name) if "/" in name else adapter_folder(catalog_root, name)
        if not folder.is_dir():
            there = ", ".join(adapter_names(catalog_root)) or "none"
            raise InputError(f"There is no adapter {name!r} (there is: {there}).", mend=_MEND)
        found.append(_fitting(AdapterLayout(folder), identity, catalog))
    if len({adapter.name for adapter in found}) < len(found):
        raise InputError("Two adapters have the same name.", mend="Name each adapter once.")
    return tuple(found)


@dataclass(frozen=True)
class _Catalog:
    """What an adapter must have been trained with; empty: anything."""

    catalog_hash: str
    items_hash: str

    def has_items_of(self, manifest: AdapterManifest) -> bool:
        """Only soft tokens know items (`server.making.adapters` gives them new ones); words need none."""
        if manifest.items_hash and self.items_hash:
            return manifest.items_hash == self.items_hash or not manifest.has_soft_prompt
        return not self.catalog_hash or manifest.catalog_hash in ("", self.catalog_hash)


def _first_fitting(
    layouts: Sequence[AdapterLayout], identity: BaseModelIdentity, catalog: _Catalog, say: Say
) -> tuple[Adapter, ...]:
    for layout in layouts:
        try:
            return (_fitting(layout, identity, catalog),)
        except ArtifactError as error:
            say(f"{error.cause} It is passed over; `tastemaker train lora` trains it again.")
        except InputError:  # for another model
            continue
    return ()


def _fitting(layout: AdapterLayout, identity: BaseModelIdentity, catalog: _Catalog) -> Adapter:
    manifest = read_adapter(layout, identity)
    if not catalog.has_items_of(manifest):
        mend = "Train it again with `tastemaker train lora`, or clear TASTEMAKER_ADAPTER."
        raise ArtifactError(
            f"The adapter {manifest.name} was trained with another catalogue or other items.", mend=mend
        )
    return Adapter(layout, manifest)


def serving(
    adapters: Sequence[Adapter], model: str, *, hardware: Hardware, models: Path, say: Say = lambda _: None
) -> Serving:
    """How to start vLLM for these adapters. `model` is the base's folder or name; `models` is where merged ones go."""
    soft = PROMPT_EMBEDDINGS if any(adapter.manifest.has_soft_prompt for adapter in adapters) else ()
    plain = tuple(adapter.name for adapter in adapters if not adapter.manifest.has_lora)
    low_rank = [adapter for adapter in adapters if adapter.manifest.has_lora]
    if not low_rank:
        return Serving(model, soft, plain)
    if hardware is Hardware.CPU and len(adapters) == 1:
        return Serving(str(merged_model(low_rank[0], Path(model), models, say)), soft, (low_rank[0].name,))
    loras = lora_arguments({adapter.name: adapter.layout.lora for adapter in low_rank})
    return Serving(model, (*soft, *loras), plain)


def merged_model(adapter: Adapter, base: Path, models: Path, say: Say = lambda _: None) -> Path:
    """A checkpoint with the adapter's LoRA in its weights, in `models`; made when it isn't there yet.

    Its name carries a hash of the adapter's weights, so that a new training makes a new one; those of earlier trainings
    are removed. Raises InputError where it can't be written.
    """
    stem = f"{base.resolve().name}-{adapter.name}"
    target = models / f"{stem}-{_lora_hash(adapter.layout)}"
    if not target.is_dir():  # it is there as a whole or not at all
        say(f"Merging the adapter {adapter.name} into the language model, once.")
        try:
            with replacing(target) as unfinished:
                _merge(base, adapter.layout.lora, unfinished)
            _remove_others(models, stem, target)
        except OSError as error:
            cause = f"The merged language model can't be written to {target} ({error.strerror or error})."
            mend = "Make room there, or set TASTEMAKER_ARTIFACTS to another folder."
            raise InputError(cause, mend=mend) from error
    return target


def _merge(base: Path, lora: Path, target: Path) -> None:
    """Fold low-rank weights into a checkpoint, in float32, and save it in the base's own type, with its tokenizer."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # `say` has told what takes the time
    model = AutoModelForCausalLM.from_pretrained(base, dtype="auto")
    stored = model.dtype
    merged = PeftModel.from_pretrained(model.float(), lora).merge_and_unload()  # type: ignore[no-untyped-call]
    merged.to(stored).save_pretrained(target)
    for file in base.iterdir():
        if file.suffix in _SMALL_FILES and not file.name.endswith(".index.json") and not (target / file.name).exists():
            shutil.copy(file, target)


def _lora_hash(layout: AdapterLayout) -> str:
    digest = hashlib.sha256()
    for file in sorted(layout.lora.glob("adapter_*")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _remove_others(models: Path, stem: str, kept: Path) -> None:
    for folder in models.glob(f"{stem}-*"):
        if folder != kept and re.fullmatch(re.escape(stem) + "-[0-9a-f]{12}", folder.name):
            shutil.rmtree(folder)


_MEND = "Train one with `tastemaker train lora`, or clear TASTEMAKER_ADAPTER."
