"""Wires the parts together: the one place that knows which part is used for what."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from agent.no_generator import NoGenerator
from agent.parts import Parts
from agent.recommender import Recommender
from agent.turn import ChatTurn
from agent.understand.choose import choose_understanding
from catalog.splits import interaction_rows
from core.artifacts import Wording
from core.columns import TIME, USER_ID
from core.dialogue import Utterance
from core.generator import Generator
from core.intent import Intent
from core.ranking import HistoryRanker
from core.settings import Settings
from debias.corrections import Corrections
from debias.interventional import popularity_correction
from encoders.image import ImageEncoder
from encoders.text import TextEncoder
from index.dialogue.content import ItemContent
from index.dialogue.model import DialogueModel
from index.evidence import EvidenceWriter
from index.evidence_score import ChoiceTimes
from index.retriever import Retriever
from index.scores import Heard
from index.shortlist import Shortlister
from server.artifacts import Artifacts, configured_artifacts
from server.choice import VllmChooser
from server.engine import Engine
from server.language_model import make_adapters, make_chooser, make_engine, make_generator, on_cpu
from server.no_engine import NoEngine
from server.parity import learn_parity
from server.picture_parts import make_embedders, make_image_encoder, make_pictures
from server.propensities import propensity_health
from server.services import Services
from server.state import StateStore
from server.tokens import token_counter
from server.vllm_generator import VllmGenerator
from training.language.corpus import Corpus, embedding_hash

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Product:
    """Everything that runs: the API's services, and what must be started and stopped around them."""

    services: Services
    engine: Engine
    generator: VllmGenerator | NoGenerator
    chooser: VllmChooser | None
    parts: Parts
    artifacts: Artifacts

    @property
    def wording(self) -> Wording:
        return self.artifacts.manifest.wording

    async def aclose(self) -> None:
        """Close the connections to the language model."""
        await self.generator.aclose()
        if self.chooser:
            await self.chooser.aclose()


def build(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Product:
    """Load what `prepare` made, and make an engine that is not started yet.

    Raises ArtifactError or InputError, which say what to run or to change.
    """
    artifacts = configured_artifacts(settings)
    adapters = make_adapters(settings, artifacts, say)
    engine, model = make_engine(settings, say, adapters) if settings.has_language_model else (NoEngine(), "")
    generator = make_generator(settings, engine)
    chooser = make_chooser(engine, model, adapters, artifacts)
    images = make_image_encoder(settings)
    parts = replace(make_parts(settings, artifacts, generator, images), chooser=chooser)
    services = Services(
        settings=settings,
        turn=ChatTurn(parts),
        items=artifacts.items,
        wording=artifacts.manifest.wording,
        recommend=Recommender(parts),
        engine=engine,
        state=StateStore(settings.database_url, catalog=artifacts.manifest.catalog),
        count_tokens=token_counter(model),
        embedders=make_embedders(settings, artifacts, parts.encoder, images),
        modality_shares=lambda item_id: artifacts.fusion.shares(artifacts.items.row(item_id)),
        samples=bool(settings.llm_url) or settings.sampling or not on_cpu(),
    )
    if health := artifacts.fusion.health:
        services.metrics.watch_fusion(health.entropy, health.shares, health.costs)
    services.metrics.propensity_effective_share.set(propensity_health(artifacts.interactions).effective_share)
    return Product(services, engine, generator, chooser, parts, artifacts)


def make_parts(
    settings: Settings, artifacts: Artifacts, generator: Generator, images: ImageEncoder | None = None
) -> Parts:
    """The parts of a turn, from an artifact folder; `images` is an encoder to share with others."""
    manifest = artifacts.manifest
    encoder = TextEncoder(settings.text_encoder, device="cpu")  # a GPU's memory belongs to vLLM
    evidence = EvidenceWriter(
        artifacts.items,
        artifacts.statistics,
        artifacts.history,
        artifacts.graph,
        manifest.wording,
        choice_times(artifacts),
    )
    shortlister = Shortlister(
        artifacts.items,
        artifacts.embeddings,
        artifacts.history,
        artifacts.ranker,
        artifacts.statistics,
        artifacts.graph,
        evidence,
        make_corrections(settings, artifacts),
        make_heard(artifacts, encoder),
        artifacts.fusion.embeddings,
    )
    fusion = artifacts.fusion.model

    def place_words(words: FloatArray) -> FloatArray:
        placed: FloatArray = fusion.project("text", words[None])[0]
        return placed

    return Parts(
        items=artifacts.items,
        wording=manifest.wording,
        item_embeddings=artifacts.fusion.embeddings,
        understanding=choose_understanding(settings.understanding, artifacts.items, generator, manifest.wording.items),
        encoder=encoder,
        retriever=Retriever(artifacts.dense, artifacts.lexical),
        shortlister=shortlister,
        evidence=evidence,
        generator=generator,
        settings=settings,
        place_words=place_words,
        pictures=make_pictures(settings, artifacts, images or make_image_encoder(settings)),
    )


def make_ranker(artifacts: Artifacts) -> HistoryRanker:
    """What ranks the catalogue for a history, without words, wishes or corrections."""
    return artifacts.ranker


def make_heard(artifacts: Artifacts, encoder: TextEncoder) -> Heard | None:
    """What an intent says by what was learned from conversations; None where the catalogue has none."""
    path = artifacts.layout.dialogue_model
    if not path.exists():
        return None
    model = DialogueModel.load(path, ItemContent(artifacts.items, artifacts.embeddings))

    def heard(intent: Intent) -> npt.NDArray[np.float64]:
        named = tuple(artifacts.items.row(one) for one in (*intent.liked, *intent.similar_to, *intent.disliked))
        disliked = tuple(artifacts.items.row(one) for one in intent.disliked)
        said = Utterance(by_person=True, words=intent.query, rows=named, disliked=disliked)
        return model.scores([said], encoder.encode([intent.query])[0]).astype(np.float64)

    return heard


def choice_times(artifacts: Artifacts) -> ChoiceTimes:
    """When everybody chose what, for evidence that grows old."""
    interactions = artifacts.interactions
    people = np.unique(interactions[USER_ID].to_numpy(), return_inverse=True)[1]
    rows = interaction_rows(interactions, artifacts.items)
    return ChoiceTimes(people, rows, interactions[TIME].to_numpy(), len(artifacts.items))


def make_corrections(settings: Settings, artifacts: Artifacts) -> Corrections:
    """The corrections for bias. A table of users is looked at only where the operator corrects for parity."""
    popularity = popularity_correction(settings.popularity_method, artifacts.statistics.chosen)
    columns = [column for part in settings.parity.split(",") if (column := part.strip())]
    if not columns:
        return Corrections(popularity)
    parity, groups = learn_parity(artifacts, columns, settings.parity_bound)
    return Corrections(popularity, parity, groups)


def make_corpus(artifacts: Artifacts, embeddings: FloatArray) -> Corpus:
    """What a language model is tuned from; `embeddings` [n, d] are those of persons and items."""
    return Corpus(
        items=artifacts.items,
        wording=artifacts.manifest.wording,
        interactions=artifacts.interactions,
        embeddings=embeddings,
        content=artifacts.embeddings,
        graph=artifacts.graph,
        catalog_hash=artifacts.manifest.catalog_hash,
        embedding_hash=embedding_hash(embeddings),
    )
