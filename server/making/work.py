"""What the steps of a preparation work with: the catalogue, what was set, and what earlier steps made."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalog import Catalog, Triples, hash_files
from catalog.conversations import conversation_files
from catalog.source import CatalogSource
from catalog.splits import row_sequences
from core.artifacts import ArtifactLayout
from core.item import ItemTable
from encoders.clip import clip_identity
from encoders.text import TextEncoder, text_encoder_identity
from server.making.contents import Contents
from server.manifest import read_items
from server.representation import Vision

TRAINING_CHANGES = "settings.json"


@dataclass(frozen=True)
class Options:
    """What a catalogue is prepared with. `image_encoder` is an open_clip model and what it is pretrained on."""

    text_encoder: str = ""
    image_encoder: tuple[str, str] = ("", "")
    vision: Vision = field(default_factory=Vision)
    vector_store: str = ""


@dataclass(frozen=True)
class Work:
    """One preparation of one folder. The catalogue itself is read only where it has changed."""

    source: CatalogSource
    layout: ArtifactLayout
    options: Options
    say: Callable[[str], None]

    @cached_property
    def fingerprint(self) -> str:
        """Of the catalogue's files."""
        return self.source.fingerprint()

    @cached_property
    def catalog(self) -> Catalog:
        """Everything, as it is read from the catalogue's files."""
        return self.source.read()

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out or mended, where the catalogue was read."""
        return self.catalog.notices if "catalog" in self.__dict__ else ()

    @cached_property
    def contents(self) -> Contents:
        """Hashes of what the catalogue holds, as the first steps wrote them."""
        return Contents.read(self.layout.contents)

    @cached_property
    def items(self) -> ItemTable:
        return self.catalog.items if "catalog" in self.__dict__ else read_items(self.layout)

    @cached_property
    def interactions(self) -> pl.DataFrame:
        """Who chose what and when, in time order."""
        return pl.read_parquet(self.layout.interactions)

    @cached_property
    def sequences(self) -> list[npt.NDArray[np.int64]]:
        """What each person chose, as rows of the items, oldest first."""
        return row_sequences(self.interactions, self.items)

    @property
    def relations(self) -> Triples:
        return self.catalog.relations if self.contents.has_relations else ()

    @property
    def conversations(self) -> list[Path]:
        """Files of conversations in the catalogue's folder."""
        folder = Path(self.source.origin)
        return list(conversation_files(folder)) if folder.is_dir() else []

    @property
    def pictures_have_words(self) -> bool:
        """The embedded image model tags too oddly to be searched for, so without another, pictures have no words."""
        return self.contents.has_pictures and bool(self.options.vision.address or self.options.image_encoder[0])

    @property
    def cache(self) -> Path:
        """What is kept by content for all catalogues."""
        return self.layout.root.parent / "cache"

    def text_encoder(self) -> TextEncoder:
        return TextEncoder(self.options.text_encoder, cache=self.cache / "text_embeddings.sqlite")

    def changes(self, training: Path) -> str:
        """What `tastemaker train` was told, as JSON; it holds for later preparations too."""
        path = training / TRAINING_CHANGES
        return path.read_text(encoding="utf-8") if path.exists() else "{}"

    def state(self, source: str) -> str:
        """What changes when what a step reads from a source does. The sources are those of `Contents`, and these."""
        if source not in self._states:
            self._states[source] = self._sources[source]() if source in self._sources else self.contents.hashes[source]
        return self._states[source]

    @cached_property
    def _states(self) -> dict[str, str]:
        return {}

    @cached_property
    def _sources(self) -> dict[str, Callable[[], str]]:
        options, layout = self.options, self.layout
        return {
            "catalogue": lambda: self.fingerprint,
            "conversations": lambda: hash_files(self.conversations),
            "picture files": lambda: self._files("pictures"),
            "sound files": lambda: self._files("sounds"),
            "text encoder": lambda: text_encoder_identity(options.text_encoder),
            "image encoder": lambda: clip_identity(*options.image_encoder),
            "vision model": lambda: options.vision.identity,
            "vector store": lambda: options.vector_store,
            "fusion settings": lambda: self.changes(layout.fusion_training),
            "ranker settings": lambda: self.changes(layout.ranker_training),
        }

    def _files(self, kind: str) -> str:
        """Without a look at the items where they have none."""
        if kind == "pictures":
            return files_state(item.image for item in self.items) if self.contents.has_pictures else ""
        return files_state(item.audio for item in self.items) if self.contents.has_sounds else ""


def files_state(paths: Iterable[Path | None]) -> str:
    """Changes when a file of a catalogue is another one: by place, name, size and time of the last change."""
    digest = hashlib.sha256()
    for place, path in enumerate(paths):
        if path is not None:
            try:
                state = path.stat()
                digest.update(f"{place}\0{path.name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
            except (OSError, ValueError):
                digest.update(f"{place}\0missing\n".encode())
    return digest.hexdigest()[:16]
