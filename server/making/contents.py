"""What a catalogue holds, hashed by what steps read of it: an edit makes anew only what reads what it changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from catalog.catalog import Catalog
from core.artifacts import Wording
from core.columns import ITEM_ID, RATING, TIME, USER_ID
from core.errors import ArtifactError
from core.values import Value
from encoders.item_text import item_sentences, item_words

_ROWS = 1_000_000  # that are hashed at once


class Contents(Value):
    """Hashes of a catalogue's parts, and what else is to be known of it without reading it.

    - ids: the items' ids, in their order
    - item data: all that is said of the items, but for the places of their files
    - texts: what a text encoder reads of them
    - words: what a search by words finds of them
    - relations: what they are linked to
    - choices: who chose what and when
    - ratings: how they liked it
    """

    hashes: dict[str, str]
    has_pictures: bool
    has_sounds: bool
    has_relations: bool
    wording: Wording

    @classmethod
    def of(cls, catalog: Catalog) -> "Contents":
        """What a catalogue holds."""
        items, interactions = catalog.items, catalog.interactions
        return cls(
            hashes={
                "ids": items.ids_hash,
                "item data": _hashed(item.model_dump_json(exclude={"image", "audio"}) for item in items),
                "texts": _hashed(map(item_sentences, items)),
                "words": _hashed(map(item_words, items)),
                "relations": _hashed(map("\0".join, catalog.relations)),
                "choices": _hashed_table(interactions.select(USER_ID, ITEM_ID, TIME)),
                "ratings": _hashed_table(interactions.select(RATING)),
            },
            has_pictures=any(item.image for item in items),
            has_sounds=any(item.audio for item in items),
            has_relations=bool(catalog.relations),
            wording=catalog.wording,
        )

    @classmethod
    def read(cls, path: Path) -> "Contents":
        """What was written of an earlier catalogue. Raises ArtifactError when it is missing or damaged."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise ArtifactError(f"{path} can't be read.", mend="Delete it and run `tastemaker prepare`.") from error


def _hashed(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:16]


def _hashed_table(table: pl.DataFrame) -> str:
    digest = hashlib.sha256()
    for rows in table.iter_slices(_ROWS):
        digest.update(rows.write_csv(include_header=False).encode())
    return digest.hexdigest()[:16]
