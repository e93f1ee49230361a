"""Wires the language model: its adapters, the engine that serves it, what writes and what ranks with it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from agent.no_generator import NoGenerator
from core.errors import EngineError, InputError
from core.settings import Settings
from server.adapters import Adapter, adapters_of, checkpoint_folder, find_adapters, serving
from server.artifacts import Artifacts
from server.choice import VllmChooser
from server.embedded_model import language_model
from server.engine import Engine
from server.external_engine import ExternalEngine
from server.local_engine import LocalEngine
from server.vllm_command import NO_SPECULATION, Hardware, detect_hardware
from server.vllm_generator import VllmGenerator

LOG = Path("state", "vllm.log")


def make_adapters(settings: Settings, artifacts: Artifacts, say: Callable[[str], None]) -> tuple[Adapter, ...]:
    """The adapters that the settings name, or that fit the catalogue; the first one ranks. Raises ArtifactError.

    An engine that runs already serves what whoever started it says: no adapter is taken for it unasked.
    """
    if not settings.has_language_model:
        return ()
    catalog_hash = artifacts.manifest.catalog_hash
    if not settings.adapter and (settings.llm_url or not adapters_of(artifacts.layout.root, catalog_hash)):
        return ()
    model = settings.model if settings.llm_url else language_model(settings.model, settings.artifacts, say)
    items_hash = artifacts.items.ids_hash
    root = artifacts.layout.root
    return find_adapters(settings.adapter, root, model, catalog_hash=catalog_hash, items_hash=items_hash, say=say)


def make_engine(settings: Settings, say: Callable[[str], None], adapters: Sequence[Adapter] = ()) -> tuple[Engine, str]:
    """The engine, and the name or folder of its model as far as it is known here: with an adapter merged, that one."""
    if settings.llm_url:
        if not settings.llm_url.startswith(("http://", "https://")):
            cause = f"The address {settings.llm_url!r} of the language model is no http address."
            raise InputError(cause, mend="Give one such as http://127.0.0.1:8000/v1.")
        key = settings.llm_key.get_secret_value()
        return ExternalEngine(settings.llm_url, key=key, model=settings.model), settings.model
    model = language_model(settings.model, settings.artifacts, say)
    hardware = Hardware.CPU if on_cpu() else Hardware.GPU
    start = serving(adapters, model, hardware=hardware, models=settings.artifacts / "models", say=say)
    extra = (*start.arguments, *(NO_SPECULATION if settings.sampling and on_cpu() else ()))
    return LocalEngine(start.model, log=LOG, names=start.names, extra=extra), start.model


def make_generator(settings: Settings, engine: Engine) -> VllmGenerator | NoGenerator:
    """What writes the answers; nothing does where the settings say that there is no language model."""
    if not settings.has_language_model:
        return NoGenerator()
    return VllmGenerator(engine, total_timeout=settings.generation_timeout)


def make_chooser(engine: Engine, model: str, adapters: Sequence[Adapter], artifacts: Artifacts) -> VllmChooser | None:
    """What ranks the candidates by the first adapter; None without one."""
    if not adapters:
        return None
    return VllmChooser.load(engine, adapters[0], checkpoint_folder(model), artifacts.items, artifacts.manifest.wording)


def on_cpu() -> bool:
    try:
        return detect_hardware() is Hardware.CPU
    except EngineError:  # the engine will tell it when it starts
        return False
