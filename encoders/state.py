"""What a fitted encoder learned, as plain arrays and JSON in one file. Nothing in it can run."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError

_SETTINGS = "settings.json"


@dataclass(frozen=True)
class State:
    """Learned arrays and settings of one encoder. `kind` keeps the files of several encoders apart."""

    kind: str
    settings: Mapping[str, Any]  # whatever JSON can hold
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @cached_property
    def identity(self) -> str:
        """The kind with a hash of all that was learned."""
        digest = hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode())
        for name, array in sorted(self.arrays.items()):
            digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return f"{self.kind}@{digest.hexdigest()[:12]}"

    def save(self, path: Path) -> None:
        """Write one file in numpy's own format."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"kind": self.kind, "settings": self.settings}, sort_keys=True).encode()
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **{_SETTINGS: np.frombuffer(text, dtype=np.uint8)}, **self.arrays)

    @classmethod
    def load(cls, path: Path, kind: str) -> "State":
        """Read what `save` wrote. Raises ArtifactError when it is missing, damaged or another encoder's."""
        mend = "Run `tastemaker prepare`."
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                content = json.loads(archive[_SETTINGS].tobytes())
                arrays = {name: archive[name] for name in archive.files if name != _SETTINGS}
            found, settings = content["kind"], content["settings"]
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise ArtifactError(f"The encoder {path} can't be read.", mend=mend) from error
        if found != kind:
            raise ArtifactError(f"{path} holds an encoder of {found}, not of {kind}.", mend=mend)
        return cls(kind, settings, arrays)
