"""Items as multimodal embeddings: what `prepare` makes of pictures, sound and everything else, and what serving reads.

Pictures and sound become features; all kinds of data become one embedding an item (`training.fusion`); pictures get an
index of their own, for "something that looks like this".
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.artifacts import ArtifactLayout
from core.errors import ArtifactError
from core.item import ItemTable

if TYPE_CHECKING:  # torch and LlamaIndex take seconds to import; a preparation with nothing to do needs neither
    from encoders.fusion.model import FusionModel
    from encoders.fusion.monitors import FusionHealth
    from index.dense import DenseIndex
    from index.query import Pictures

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
Encoded = tuple[FloatArray, npt.NDArray[np.bool_]]

HITS = 200
_FEATURES, _PRESENT = "features.npy", "present.npy"
_EMBEDDINGS, _WEIGHTS, _MODEL, _ENCODERS = "embeddings.npy", "weights.npy", "model", "encoders"
FUSION_LOG, CONTENT = "training.json", "content.npy"
_INDEX, _ROWS = "index", "rows.npy"


@dataclass(frozen=True)
class Vision:
    """A vision model behind an OpenAI-compatible address; without an address, pictures are tagged if at all."""

    address: str = ""
    model: str = ""
    key: str = field(default="", repr=False)

    @property
    def identity(self) -> str:
        """Changes when other words are to be expected."""
        return f"{self.address} {self.model}".strip()


def words_of_pictures(
    items: ItemTable, vision: Vision, image_encoder: tuple[str, str], layout: ArtifactLayout, cache: Path
) -> list[str]:
    """What is seen on each item's picture: a vision model's sentence, or the tags of a CLIP model.

    The embedded image model tags too oddly to be searched for, so without either, pictures have no words.
    """
    images = [item.image for item in items]
    if vision.address:
        from encoders.picture_describer import PictureDescriber

        file = cache / "picture_words.sqlite"
        describer = PictureDescriber(vision.address, vision.model, vision.key, cache=file)
        try:
            return describer.describe(images, progress="Describing pictures")
        finally:
            describer.close()
    from encoders.image import ImageEncoder
    from encoders.words_of_pictures import sentence_of_tags, zero_shot_tagger

    found = read_features(layout.pictures)
    if found is None:
        return [""] * len(images)
    tagger = zero_shot_tagger(ImageEncoder(*image_encoder)).fit(*found)
    return [sentence_of_tags(tags) for tags in tagger.tags(*found)]


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


def write_features(folder: Path, encoded: Encoded) -> None:
    """Keep features [n, d] and present [n]; `encoded` may be mapped from the folder itself."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _FEATURES).exists():
        np.save(folder / _FEATURES, encoded[0])
    np.save(folder / _PRESENT, encoded[1])


def read_features(folder: Path) -> Encoded | None:
    """What `write_features` kept, mapped into memory; None where there is nothing, or no item has any."""
    if not (folder / _PRESENT).exists():
        return None
    present = np.load(folder / _PRESENT)
    return (np.load(folder / _FEATURES, mmap_mode="r"), present) if present.any() else None


def features_file(folder: Path) -> Path:
    """Where features may be written a batch at a time."""
    return folder / _FEATURES


def write_picture_index(folder: Path, pictures: Encoded | None, items: ItemTable) -> None:
    """An index of the pictures' features, of unit length; its rows are those of the items that have one."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(pictures[1]) if pictures else np.empty(0, dtype=np.int64)
    np.save(folder / _ROWS, rows)
    if pictures:
        from index.dense import DenseIndex

        features = np.asarray(pictures[0][rows], dtype=np.float32)
        features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        DenseIndex.build(features, ItemTable(items.items[row] for row in rows)).save(folder / _INDEX)


class PictureIndex:
    """Finds the items whose pictures are like a given one."""

    def __init__(self, index: "DenseIndex", rows: IntArray) -> None:
        """`rows` [m]: the item of each picture of the index."""
        self._index, self._rows = index, rows

    @classmethod
    def load(cls, folder: Path) -> "PictureIndex | None":
        """What `write_picture_index` wrote; None where no item has a picture."""
        from index.dense import DenseIndex

        rows = np.load(folder / _ROWS) if (folder / _ROWS).exists() else np.empty(0, dtype=np.int64)
        return cls(DenseIndex.load(folder / _INDEX), rows) if len(rows) else None

    def search(self, features: FloatArray, k: int = HITS) -> "Pictures":
        """The items with the `k` nearest pictures to features [d]."""
        from index.query import NO_PICTURES, Pictures

        length = float(np.linalg.norm(features))
        if not length:
            return NO_PICTURES
        hits = self._index.search((features / length).astype(np.float32), k)
        rows = self._rows[[row for row, _ in hits]]
        return Pictures(rows, np.array([similarity for _, similarity in hits]), of=len(self._rows))


def write_fusion(
    folder: Path,
    layout: ArtifactLayout,
    items: ItemTable,
    sequences: Sequence[npt.NDArray[np.integer]],
    relations: Iterable[tuple[str, str, str]],
    changes: str = "{}",
) -> None:
    """Train the fusion of everything that the catalogue has, and embed its items. `changes`: JSON of the settings'."""
    from encoders.cooccurrence import History
    from encoders.fusion.monitors import BEHAVIOUR
    from encoders.modalities import ItemEncoders, as_modalities, item_links
    from training.fusion import LOG, FusionTraining, train_fusion
    from training.fusion_data import co_chosen

    encoders, found = ItemEncoders.fit(
        items.items,
        histories=[History(np.asarray(rows, dtype=np.int64)) for rows in sequences],
        links=item_links(items, relations),
        audio_cache=layout.root.parent / "cache" / "audio_features.sqlite",
        progress=True,
    )
    modalities = as_modalities(np.load(layout.text_embeddings), read_features(layout.pictures), found)
    settings = FusionTraining.model_validate(json.loads(changes))
    work = layout.fusion_training
    model = train_fusion(modalities, settings, work, pairs=co_chosen(sequences), progress="Fusing")
    fused = model.fuse(modalities)
    folder.mkdir(parents=True, exist_ok=True)
    encoders.save(folder / _ENCODERS)
    model.save(folder / _MODEL)
    np.save(folder / _EMBEDDINGS, fused.embeddings)
    # What an item is of by itself: for ranking, where who chose it is what is to be foretold.
    content = [modality for modality in modalities if modality.name != BEHAVIOUR]
    np.save(folder / CONTENT, model.fuse(content).embeddings)
    np.save(folder / _WEIGHTS, fused.weights.astype(np.float16))
    (folder / FUSION_LOG).write_text((work / LOG).read_text(encoding="utf-8"), encoding="utf-8")


@dataclass(frozen=True)
class Fusion:
    """The fused embeddings of a catalogue. The model itself is read when it is first needed."""

    folder: Path
    embeddings: FloatArray  # [n, d], unit length; zeros for an item of which nothing is known
    weights: npt.NDArray[np.float16]  # [n, modalities]; how much each counts for an item

    @classmethod
    def load(cls, folder: Path) -> "Fusion":
        """Raises ArtifactError when it is missing or damaged."""
        try:
            return cls(folder, np.load(folder / _EMBEDDINGS), np.load(folder / _WEIGHTS))
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactError(f"{folder} can't be read.", mend="Run `tastemaker prepare` again.") from error

    @cached_property
    def model(self) -> "FusionModel":
        """What embeds words, pictures and items."""
        from encoders.fusion.model import FusionModel

        return FusionModel.load(self.folder / _MODEL)

    @property
    def health(self) -> "FusionHealth | None":
        """What the fusion watched in itself when it was trained."""
        from encoders.fusion.monitors import FusionHealth

        return FusionHealth.from_log(self.folder / FUSION_LOG)

    def shares(self, row: int) -> dict[str, float]:
        """How much each modality that an item has counts in its embedding; sums to 1."""
        weights = self.weights[row].astype(float)
        return {name: round(float(w), 4) for name, w in zip(self.model.names, weights, strict=True) if w > 0}
