"""Which language models can be asked, and the engine that serves them: one that is started here, or an address.

A model is known by two names: what the engine calls it, and an identity that tells its answers from another model's.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from core.errors import EngineError, InputError
from core.settings import Settings
from evaluation.prompts.identity import identity_of_adapter, identity_of_model
from evaluation.prompts.tokens import ABOUT, Counter, local_counter, server_counter
from evaluation.prompts.variants import Variant
from evaluation.running import START_TIMEOUT, check_model, wait_ready
from server.engine import Engine, started
from server.local_engine import MODEL_NAME, LocalEngine

if TYPE_CHECKING:
    from server.adapters import Adapter, Serving

_TIMEOUT = 30.0
Say = Callable[[str], None]


@dataclass
class Models:
    """The models that variants name, before an engine runs. `served` gives each variant's name in the engine."""

    engine: Engine
    counter: Counter
    identity: str  # of the engine's own model
    served: dict[str, str] = field(default_factory=dict)  # by the variant's name
    patience: float = 20.0  # seconds until an engine that is not ready is given up
    checkpoint: Path | None = None  # of the engine's own model, where its files are here
    adapters: dict[str, "Adapter"] = field(default_factory=dict)
    trained: dict[str, str] = field(default_factory=dict)  # a hash of each adapter's files: a new training is another

    def of(self, variant: Variant) -> tuple[str, str]:
        """What the engine calls a variant's model, and its identity."""
        if not variant.kind:
            return self.served[variant.name], self.identity
        identity = f"{self.identity} + {variant.kind} {variant.model} {self.trained.get(variant.model, '')}"
        return self.served[variant.name], identity.strip()

    @contextmanager
    def running(self, say: Say) -> Iterator[Engine]:
        """The engine, ready; it is stopped afterwards. Raises EngineError where it doesn't start."""
        with started(self.engine):
            say("Waiting for the language model …")
            wait_ready(self.engine)
            yield self.engine


def external_models(settings: Settings, variants: Sequence[Variant]) -> Models:
    """Models behind an address that answers. Raises EngineError where it doesn't, InputError for a model it lacks."""
    from server.language_model import make_engine

    engine, _ = make_engine(settings, lambda _: None)
    engine.start()
    try:
        wait_ready(engine)
        address = engine.address
        names = _served(address.url, address.key)
        served = {variant.name: variant.model or address.model for variant in variants}
        _check_served(variants, list(names))
        counter = server_counter(address)
    except BaseException:
        engine.stop()
        raise
    folder = Path(names.get(address.model) or settings.model or "nowhere")
    return Models(engine, counter, address.model, served, checkpoint=folder if folder.is_dir() else None)


def local_models(settings: Settings, variants: Sequence[Variant], catalogs: Sequence[Path], say: Say) -> Models:
    """The model that `serve` would start, with the adapters that variants name. Nothing is started yet.

    `catalogs` are the artifact folders of the catalogues. Raises InputError for an adapter that isn't there or was
    trained for another model.
    """
    from server.embedded_model import language_model
    from server.language_model import LOG, make_engine
    from server.vllm_command import NO_SPECULATION

    model = language_model(settings.model, settings.artifacts, say)
    checkpoint = _checkpoint(model)
    adapters = {variant.model: _adapter(variant, catalogs, model) for variant in variants if variant.kind}
    samples = any(variant.settings.temperature > 0 for variant in variants)
    settings = settings.model_copy(update={"sampling": settings.sampling or samples, "adapter": "none"})
    if adapters:
        served = _serving(list(adapters.values()), model, settings, needs_base=any(not one.kind for one in variants))
        extra = (*(NO_SPECULATION if settings.sampling else ()), *served.arguments)
        engine: Engine = LocalEngine(served.model, log=LOG, extra=extra, names=served.names)
    else:
        engine = make_engine(settings, say)[0]
    return Models(
        engine=engine,
        counter=local_counter(str(checkpoint)) or ABOUT,
        identity=identity_of_model(model, checkpoint),
        served={variant.name: variant.model or MODEL_NAME for variant in variants},
        patience=START_TIMEOUT,
        checkpoint=checkpoint,
        adapters=adapters,
        trained={name: identity_of_adapter(adapter) for name, adapter in adapters.items()},
    )


def _serving(adapters: "list[Adapter]", model: str, settings: Settings, *, needs_base: bool) -> "Serving":
    """How vLLM is started: with the adapter merged where it alone is asked, else with all beside the base model."""
    from server.adapters import Serving, serving
    from server.vllm_command import PROMPT_EMBEDDINGS, detect_hardware, lora_arguments

    if not needs_base:
        return serving(adapters, model, hardware=detect_hardware(), models=settings.artifacts / "models")
    loras = {one.name: one.layout.lora for one in adapters if one.manifest.has_lora}
    plain = tuple(one.name for one in adapters if not one.manifest.has_lora)
    soft = PROMPT_EMBEDDINGS if any(one.manifest.has_soft_prompt for one in adapters) else ()
    return Serving(model, (*soft, *(lora_arguments(loras) if loras else ())), plain)


def _adapter(variant: Variant, catalogs: Sequence[Path], model: str) -> "Adapter":
    """The adapter of that name that fits the model."""
    from server.adapters import adapter_folder, adapter_names, find_adapters

    if variant.kind == "model":
        mend = "Set TASTEMAKER_MODEL, or give --llm with an address that serves several models."
        raise InputError(f"The engine that is started here serves one model, not {variant.model!r}.", mend=mend)
    for root in catalogs:
        if adapter_folder(root, variant.model).is_dir():
            return find_adapters(variant.model, root, model)[0]
    raise _missing(variant, sorted({name for root in catalogs for name in adapter_names(root)}))


def _check_served(variants: Sequence[Variant], names: Sequence[str]) -> None:
    for variant in variants:
        if variant.kind == "soft":
            cause = f"The variant {variant.name} needs the files of the model and of the adapter."
            raise InputError(cause, mend="Leave out --llm, so that the engine is started here.")
        if variant.model and variant.model not in names:
            raise _missing(variant, names)


def _missing(variant: Variant, names: Sequence[str]) -> InputError:
    there = f"There are {', '.join(names)}." if names else "There are none; train one with `tastemaker train lora`."
    return InputError(f"The variant {variant.name} names {variant.model!r}, which isn't there.", mend=there)


def _checkpoint(model: str) -> Path:
    """The folder of a model's files, downloaded where it is a hub name. Raises InputError where it can't be had."""
    from server.adapters import checkpoint_folder

    check_model(model)
    return checkpoint_folder(model)


def _served(url: str, key: str) -> dict[str, str]:
    """The models behind an address, each with the folder or hub name that it is, where the server says so."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{url}/models", headers=headers, timeout=_TIMEOUT, trust_env=False)
        return {str(model["id"]): str(model.get("root") or "") for model in answer.json()["data"]}
    except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise EngineError(f"{url} doesn't say which models it serves.", mend="Correct the address.") from error
