"""Items as multimodal embeddings: what `prepare` makes of pictures, sound and everything else, and what serving reads.

Pictures and sound become features; all kinds of data become one embedding an item (`training.fusion`); pictures get an
index of their own, for "something that looks like this".
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError

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
EMBEDDINGS, WEIGHTS, MODEL = "embeddings.npy", "weights.npy", "model"
FUSION_LOG, CONTENT = "training.json", "content.npy"
PICTURE_INDEX, PICTURE_ROWS = "index", "rows.npy"


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


class PictureIndex:
    """Finds the items whose pictures are like a given one."""

    def __init__(self, index: "DenseIndex", rows: IntArray) -> None:
        """`rows` [m]: the item of each picture of the index."""
        self._index, self._rows = index, rows

    @classmethod
    def load(cls, folder: Path) -> "PictureIndex | None":
        """What `server.making.pictures` wrote; None where no item has a picture."""
        from index.dense import DenseIndex

        rows = np.load(folder / PICTURE_ROWS) if (folder / PICTURE_ROWS).exists() else np.empty(0, dtype=np.int64)
        return cls(DenseIndex.load(folder / PICTURE_INDEX), rows) if len(rows) else None

    def search(self, features: FloatArray, k: int = HITS) -> "Pictures":
        """The items with the `k` nearest pictures to features [d]."""
        from index.query import NO_PICTURES, Pictures

        length = float(np.linalg.norm(features))
        if not length:
            return NO_PICTURES
        hits = self._index.search((features / length).astype(np.float32), k)
        rows = self._rows[[row for row, _ in hits]]
        return Pictures(rows, np.array([similarity for _, similarity in hits]), of=len(self._rows))


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
            return cls(folder, np.load(folder / EMBEDDINGS), np.load(folder / WEIGHTS))
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactError(f"{folder} can't be read.", mend="Run `tastemaker prepare` again.") from error

    @cached_property
    def model(self) -> "FusionModel":
        """What embeds words, pictures and items."""
        from encoders.fusion.model import FusionModel

        return FusionModel.load(self.folder / MODEL)

    @property
    def health(self) -> "FusionHealth | None":
        """What the fusion watched in itself when it was trained."""
        from encoders.fusion.monitors import FusionHealth

        return FusionHealth.from_log(self.folder / FUSION_LOG)

    def shares(self, row: int) -> dict[str, float]:
        """How much each modality that an item has counts in its embedding; sums to 1."""
        weights = self.weights[row].astype(float)
        return {name: round(float(w), 4) for name, w in zip(self.model.names, weights, strict=True) if w > 0}
