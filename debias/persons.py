"""A person's embedding without what tells their group: a map learned by `training.adversary`, which reads no group."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PersonMap:
    """An affine map of the space in which people and items lie: e ↦ e M + b."""

    matrix: FloatArray  # [d, d]
    bias: FloatArray  # [d]

    def __call__(self, persons: npt.NDArray[np.floating]) -> FloatArray:
        """The embeddings [p, d] of people, or [d] of one, mapped."""
        mapped: FloatArray = np.asarray(persons, dtype=np.float32) @ self.matrix + self.bias
        return mapped

    def save(self, path: Path) -> None:
        """Write both arrays to one npz file."""
        with path.open("wb") as file:
            np.savez(file, matrix=self.matrix, bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> "PersonMap":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(arrays["matrix"], arrays["bias"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtifactError(f"The map of people {path} can't be read.", mend="Train it again.") from error
