"""A catalogue as it was read: items, who chose them when, and what is known of both."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.artifacts import Wording
from core.columns import ITEM_ID, RATING, TIME, USER_ID
from core.item import ItemTable

INTERACTION_SCHEMA = {USER_ID: pl.String, ITEM_ID: pl.String, TIME: pl.Float64, RATING: pl.Float64}

# (item id, relation, entity), such as ("1", "director", "m.0bq2g"). Entities need not have a name.
Triples = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Catalog:
    """A data set in one shape, wherever it came from."""

    name: str
    items: ItemTable
    # Columns as in INTERACTION_SCHEMA, in time order; at the same time, in the order of the items.
    interactions: pl.DataFrame
    source_hash: str
    wording: Wording = field(default_factory=Wording)
    relations: Triples = ()
    # What is known of the people, for audits: USER_ID first, then any columns, all text.
    users: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={USER_ID: pl.String}))
    # What was left out or mended while reading, one sentence each.
    notices: tuple[str, ...] = ()


def in_time_order(interactions: pl.DataFrame, items: ItemTable) -> pl.DataFrame:
    """Interactions sorted by time.

    Many people rate a page of items within a second. Such ties are broken by the items' order in the catalogue, since
    the order of lines in a file would leak into every measurement that depends on order.
    """
    row = pl.col(ITEM_ID).replace_strict(
        [item.id for item in items], range(len(items)), default=None, return_dtype=pl.Int64
    )
    return interactions.select(*INTERACTION_SCHEMA).sort(TIME, row, USER_ID)


def hash_files(paths: Iterable[Path], *, seed: str = "") -> str:
    """One SHA-256 over the names and bytes of files. The folders above them don't count: a moved folder is the same."""
    digest = hashlib.sha256(seed.encode())
    for path in paths:
        digest.update(f"\0{path.name}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
