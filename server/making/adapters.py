"""Adapters that were trained before the catalogue's last edit: they read its new items too, as cold ones.

An adapter's soft tokens are made of item vectors by row, in the space of a fusion of its own (`server.early_fusion`).
Its weights know no item, so it goes on as long as that fusion can place the items that are there now.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.adapter import TRAIN_AGAIN, AdapterLayout, AdapterManifest, read_manifest, write_manifest
from core.errors import ArtifactError, InputError
from core.item import ItemTable
from server.adapters import adapter_names, adapters_folder
from server.atomic import replacing
from server.making.fusion import ENCODERS
from server.making.learned import MOST_NEW, earlier_rows
from server.making.work import Work
from server.representation import MODEL, Fusion, read_features

FloatArray = npt.NDArray[np.float32]

_KNOWN = "items.json"


@dataclass(frozen=True)
class KnownItems:
    """The items that a fusion was made for, in the order of its rows, and the encoders of their texts and pictures."""

    ids: tuple[str, ...]
    encoders: tuple[str, str]

    def save(self, fused: Path) -> None:
        """Write it into the folder of the fusion."""
        with replacing(fused / _KNOWN) as path:
            path.write_text(json.dumps({"ids": self.ids, "encoders": self.encoders}), encoding="utf-8")

    @classmethod
    def load(cls, fused: Path) -> "KnownItems | None":
        """What `save` wrote; None where there is nothing that can be read."""
        try:
            read = json.loads((fused / _KNOWN).read_text(encoding="utf-8"))
            text, image = read["encoders"]
            return cls(tuple(read["ids"]), (text, image))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def fusion_folder(adapters: Path, catalog_hash: str) -> Path:
    """Where the fusion stands that adapters read which were trained with a state of a catalogue."""
    return adapters / ".fusion" / catalog_hash


def fused_items(folder: Path) -> Path:
    """Where in it the fusion itself stands, when it is finished."""
    return folder / "fused"


def renew_adapters(work: Work) -> None:
    """Give each adapter of the catalogue the vectors of the items that are there now, or say in a line why not."""
    adapters = adapters_folder(work.layout.root)
    for name in adapter_names(work.layout.root):
        layout = AdapterLayout(adapters / name)
        try:
            manifest = read_manifest(layout)
            if not manifest.has_soft_prompt or manifest.items_hash in ("", work.items.ids_hash):
                continue
            embeddings = _renewed(fused_items(fusion_folder(adapters, manifest.catalog_hash)), work)
        except (ArtifactError, InputError) as error:
            work.say(f"{work.source.name}: the adapter {name} can't be kept: {error.cause} {TRAIN_AGAIN}")
            continue
        _write(layout, manifest, embeddings, work.items)
        work.say(f"{work.source.name}: the adapter {name} is kept, and reads the items as they are now")


def _renewed(fused: Path, work: Work) -> FloatArray:
    """The vectors [n, d] of today's items: as they were learned with, and of new ones as the network places them.

    Raises ArtifactError or InputError.
    """
    known = KnownItems.load(fused)
    if known is None:
        raise _lost("what places its items is not there.")
    if known.encoders != (work.state("text encoder"), work.state("image encoder")):
        raise _lost("texts or pictures are read by another encoder.")
    rows = earlier_rows(known.ids, work.items)
    new = np.flatnonzero(rows < 0)
    if len(new) > MOST_NEW * len(known.ids):
        raise _lost(f"{len(new)} items are new to it, more than a twentieth.")
    embeddings = Fusion.load(fused).embeddings[rows]
    if len(new):
        embeddings[new] = _placed(fused, work, new)
    return embeddings


def _placed(fused: Path, work: Work, rows: npt.NDArray[np.integer]) -> FloatArray:
    """Vectors [k, d] of items that a fusion never saw, by what they are; who chose them is not known, nor their links.

    A kind of data that the fusion was not trained for is not read.
    """
    from encoders.fusion.model import FusionModel
    from encoders.modalities import ItemEncoders, as_modalities

    model = FusionModel.load(fused / MODEL)
    encoders = ItemEncoders.load(fused / ENCODERS, audio_cache=work.cache / "audio_features.sqlite")
    found = encoders.encode([work.items.items[row] for row in rows])
    text = np.load(work.layout.text_embeddings, mmap_mode="r")[rows]
    pictures = read_features(work.layout.pictures)
    seen = (np.asarray(pictures[0][rows]), pictures[1][rows]) if pictures else None
    return model.fuse([one for one in as_modalities(text, seen, found) if one.name in model.names]).embeddings


def _write(layout: AdapterLayout, manifest: AdapterManifest, embeddings: FloatArray, items: ItemTable) -> None:
    """A kill between the files leaves an adapter that fits no catalogue, until the next preparation."""
    write_manifest(layout, manifest.model_copy(update={"items_hash": "unfinished"}))
    with replacing(layout.embeddings) as path:
        np.save(path, embeddings.astype(np.float16))
    write_manifest(layout, manifest.model_copy(update={"items_hash": items.ids_hash}))


def _lost(why: str) -> ArtifactError:
    return ArtifactError(why, mend=TRAIN_AGAIN)
