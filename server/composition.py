"""Wires the parts together: the one place that knows which part is used for what."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.no_generator import NoGenerator
from agent.parts import Parts
from agent.pictures import Looker, PictureReader, Remembering
from agent.recommender import Recommender
from agent.turn import ChatTurn
from agent.understand.choose import choose_understanding
from catalog.splits import interaction_rows
from core.artifacts import Wording
from core.columns import TIME, USER_ID
from core.dialogue import Utterance
from core.errors import EngineError, InputError
from core.generator import Generator
from core.intent import Intent
from core.ranking import HistoryRanker
from core.settings import Settings
from debias.corrections import Corrections
from debias.interventional import popularity_correction
from encoders.image import ImageEncoder
from encoders.picture_describer import PictureDescriber
from encoders.pictures import picture_from_data_url
from encoders.text import TextEncoder
from encoders.words_of_pictures import PictureClasses
from index.dialogue.content import ItemContent
from index.dialogue.model import DialogueModel
from index.evidence import EvidenceWriter
from index.evidence_score import ChoiceTimes
from index.query import NO_PICTURES, Pictures
from index.retriever import Retriever
from index.scores import Heard
from index.shortlist import Shortlister
from server.adapters import Adapter, adapters_of, checkpoint_folder, find_adapters, serving
from server.artifacts import Artifacts, configured_artifacts
from server.choice import VllmChooser
from server.embedded_model import language_model
from server.embedders import Embedder, embedders
from server.engine import Engine
from server.external_engine import ExternalEngine
from server.local_engine import LocalEngine
from server.no_engine import NoEngine
from server.parity import learn_parity
from server.propensities import propensity_health
from server.services import Services
from server.state import StateStore
from server.tokens import token_counter
from server.vllm_command import NO_SPECULATION, Hardware, detect_hardware
from server.vllm_generator import VllmGenerator
from training.language.corpus import Corpus, embedding_hash

FloatArray = npt.NDArray[np.float32]
Describe = Callable[[bytes, FloatArray], Sequence[str] | None]

log = logging.getLogger(__name__)

LOG = Path("state", "vllm.log")


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
        samples=bool(settings.llm_url) or settings.sampling or not _on_cpu(),
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


def make_image_encoder(settings: Settings) -> ImageEncoder:
    """What reads pictures. Its model is loaded when the first one comes."""
    return ImageEncoder(settings.image_encoder, settings.image_pretrained, device="cpu")


def make_pictures(settings: Settings, artifacts: Artifacts, encoder: ImageEncoder) -> PictureReader:
    """What a picture in the chat is compared with, and how it is put into words."""
    index, model = artifacts.pictures, artifacts.fusion.model

    def search(features: FloatArray) -> Pictures:
        return index.search(features) if index else NO_PICTURES

    def project(features: FloatArray) -> FloatArray:
        projected: FloatArray = model.project("image", features[None])[0]
        return projected

    describe = make_describer(settings, encoder, tags=index is None)
    looker = Looker(encoder.encode_one, search, describe, project if "image" in model.names else None)
    return Remembering(looker)


def make_describer(settings: Settings, encoder: ImageEncoder, *, tags: bool) -> Describe:
    """Words for a picture: a vision model's, or `tags` where there is none and they are wanted."""
    if settings.vision_url:
        describer = PictureDescriber(
            settings.vision_url, settings.vision_model, settings.vision_key.get_secret_value(), retries=1
        )

        def describe(picture: bytes, _: FloatArray) -> Sequence[str] | None:
            try:
                return (describer.describe_one(picture),)
            except InputError as error:  # the picture can still be compared
                log.warning("A picture was not put into words: %s", error)
                return None

        return describe
    classes = PictureClasses(encoder)
    return lambda _, features: classes.of(features) if tags else ()


def make_embedders(
    settings: Settings, artifacts: Artifacts, text: TextEncoder, image: ImageEncoder
) -> dict[str, Embedder]:
    """The models of /v1/embeddings."""
    model = artifacts.fusion.model

    def pictures(files: Sequence[bytes]) -> FloatArray:
        return np.stack([image.encode_one(file) for file in files])

    return embedders(
        text=text.encode,
        image=pictures,
        image_text=image.encode_text if image.is_aligned else None,
        read=partial(picture_from_data_url, max_bytes=settings.max_picture_bytes),
        project={name: partial(model.project, name) for name in ("text", "image") if name in model.names},
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
    return find_adapters(settings.adapter, artifacts.layout.root, model, catalog_hash=catalog_hash)


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


def make_chooser(engine: Engine, model: str, adapters: Sequence[Adapter], artifacts: Artifacts) -> VllmChooser | None:
    """What ranks the candidates by the first adapter; None without one."""
    if not adapters:
        return None
    return VllmChooser.load(engine, adapters[0], checkpoint_folder(model), artifacts.items, artifacts.manifest.wording)


def make_engine(settings: Settings, say: Callable[[str], None], adapters: Sequence[Adapter] = ()) -> tuple[Engine, str]:
    """The engine, and the name or folder of its model as far as it is known here: with an adapter merged, that one."""
    if settings.llm_url:
        if not settings.llm_url.startswith(("http://", "https://")):
            cause = f"The address {settings.llm_url!r} of the language model is no http address."
            raise InputError(cause, mend="Give one such as http://127.0.0.1:8000/v1.")
        key = settings.llm_key.get_secret_value()
        return ExternalEngine(settings.llm_url, key=key, model=settings.model), settings.model
    model = language_model(settings.model, settings.artifacts, say)
    hardware = Hardware.CPU if _on_cpu() else Hardware.GPU
    start = serving(adapters, model, hardware=hardware, models=settings.artifacts / "models", say=say)
    extra = (*start.arguments, *(NO_SPECULATION if settings.sampling and _on_cpu() else ()))
    return LocalEngine(start.model, log=LOG, names=start.names, extra=extra), start.model


def make_generator(settings: Settings, engine: Engine) -> VllmGenerator | NoGenerator:
    """What writes the answers; nothing does where the settings say that there is no language model."""
    if not settings.has_language_model:
        return NoGenerator()
    return VllmGenerator(engine, total_timeout=settings.generation_timeout)


def _on_cpu() -> bool:
    try:
        return detect_hardware() is Hardware.CPU
    except EngineError:  # the engine will tell it when it starts
        return False
