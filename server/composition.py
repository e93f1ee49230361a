"""Wires the parts together: the one place that knows which part is used for what."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.parts import Parts
from agent.recommender import Recommender
from agent.turn import ChatTurn
from agent.understand.choose import choose_understanding
from core.artifacts import Wording
from core.errors import EngineError, InputError
from core.generator import Generator
from core.settings import Settings
from debias.popularity import PopularityCorrection
from encoders.text import TextEncoder
from index.evidence import EvidenceWriter
from index.retriever import Retriever
from index.shortlist import Shortlister
from server.artifacts import Artifacts, load_artifacts
from server.embedded_model import language_model
from server.engine import Engine
from server.external_engine import ExternalEngine
from server.local_engine import LocalEngine
from server.services import Services
from server.state import StateStore
from server.tokens import token_counter
from server.vllm_command import NO_SPECULATION, Hardware, detect_hardware
from server.vllm_generator import VllmGenerator

LOG = Path("state", "vllm.log")


@dataclass(frozen=True)
class Product:
    """Everything that runs: the API's services, and what must be started and stopped around them."""

    services: Services
    engine: Engine
    generator: VllmGenerator
    parts: Parts
    artifacts: Artifacts

    @property
    def wording(self) -> Wording:
        return self.artifacts.manifest.wording


def build(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Product:
    """Load what `prepare` made, and make an engine that is not started yet.

    Raises ArtifactError or InputError, which say what to run or to change.
    """
    artifacts = load_artifacts(settings.artifacts, settings.catalog, text_encoder=settings.text_encoder)
    engine, model = make_engine(settings, say)
    generator = VllmGenerator(engine, total_timeout=settings.generation_timeout)
    parts = make_parts(settings, artifacts, generator)
    services = Services(
        settings=settings,
        turn=ChatTurn(parts),
        items=artifacts.items,
        recommend=Recommender(parts),
        engine=engine,
        state=StateStore(settings.database_url, catalog=artifacts.manifest.catalog),
        count_tokens=token_counter(model),
        samples=bool(settings.llm_url) or settings.sampling or not _on_cpu(),
    )
    return Product(services, engine, generator, parts, artifacts)


def make_parts(settings: Settings, artifacts: Artifacts, generator: Generator) -> Parts:
    """The parts of a turn, from an artifact folder."""
    manifest = artifacts.manifest
    evidence = EvidenceWriter(
        artifacts.items, artifacts.statistics, artifacts.history, artifacts.graph, manifest.wording
    )
    shortlister = Shortlister(
        artifacts.items,
        artifacts.embeddings,
        artifacts.history,
        artifacts.statistics,
        artifacts.graph,
        evidence,
        PopularityCorrection(artifacts.statistics.chosen),
    )
    return Parts(
        items=artifacts.items,
        wording=manifest.wording,
        item_embeddings=artifacts.embeddings,
        understanding=choose_understanding(settings.understanding, artifacts.items, generator, manifest.wording.items),
        encoder=TextEncoder(settings.text_encoder, device="cpu"),  # a GPU's memory belongs to vLLM
        retriever=Retriever(artifacts.dense, artifacts.lexical),
        shortlister=shortlister,
        evidence=evidence,
        generator=generator,
        settings=settings,
    )


def make_engine(settings: Settings, say: Callable[[str], None]) -> tuple[Engine, str]:
    """The engine, and the name or folder of its model as far as it is known here."""
    if settings.llm_url:
        if not settings.llm_url.startswith(("http://", "https://")):
            cause = f"The address {settings.llm_url!r} of the language model is no http address."
            raise InputError(cause, mend="Give one such as http://127.0.0.1:8000/v1.")
        key = settings.llm_key.get_secret_value()
        return ExternalEngine(settings.llm_url, key=key, model=settings.model), settings.model
    model = language_model(settings.model, settings.artifacts, say)
    return LocalEngine(model, log=LOG, extra=NO_SPECULATION if settings.sampling and _on_cpu() else ()), model


def _on_cpu() -> bool:
    try:
        return detect_hardware() is Hardware.CPU
    except EngineError:  # the engine will tell it when it starts
        return False
