"""From a catalogue to an artifact folder: `STEPS` says what is made of what.

A step is skipped when nothing that it reads has changed, so an edit of the catalogue makes anew only what it touches.
Heavy libraries are imported by the steps that need them: a run with nothing to do answers at once.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from catalog.source import find_source
from core.artifacts import ArtifactLayout, Manifest
from core.errors import ArtifactError
from encoders.clip import clip_identity
from encoders.text import text_encoder_identity
from server.atomic import replacing
from server.disk_errors import clear_disk_errors
from server.making.adapters import renew_adapters
from server.making.catalogue import make_contents, make_interactions, make_items, make_users
from server.making.fusion import VERSION as FUSION_VERSION
from server.making.fusion import make_fusion
from server.making.knowledge import make_graph, make_statistics
from server.making.pictures import make_picture_index, make_picture_words, make_pictures
from server.making.ranking import VERSION as RANKING_VERSION
from server.making.ranking import make_dialogue_model, make_history_model, make_ranker
from server.making.texts import make_dense_index, make_embeddings, make_lexical_index
from server.making.work import Options, Work
from server.manifest import read_manifest
from server.representation import Vision
from server.steps import Step, StepLedger, only_writer, step_key

# In the order in which they are made. A step reads earlier steps, and sources: see `Work.state` and `Contents`.
STEPS = (
    Step("items", ("catalogue",), "items", make_items),
    Step("interactions", ("catalogue",), "interactions", make_interactions),
    Step("users", ("catalogue",), "users", make_users),
    Step("contents", ("catalogue",), "contents", make_contents),
    Step("pictures", ("ids", "picture files", "image encoder"), "pictures", make_pictures),
    Step("picture_index", ("pictures",), "picture_index", make_picture_index),
    Step(
        "picture_words",
        ("pictures", "vision model"),
        "picture_words",
        make_picture_words,
        applies=lambda work: work.pictures_have_words,
    ),
    Step("embeddings", ("texts", "picture_words", "text encoder"), "text_embeddings", make_embeddings),
    Step(
        "fusion",
        ("item data", "embeddings", "pictures", "sound files", "relations", "choices", "fusion settings"),
        "fusion",
        make_fusion,
        FUSION_VERSION,
    ),
    Step("history", ("ids", "choices"), "history_model", make_history_model, RANKING_VERSION),
    Step("ranker", ("fusion", "history", "ranker settings"), "ranker", make_ranker, RANKING_VERSION),
    Step(
        "dialogue",
        ("conversations", "item data", "embeddings"),
        "dialogue_model",
        make_dialogue_model,
        applies=lambda work: bool(work.conversations),
    ),
    Step("dense", ("ids", "embeddings", "vector store"), "dense_index", make_dense_index),
    Step("lexical", ("words", "picture_words"), "lexical_index", make_lexical_index),
    Step("graph", ("item data", "relations"), "graph", make_graph),
    Step("statistics", ("ids", "choices", "ratings"), "statistics", make_statistics),
)


@dataclass(frozen=True)
class Prepared:
    """What a run did. `seconds` holds the steps that were not skipped."""

    folder: Path
    manifest: Manifest
    seconds: dict[str, float] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def prepare(
    catalog: str,
    *,
    artifacts: Path,
    media: Path | None = None,
    text_encoder: str = "",
    image_encoder: tuple[str, str] = ("", ""),
    vision: Vision | None = None,
    vector_store: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Write `artifacts/NAME` for a built-in catalogue or a folder, or bring it up to date.

    `image_encoder` is an open_clip model and what it is pretrained on; `vision` puts pictures into words.
    `say` hears one line for each step; long ones show a bar on stderr. Raises InputError for a broken catalogue, a
    full disk, or a folder that can't be written.
    """
    source = find_source(catalog, media)
    folder = artifacts / source.name
    with clear_disk_errors(folder), only_writer(folder):
        options = Options(text_encoder, image_encoder, vision or Vision(), vector_store)
        work = Work(source, ArtifactLayout(folder), options, say)
        ledger = StepLedger(work.layout.steps)
        finished = _finished_of_the_same(work)
        if finished and all(ledger.is_done(*todo) for _, todo in _todo(work)):
            return Prepared(folder, finished)
        started = time.perf_counter()
        if not finished:
            work.layout.manifest.unlink(missing_ok=True)  # from here on the folder is unfinished
            work.layout.dialogue_of_histories.unlink(missing_ok=True)  # its rows may be of other items now
        seconds = _make(work, ledger)
        renew_adapters(work)
        manifest = _sign_off(work, media)
        say(f"{folder} is ready after {time.perf_counter() - started:.0f} s.")
        return Prepared(folder, manifest, seconds, work.notices)


def _finished_of_the_same(work: Work) -> Manifest | None:
    """The manifest, if the folder was finished for this catalogue and encoder: what is made anew fits what is there."""
    try:
        manifest = read_manifest(work.layout)
    except ArtifactError:
        return None
    wanted = (work.state("catalogue"), work.state("text encoder"))
    return manifest if (manifest.catalog_hash, manifest.text_encoder) == wanted else None


def _todo(work: Work) -> Iterator[tuple[Step, tuple[str, str, Path]]]:
    """Each step that applies, with its name, key and output; what the first ones made is read by those after them."""
    for step in STEPS:
        if step.applies(work):
            yield step, (step.name, _key(step.name, work), getattr(work.layout, step.writes))


def _key(read: str, work: Work) -> str:
    """Changes with all that a step reads, and with all that is read by what it reads; or the state of a source."""
    step = next((step for step in STEPS if step.name == read), None)
    if step is None:
        return work.state(read)
    if not step.applies(work):
        return ""
    return step_key(step.version, *(f"{name}={_key(name, work)}" for name in step.reads))


def _make(work: Work, ledger: StepLedger) -> dict[str, float]:
    seconds = {}
    for step, todo in _todo(work):
        if ledger.is_done(*todo):
            continue
        started = time.perf_counter()
        with ledger.making(*todo) as path:
            step.make(work, path)
        seconds[step.name] = time.perf_counter() - started
        work.say(f"{work.source.name}: {step.name} in {seconds[step.name]:.1f} s")
    return seconds


def _sign_off(work: Work, media: Path | None) -> Manifest:
    """Write the manifest, last of all: from here on the folder can be served."""
    item_count, dimensions = np.load(work.layout.text_embeddings, mmap_mode="r").shape
    manifest = Manifest(
        catalog=work.source.name,
        catalog_hash=work.fingerprint,
        source=work.source.origin,
        media=str(media.resolve()) if media else "",
        item_count=item_count,
        interaction_count=len(work.interactions),
        text_encoder=text_encoder_identity(work.options.text_encoder),
        embedding_dimensions=dimensions,
        image_encoder=clip_identity(*work.options.image_encoder),
        wording=work.contents.wording,
    )
    with replacing(work.layout.manifest) as path:
        path.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    for finished in work.layout.ranker_training.glob("*/"):  # what a killed run would have gone on from
        shutil.rmtree(finished)
    return manifest
