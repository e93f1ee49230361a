"""From a catalogue to an artifact folder: ingest, encode the items, learn from histories, build indexes, sign off.

Each step is skipped when nothing that it depends on has changed. Heavy libraries are imported by the steps that need
them, so that a run with nothing to do answers at once.
"""

import errno
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from catalog.catalog import Catalog
from catalog.conversations import conversation_files, read_conversations
from catalog.source import CatalogSource, find_source
from catalog.splits import interaction_rows, row_sequences
from core.artifacts import ArtifactLayout, Manifest
from core.columns import RATING
from core.errors import ArtifactError, InputError
from core.item import ItemTable
from encoders.clip import clip_identity
from encoders.text import TextEncoder, text_encoder_identity
from server.atomic import replacing
from server.manifest import read_items, read_manifest
from server.representation import (
    CONTENT,
    Vision,
    features_file,
    files_state,
    read_features,
    words_of_pictures,
    write_features,
    write_fusion,
    write_picture_index,
)
from server.steps import Step, StepLedger, only_writer, step_key

# Raised when a step makes something else of the same inputs.
_VERSIONS = {
    "items": 1,
    "interactions": 1,
    "users": 1,
    "embeddings": 1,
    "pictures": 1,
    "picture_index": 1,
    "picture_words": 1,
    "fusion": 4,
    "history": 1,
    "ranker": 2,
    "dialogue": 2,
    "dense": 2,
    "lexical": 1,
    "graph": 2,
    "statistics": 1,
}
TRAINING_CHANGES = "settings.json"
_MIN_FREE_BYTES = 1_000_000


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
    `say` hears one line for each step; the encoder shows a bar on stderr. Raises InputError for a broken catalogue, a
    full disk, or a folder that can't be written.
    """
    source = find_source(catalog, media)
    folder = artifacts / source.name
    with _clear_disk_errors(folder), only_writer(folder):
        run = _Run(source, ArtifactLayout(folder), text_encoder, image_encoder, vision or Vision(), vector_store, say)
        if run.is_up_to_date():
            return Prepared(folder, read_manifest(run.layout))
        started = time.perf_counter()
        if not run.has_same_inputs():
            run.layout.manifest.unlink(missing_ok=True)  # from here on the folder is unfinished
            run.layout.dialogue_of_histories.unlink(missing_ok=True)  # its rows may be of other items now
        seconds = run.make_all()
        manifest = run.sign_off(media)
        say(f"{folder} is ready after {time.perf_counter() - started:.0f} s.")
        return Prepared(folder, manifest, seconds, run.catalog.notices if run.catalog_was_read else ())


class _Run:
    """One preparation of one folder."""

    def __init__(
        self,
        source: CatalogSource,
        layout: ArtifactLayout,
        encoder: str,
        image_encoder: tuple[str, str],
        vision: Vision,
        store: str,
        say: Callable[[str], None],
    ) -> None:
        self.layout = layout
        self._source = source
        self._say = say
        self._fingerprint = source.fingerprint()
        self._encoder, self._store = encoder, store
        self._encoder_identity = text_encoder_identity(encoder)
        self._image_encoder, self._vision = image_encoder, vision
        self._image_identity = clip_identity(*image_encoder)
        self._ledger = StepLedger(layout.steps)
        # What `tastemaker train` was told; it holds for later preparations too.
        self._training_changes = _changes(layout.ranker_training)
        self._fusion_changes = _changes(layout.fusion_training)
        self._steps = self._plan()

    @cached_property
    def catalog(self) -> Catalog:
        return self._source.read()

    @property
    def catalog_was_read(self) -> bool:
        return "catalog" in self.__dict__

    @cached_property
    def items(self) -> ItemTable:
        if self.catalog_was_read or not self._ledger.is_done(self._items_step):
            return self.catalog.items
        return read_items(self.layout)

    @property
    def _items_step(self) -> Step:
        return Step("items", step_key(self._fingerprint, _VERSIONS["items"]), self.layout.items, self._write_items)

    def _plan(self) -> tuple[Step, ...]:
        layout, catalog, encoder = self.layout, self._fingerprint, self._encoder_identity
        return (
            self._items_step,
            Step(
                "interactions",
                step_key(catalog, _VERSIONS["interactions"]),
                layout.interactions,
                self._write_interactions,
            ),
            Step("users", step_key(catalog, _VERSIONS["users"]), layout.users, self._write_users),
            *self._representation_steps(),
            Step("history", step_key(catalog, _VERSIONS["history"]), layout.history_model, self._write_history_model),
            Step(
                "ranker",
                step_key(self._fusion_key, self._training_changes, _VERSIONS["ranker"]),
                layout.ranker,
                self._write_ranker,
            ),
            *self._dialogue_step(),
            Step(
                "dense",
                step_key(catalog, encoder, *self._words_key, self._store, _VERSIONS["dense"]),
                layout.dense_index,
                self._write_dense_index,
            ),
            Step(
                "lexical",
                step_key(catalog, *self._words_key, _VERSIONS["lexical"]),
                layout.lexical_index,
                self._write_lexical_index,
            ),
            Step("graph", step_key(catalog, _VERSIONS["graph"]), layout.graph, self._write_graph),
            Step("statistics", step_key(catalog, _VERSIONS["statistics"]), layout.statistics, self._write_statistics),
        )

    @cached_property
    def _pictures_key(self) -> str:
        images = files_state(item.image for item in self.items)
        return step_key(self._fingerprint, self._image_identity, images, _VERSIONS["pictures"])

    @cached_property
    def _words_key(self) -> tuple[str, ...]:
        """What the words of pictures follow from; empty where pictures have none."""
        tells = any(item.image for item in self.items) and (self._vision.address or self._image_encoder[0])
        return (step_key(self._pictures_key, self._vision.identity, _VERSIONS["picture_words"]),) if tells else ()

    @cached_property
    def _text_key(self) -> str:
        return step_key(self._fingerprint, self._encoder_identity, *self._words_key, _VERSIONS["embeddings"])

    @cached_property
    def _fusion_key(self) -> str:
        sounds = files_state(item.audio for item in self.items)
        return step_key(self._pictures_key, sounds, self._text_key, self._fusion_changes, _VERSIONS["fusion"])

    def _representation_steps(self) -> tuple[Step, ...]:
        """Pictures and their words, where there are any, texts, and the fusion of every kind of data."""
        layout, words = self.layout, self._words_key
        index = step_key(self._pictures_key, _VERSIONS["picture_index"])
        return (
            Step("pictures", self._pictures_key, layout.pictures, self._write_pictures),
            Step("picture_index", index, layout.picture_index, self._write_picture_index),
            *(Step("picture_words", key, layout.picture_words, self._write_picture_words) for key in words),
            Step("embeddings", self._text_key, layout.text_embeddings, self._write_embeddings),
            Step("fusion", self._fusion_key, layout.fusion, self._write_fusion),
        )

    def _dialogue_step(self) -> tuple[Step, ...]:
        """Learning from conversations, where the catalogue's folder holds some."""
        folder = Path(self._source.origin)
        if not (folder.is_dir() and conversation_files(folder)):
            return ()
        key = step_key(self._fingerprint, self._encoder_identity, _VERSIONS["dialogue"])
        return (Step("dialogue", key, self.layout.dialogue_model, self._write_dialogue_model),)

    def is_up_to_date(self) -> bool:
        return self.has_same_inputs() and all(self._ledger.is_done(step) for step in self._steps)

    def has_same_inputs(self) -> bool:
        """Whether the folder was finished for this catalogue and encoder: what is made anew fits what is there."""
        try:
            manifest = read_manifest(self.layout)
        except ArtifactError:
            return False
        return (manifest.catalog_hash, manifest.text_encoder) == (self._fingerprint, self._encoder_identity)

    def make_all(self) -> dict[str, float]:
        seconds = {}
        for step in self._steps:
            if self._ledger.is_done(step):
                continue
            started = time.perf_counter()
            self._ledger.run(step)
            seconds[step.name] = time.perf_counter() - started
            self._say(f"{self._source.name}: {step.name} in {seconds[step.name]:.1f} s")
        return seconds

    def sign_off(self, media: Path | None) -> Manifest:
        """Write the manifest, last of all: from here on the folder can be served."""
        import polars as pl

        count = pl.scan_parquet(self.layout.interactions).select(pl.len()).collect().item()
        manifest = Manifest(
            catalog=self._source.name,
            catalog_hash=self._fingerprint,
            source=self._source.origin,
            media=str(media.resolve()) if media else "",
            item_count=len(self.items),
            interaction_count=count,
            text_encoder=self._encoder_identity,
            embedding_dimensions=np.load(self.layout.text_embeddings, mmap_mode="r").shape[1],
            image_encoder=self._image_identity,
            wording=self.catalog.wording,
        )
        with replacing(self.layout.manifest) as path:
            path.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        return manifest

    def _write_items(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{item.model_dump_json()}\n" for item in self.catalog.items)

    def _write_interactions(self, path: Path) -> None:
        self.catalog.interactions.write_parquet(path)

    def _write_users(self, path: Path) -> None:
        self.catalog.users.write_parquet(path)

    def _write_embeddings(self, path: Path) -> None:
        from encoders.item_text import item_sentences

        texts = [_joined(item_sentences(item), words) for item, words in zip(self.items, self._words, strict=True)]
        embeddings = self._text_encoder().encode(texts, progress="Encoding items")
        with path.open("wb") as file:
            np.save(file, embeddings)

    def _write_pictures(self, path: Path) -> None:
        images = [item.image for item in self.items]
        path.mkdir(parents=True, exist_ok=True)
        if not any(images):
            return
        from encoders.image import ImageEncoder

        encoder = ImageEncoder(*self._image_encoder, cache=self._cache / "image_features.sqlite")
        write_features(path, encoder.encode_to(features_file(path), images, progress="Encoding pictures"))
        if encoder.notice:
            self._say(encoder.notice)

    @property
    def _words(self) -> list[str]:
        """What is seen on each item's picture, in words; empty ones where pictures have none."""
        if not self._words_key:
            return [""] * len(self.items)
        words: list[str] = json.loads(self.layout.picture_words.read_text(encoding="utf-8"))
        return words

    def _write_picture_words(self, path: Path) -> None:
        words = words_of_pictures(self.items, self._vision, self._image_encoder, self.layout, self._cache)
        path.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    def _write_picture_index(self, path: Path) -> None:
        write_picture_index(path, read_features(self.layout.pictures), self.items)

    def _write_fusion(self, path: Path) -> None:
        sequences = row_sequences(self.catalog.interactions, self.catalog.items)
        write_fusion(path, self.layout, self.items, sequences, self.catalog.relations, self._fusion_changes)

    def _write_history_model(self, path: Path) -> None:
        from index.history import HistoryModel

        sequences = row_sequences(self.catalog.interactions, self.catalog.items)
        HistoryModel.fit(sequences, len(self.items)).save(path)

    def _write_ranker(self, path: Path) -> None:
        from training.ranking import train_ranking
        from training.sequence import SequenceTraining

        sequences = row_sequences(self.catalog.interactions, self.catalog.items)
        settings = SequenceTraining.suited_to(sum(map(len, sequences)), **json.loads(self._training_changes))
        work = self.layout.ranker_training
        content = np.load(self.layout.fusion / CONTENT)
        train_ranking(sequences, len(self.items), content, settings, work).save(path)

    def _write_dialogue_model(self, path: Path) -> None:
        from index.dialogue.content import ItemContent
        from training.dialogue import learn_dialogue

        read = read_conversations(conversation_files(Path(self._source.origin)), self.items)
        for notice in read.notices:
            self._say(notice)
        content = ItemContent(self.items, np.load(self.layout.text_embeddings))
        learn_dialogue(read.dialogues, [], content, self._text_encoder().encode, progress=True).save(path)

    def _text_encoder(self) -> TextEncoder:
        return TextEncoder(self._encoder, cache=self._cache / "text_embeddings.sqlite")

    @property
    def _cache(self) -> Path:
        """What is kept by content for all catalogues."""
        return self.layout.root.parent / "cache"

    def _write_dense_index(self, path: Path) -> None:
        from index.dense import DenseIndex
        from index.stores import open_store

        embeddings = np.load(self.layout.text_embeddings, mmap_mode="r")
        store = open_store(self._store)
        DenseIndex.refreshed(self.layout.dense_index, embeddings, self.items, store=store).save(path)

    def _write_lexical_index(self, path: Path) -> None:
        from encoders.item_text import item_words
        from index.lexical import LexicalIndex

        texts = [_joined(item_words(item), words) for item, words in zip(self.items, self._words, strict=True)]
        LexicalIndex.build(texts).save(path)

    def _write_graph(self, path: Path) -> None:
        from index.graph import ItemGraph

        ItemGraph.build(self.items, self.catalog.relations).save(path)

    def _write_statistics(self, path: Path) -> None:
        from index.statistics import RatingStatistics

        rows = interaction_rows(self.catalog.interactions, self.items)
        ratings = self.catalog.interactions[RATING].to_numpy()
        RatingStatistics.build(rows, ratings, len(self.items)).save(path)


def _joined(*texts: str) -> str:
    return " ".join(filter(None, texts))


def _changes(training: Path) -> str:
    path = training / TRAINING_CHANGES
    return path.read_text(encoding="utf-8") if path.exists() else "{}"


@contextmanager
def _clear_disk_errors(folder: Path) -> Iterator[None]:
    """Turn what a disk does to long jobs into one line each."""
    try:
        yield
    except OSError as error:
        raise _disk_error(folder, error) from error
    except Exception as error:  # FAISS and Polars report a full disk in errors of their own
        if folder.exists() and shutil.disk_usage(folder).free < _MIN_FREE_BYTES:
            raise _disk_error(folder, OSError(errno.ENOSPC, "")) from error
        raise


def _disk_error(folder: Path, error: OSError) -> InputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(error)
    if full:
        mend = "Free some space and run the same command again: it goes on where it stopped."
        return InputError(f"The disk is full at {folder}.", mend=mend)
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return InputError(
            f"{error.filename or folder} is not a folder.", mend="Set TASTEMAKER_ARTIFACTS to another folder."
        )
    cause = f"{error.filename or folder} can't be written ({error.strerror or error})."
    return InputError(cause, mend="Check its permissions, or set TASTEMAKER_ARTIFACTS to another folder.")
