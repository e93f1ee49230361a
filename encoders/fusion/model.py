"""The trained fusion: features of items in, embeddings out, all numpy and on the CPU."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ArtifactError, InputError
from core.modality import Modality
from encoders.fusion.network import FusionKind, FusionNetwork

if TYPE_CHECKING:
    from torch import Tensor

FloatArray = npt.NDArray[np.float32]

# Items that are embedded at once; bounds the memory whatever the size of the catalogue.
CHUNK = 1024
_SHAPE, _WEIGHTS = "fusion.json", "fusion.safetensors"


class FusionShape(BaseModel):
    """The modalities that a fusion was trained for, in order, and the shape of its network."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: dict[str, int]  # numbers of features by the modality's name
    dimensions: int = 128
    fusion: FusionKind = "full"
    disentanglement: bool = True
    variational: bool = False
    hidden: int = 256
    layers: int = 1
    tokens: int = 4
    dropout: float = 0.1

    def network(self) -> FusionNetwork:
        """A network of this shape with fresh weights."""
        rest = self.model_dump(exclude={"features", "dimensions"})
        return FusionNetwork(tuple(self.features.values()), width=self.dimensions, **rest)


@dataclass(frozen=True)
class Fused:
    """Embeddings of items, and how much each modality counted for each of them."""

    embeddings: FloatArray  # [items, d], unit length; zeros for an item of which nothing is known
    # [items, modalities]; a row sums to one, or is zero for an item of which nothing is known. Even but in full fusion.
    weights: FloatArray
    names: tuple[str, ...]  # of the modalities


class FusionModel:
    """Embeds items from any of their modalities. An item that was never seen is embedded like any other."""

    def __init__(self, shape: FusionShape, network: FusionNetwork) -> None:
        self.shape = shape
        self.network = network.cpu().eval()

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities that it reads, in the order of the weights."""
        return tuple(self.shape.features)

    @property
    def dimensions(self) -> int:
        """How many numbers an embedding has."""
        return self.shape.dimensions

    def fuse(self, modalities: Sequence[Modality]) -> Fused:
        """Embeddings of items from what there is of them; a modality that is not given is missing for all.

        Raises InputError for a modality that it was not trained for, or with another number of features.
        """
        import torch

        embeddings, weights = [], []
        with torch.inference_mode():
            for features, present in self._chunks(modalities):
                chunk = self.network(features, present)
                embeddings.append(chunk[0].numpy())
                weights.append(chunk[1].numpy())
        return Fused(
            np.concatenate(embeddings) if embeddings else np.zeros((0, self.dimensions), dtype=np.float32),
            np.concatenate(weights) if weights else np.zeros((0, len(self.names)), dtype=np.float32),
            self.names,
        )

    def project(self, name: str, features: FloatArray) -> FloatArray:
        """Features [k, d_m] of one modality, such as texts or pictures, as unit vectors [k, d] of the shared space.

        All modalities are compared with each other and with fused items there.
        """
        import torch

        position = self._position(name, features.shape[1])
        chunks = []
        with torch.inference_mode():
            for start in range(0, len(features), CHUNK):
                rows = np.array(features[start : start + CHUNK], dtype=np.float32)
                chunks.append(self.network.project(position, torch.from_numpy(rows)).numpy())
        return np.concatenate(chunks) if chunks else np.zeros((0, self.dimensions), dtype=np.float32)

    def shared(self, modalities: Sequence[Modality], name: str) -> FloatArray:
        """What one modality alone says of each item, [items, d] in the shared space; zeros where it is missing."""
        found = next((modality for modality in modalities if modality.name == name), None)
        if found is None:
            raise InputError(f"There is no modality {name}.", mend=f"Give one of: {', '.join(self.names)}.")
        projected = np.zeros((len(found.features), self.dimensions), dtype=np.float32)
        projected[found.present] = self.project(name, found.features[found.present])
        return projected

    def save(self, folder: Path) -> None:
        """Write the shape as JSON and the weights as safetensors."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.network.state_dict(), folder / _WEIGHTS)
        (folder / _SHAPE).write_text(self.shape.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "FusionModel":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            shape = FusionShape.model_validate(json.loads((folder / _SHAPE).read_text(encoding="utf-8")))
            network = shape.network()
            network.load_state_dict(load_file(folder / _WEIGHTS))
        except (OSError, ValueError, RuntimeError, SafetensorError, ValidationError) as error:
            raise ArtifactError(f"The fusion {folder} can't be read.", mend="Run `tastemaker prepare`.") from error
        return cls(shape, network)

    def _position(self, name: str, dimensions: int) -> int:
        known = self.shape.features
        if name not in known:
            cause = f"The fusion was trained without the modality {name}; it knows {', '.join(known)}."
            raise InputError(cause, mend="Run `tastemaker prepare`.")
        if known[name] != dimensions:
            cause = f"The modality {name} has {dimensions} features, and the fusion was trained for {known[name]}."
            raise InputError(cause, mend="Run `tastemaker prepare`, or use the encoder that it was trained with.")
        return self.names.index(name)

    def _chunks(self, modalities: Sequence[Modality]) -> Iterator[tuple[list["Tensor"], "Tensor"]]:
        import torch

        given = {self._position(one.name, one.features.shape[1]): one for one in modalities}
        items = number_of_items(modalities)
        for start in range(0, items, CHUNK):
            rows = slice(start, min(start + CHUNK, items))
            size = rows.stop - rows.start
            present = np.zeros((size, len(self.names)), dtype=np.bool_)
            features = [np.zeros((size, width), dtype=np.float32) for width in self.shape.features.values()]
            for position, modality in given.items():
                present[:, position] = modality.present[rows]
                features[position] = np.array(modality.features[rows], dtype=np.float32)
            yield [torch.from_numpy(values) for values in features], torch.from_numpy(present)


def number_of_items(modalities: Sequence[Modality]) -> int:
    """How many items the modalities speak of. Raises InputError when they differ."""
    counts = {len(modality.features) for modality in modalities}
    if len(counts) > 1:
        names = ", ".join(f"{modality.name} ({len(modality.features)})" for modality in modalities)
        raise InputError(f"The modalities speak of different numbers of items: {names}.", mend="Encode them again.")
    return counts.pop() if counts else 0
