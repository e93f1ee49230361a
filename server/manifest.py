"""The light part of an artifact folder: its manifest and its items. Imports nothing heavy."""

from pathlib import Path

from pydantic import ValidationError

from core.artifacts import FORMAT_VERSION, ArtifactLayout, Manifest
from core.errors import ArtifactError, InputError
from core.item import Item, ItemTable


def artifact_layout(artifacts: Path, catalog: str) -> ArtifactLayout:
    """Where the artifacts of a catalogue stand, by its name or its folder."""
    name = Path(catalog).name or Path(catalog).resolve().name
    return ArtifactLayout(artifacts / name)


def read_manifest(layout: ArtifactLayout) -> Manifest:
    """The manifest. Raises ArtifactError when the folder is missing, unfinished or of another version."""
    name = layout.root.name
    mend = f"Run `tastemaker prepare --catalog {name}`."
    try:
        manifest = Manifest.model_validate_json(layout.manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if layout.items.is_file():
            raise ArtifactError(f"{layout.root} is unfinished.", mend=mend) from error
        raise ArtifactError(f"The catalogue {name} is not prepared in {layout.root.parent}.", mend=mend) from error
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{layout.manifest} can't be read.", mend=f"Delete it. {mend}") from error
    if manifest.format_version != FORMAT_VERSION:
        cause = f"{layout.root} has format {manifest.format_version}; this version reads format {FORMAT_VERSION}."
        raise ArtifactError(cause, mend=f"Delete the folder. {mend}")
    return manifest


def prepare_command(manifest: Manifest) -> str:
    """The command that brings an artifact folder up to date."""
    media = f" --media {manifest.media}" if manifest.media else ""
    return f"tastemaker prepare --catalog {manifest.source or manifest.catalog}{media}"


def read_items(layout: ArtifactLayout) -> ItemTable:
    """The items in row order. Raises ArtifactError when they are missing or damaged."""
    try:
        with layout.items.open(encoding="utf-8") as lines:
            return ItemTable(Item.model_validate_json(line) for line in lines)
    except (OSError, ValidationError, UnicodeDecodeError, InputError) as error:
        cause = f"{layout.items} can't be read."
        raise ArtifactError(cause, mend="Delete it and run `tastemaker prepare`.") from error
