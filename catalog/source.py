"""From the name that a person gives to a catalogue that can be read."""

from pathlib import Path
from typing import Protocol

from catalog.catalog import Catalog
from core.errors import InputError, NotFoundError


class CatalogSource(Protocol):
    """Where a catalogue comes from. Its fingerprint is cheap: it reads bytes, never records."""

    name: str
    origin: str  # what finds it again from anywhere: a built-in name or an absolute folder

    def fingerprint(self) -> str:
        """A hash of everything that the catalogue is read from."""
        ...

    def read(self) -> Catalog:
        """The catalogue, whose `source_hash` is the fingerprint. Raises InputError for whatever is broken."""
        ...


def find_source(catalog: str, media: Path | None = None) -> CatalogSource:
    """The built-in catalogue of a name, or a folder. Raises InputError when it is neither."""
    from catalog.folder import CatalogFolder
    from catalog.movielens import NAME, MovieLens100K

    if catalog == NAME:
        return MovieLens100K(media)
    folder = Path(catalog)
    if folder.is_dir():
        if media is not None:
            cause = f"--media goes with {NAME} only."
            raise InputError(cause, mend="Name pictures and texts in the folder's table of items.")
        return CatalogFolder(folder)
    if folder.exists():
        raise InputError(f"{catalog} is not a folder.", mend="Give the folder that holds items.jsonl.")
    raise NotFoundError(f"There is no catalogue {catalog}.", mend=f"Give {NAME}, or a folder that holds items.jsonl.")
