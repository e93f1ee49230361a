"""An artifact folder in memory. Refuses one that is unfinished, damaged, or not what was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalog import INTERACTION_SCHEMA
from catalog.source import find_source
from catalog.splits import sequences
from core.artifacts import ArtifactLayout, Manifest
from core.columns import USER_ID
from core.errors import ArtifactError, InputError
from core.item import ItemTable
from core.settings import Settings
from encoders.clip import clip_identity
from encoders.text import text_encoder_identity
from index.dense import DenseIndex
from index.graph import ItemGraph
from index.history import HistoryModel
from index.lexical import LexicalIndex
from index.ranking import BlendedRanker
from index.statistics import RatingStatistics
from index.stores import open_store
from server.manifest import artifact_layout, prepare_command, read_items, read_manifest
from server.representation import Fusion, PictureIndex


@dataclass(frozen=True)
class Artifacts:
    """Everything that `prepare` made for a catalogue. Rows of all arrays are rows of `items`."""

    layout: ArtifactLayout
    manifest: Manifest
    items: ItemTable
    interactions: pl.DataFrame  # in time order, columns as in `core.columns`
    embeddings: npt.NDArray[np.float32]  # [n, d], unit length
    dense: DenseIndex
    lexical: LexicalIndex
    history: HistoryModel
    ranker: BlendedRanker
    graph: ItemGraph
    statistics: RatingStatistics
    fusion: Fusion
    pictures: PictureIndex | None

    @cached_property
    def users(self) -> pl.DataFrame:
        """What is known of the people: `USER_ID`, then the catalogue's own columns. Empty where nothing is."""
        if not self.layout.users.is_file():
            return pl.DataFrame(schema={USER_ID: pl.String})
        try:
            return pl.read_parquet(self.layout.users)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _damaged(self.layout, "the table of users can't be read", self.manifest) from error

    @cached_property
    def histories(self) -> Mapping[str, list[str]]:
        """Item ids by user in time order."""
        return sequences(self.interactions)


def load_artifacts(
    artifacts: Path,
    catalog: str,
    *,
    text_encoder: str = "",
    image_encoder: tuple[str, str] = ("", ""),
    vector_store: str = "",
) -> Artifacts:
    """Read `artifacts/NAME`, where `catalog` is the name or the folder that was prepared.

    Raises ArtifactError, which says what to run, when the folder is not there, is damaged, was made from a catalogue
    that has changed since, or was made with another encoder than `text_encoder` and `image_encoder` (an open_clip model
    and what it is pretrained on); empty names the embedded one.
    `vector_store` is described as in `index.stores`; it must be the one that was prepared.
    """
    layout = artifact_layout(artifacts, catalog)
    manifest = read_manifest(layout)
    _check_encoder(layout, manifest, "text", manifest.text_encoder, text_encoder_identity(text_encoder))
    _check_encoder(layout, manifest, "image", manifest.image_encoder, clip_identity(*image_encoder))
    _check_source(layout, manifest)
    items = read_items(layout)
    interactions, embeddings = _read_tables(layout, manifest)
    history = HistoryModel.load(layout.history_model)
    loaded = Artifacts(
        layout=layout,
        manifest=manifest,
        items=items,
        interactions=interactions,
        embeddings=embeddings,
        dense=DenseIndex.load(layout.dense_index, store=open_store(vector_store)),
        lexical=LexicalIndex.load(layout.lexical_index),
        history=history,
        ranker=BlendedRanker.load(layout.ranker, history),
        graph=ItemGraph.load(layout.graph),
        statistics=RatingStatistics.load(layout.statistics),
        fusion=Fusion.load(layout.fusion),
        pictures=PictureIndex.load(layout.picture_index),
    )
    _check_sizes(loaded)
    return loaded


def configured_artifacts(settings: Settings) -> Artifacts:
    """`load_artifacts` of the catalogue that the settings name."""
    return load_artifacts(
        settings.artifacts,
        settings.catalog,
        text_encoder=settings.text_encoder,
        image_encoder=(settings.image_encoder, settings.image_pretrained),
        vector_store=settings.vector_store,
    )


def _check_encoder(layout: ArtifactLayout, manifest: Manifest, kind: str, found: str, wanted: str) -> None:
    if found != wanted:
        cause = (
            f"{layout.root} was made with the {kind} encoder {found or 'of an earlier version'}, and {wanted} is set."
        )
        mend = f"Run `{prepare_command(manifest)}`, or set TASTEMAKER_{kind.upper()}_ENCODER back."
        raise ArtifactError(cause, mend=mend)


def _check_source(layout: ArtifactLayout, manifest: Manifest) -> None:
    """Compare hashes where the source can be seen; an artifact folder may well be used on another machine."""
    try:
        media = Path(manifest.media) if manifest.media else None
        fingerprint = find_source(manifest.source, media).fingerprint()
    except (InputError, OSError):
        return
    if fingerprint != manifest.catalog_hash:
        cause = f"The catalogue {manifest.catalog} has changed since {layout.root} was made."
        raise ArtifactError(cause, mend=f"Run `{prepare_command(manifest)}`.")


def _read_tables(layout: ArtifactLayout, manifest: Manifest) -> tuple[pl.DataFrame, npt.NDArray[np.float32]]:
    try:
        interactions = pl.read_parquet(layout.interactions).select(*INTERACTION_SCHEMA)
        embeddings = np.load(layout.text_embeddings, allow_pickle=False)
    except (OSError, ValueError, EOFError, pl.exceptions.PolarsError) as error:
        raise _damaged(layout, "a table can't be read", manifest) from error
    return interactions, embeddings


def _check_sizes(loaded: Artifacts) -> None:
    manifest, count = loaded.manifest, loaded.manifest.item_count
    expected = {
        "items": (len(loaded.items), count),
        "interactions": (len(loaded.interactions), manifest.interaction_count),
        "embeddings": (loaded.embeddings.shape, (count, manifest.embedding_dimensions)),
        "the dense index": ((len(loaded.dense), loaded.dense.dimensions), (count, manifest.embedding_dimensions)),
        "the statistics": (len(loaded.statistics.chosen), count),
        "the history model": (loaded.history.n_items, count),
        "the fused embeddings": (len(loaded.fusion.embeddings), count),
        "the ranker": (len(loaded.ranker.popularity), count),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise _damaged(loaded.layout, f"the manifest says {wanted} for {name}, and {found} is there", manifest)


def _damaged(layout: ArtifactLayout, what: str, manifest: Manifest) -> ArtifactError:
    return ArtifactError(
        f"{layout.root} is damaged: {what}.", mend=f"Delete the folder and run `{prepare_command(manifest)}`."
    )
