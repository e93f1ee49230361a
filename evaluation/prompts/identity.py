"""Which weights answered: what tells a model from another of the same name, such as a new training of it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.adapters import Adapter

_EVERY, _PIECE = 1 << 20, 1 << 16  # bytes


def identity_of_model(model: str, checkpoint: Path) -> str:
    """The hub name or the folder's, and a hash. `checkpoint` is where the files stand."""
    name = checkpoint.resolve().name if model == str(checkpoint) else model
    weights = (*checkpoint.glob("*.safetensors"), *checkpoint.glob("*.bin"))
    return f"{name} {hash_of((checkpoint / 'config.json', *weights))}"


def identity_of_adapter(adapter: "Adapter") -> str:
    """A hash of all that serving it reads."""
    layout = adapter.layout
    return hash_of(path for path in layout.root.rglob("*") if path.is_file() and layout.training not in path.parents)


def hash_of(files: Iterable[Path]) -> str:
    """Of names, sizes and a sixteenth of each file's content, so that it takes seconds for any model."""
    digest = hashlib.sha256()
    for path in sorted(files):
        size = path.stat().st_size
        digest.update(f"{path.name} {size} ".encode())
        with path.open("rb") as file:
            for start in range(0, size, _EVERY):
                file.seek(start)
                digest.update(file.read(_PIECE))
    return digest.hexdigest()[:12]
