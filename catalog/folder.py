"""A catalogue of one's own: a folder with a table of items and, if it is known, what people chose.

- `items.jsonl`, `.csv`, `.tsv` or `.parquet`: an id and a title, and any of a year, dates, a latitude and longitude,
  categories, texts, people, numbers, short facts, and the paths of a picture and of a sound inside the folder.
  `catalog.item_columns` lists the names that are understood.
- `interactions.jsonl`, `.csv` or `.parquet`: a user, an item, a time and, if there is one, a rating.
- `sequences.jsonl`: `{"user_id": "1", "item_ids": ["7", "3"]}`, a person's items in time order.
- `users.jsonl`, `.csv` or `.parquet`: a user and anything that is known of them, for audits of fairness.
- `conversations.jsonl`: conversations in which items were recommended; see `catalog.conversations`.
- `columns.json`: what other columns are called here, such as `{"Inventory no.": "id", "Caption": "title"}`.
- `wording.json`: how to speak of the items, such as `{"item": "book", "items": "books", "category": "genre"}`.
"""

import json
from pathlib import Path

import polars as pl

from catalog.catalog import Catalog, hash_files
from catalog.conversations import conversation_files
from catalog.interactions import no_interactions, read_interactions, read_sequences
from catalog.item_columns import ItemColumns
from catalog.item_table import ItemReader
from catalog.records import find_table
from catalog.users import no_users, read_users
from core.artifacts import Wording
from core.errors import InputError
from core.item import ItemTable

# What a catalogue's items are likely to be, by who made them, or by columns that only goods have.
_ITEM_WORDS = {"director": ("film", "films"), "author": ("book", "books")}
# Raised when the reader makes something else of the same files, so that folders are read anew.
READING = 2
_FOR_SALE = {"sku", "handle", "asin", "parent_asin", "product_id", "brand"}


class CatalogFolder:
    """A folder as described above. Its base name is the catalogue's name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.name = self.folder.name
        self.origin = str(self.folder)
        items = find_table(self.folder, "items")
        if items is None:
            mend = "Write items.jsonl, items.csv or items.parquet with an id and a title for each item."
            raise InputError(f"The folder {folder} has no table of items.", mend=mend)
        self._items = items
        self._interactions = find_table(self.folder, "interactions")
        sequences = self.folder / "sequences.jsonl"
        self._sequences = sequences if sequences.is_file() else None
        if self._interactions and self._sequences:
            cause = f"{folder} holds {self._interactions.name} and sequences.jsonl."
            raise InputError(cause, mend="Keep one of them.")
        self._users = find_table(self.folder, "users")
        self._wording = self.folder / "wording.json"
        self._columns = self.folder / "columns.json"
        self._conversations = conversation_files(self.folder)

    def fingerprint(self) -> str:
        """Changes with the files, with what the reader makes of them, and with the place of the folder.

        Items name their pictures by absolute path.
        """
        tables = (self._items, self._interactions, self._sequences, self._users)
        files = (*tables, self._columns, self._wording, *self._conversations)
        return hash_files([path for path in files if path and path.is_file()], seed=f"{self.folder}\0{READING}")

    def read(self) -> Catalog:
        """The whole catalogue. Raises InputError that names the file and line for whatever is broken."""
        renamed = self._renamed()
        reader = ItemReader(self._items, renamed)
        items = reader.read()
        id_column = next((own for own, name in renamed.items() if name == reader.columns.item_id), None)
        interactions, notices = self._read_interactions(items, id_column or reader.columns.item_id or "")
        return Catalog(
            name=self.name,
            items=items,
            interactions=interactions,
            source_hash=self.fingerprint(),
            wording=self._read_wording(reader.columns),
            users=read_users(self._users) if self._users else no_users(),
            notices=(*reader.notices, *notices),
        )

    def _renamed(self) -> dict[str, str]:
        """The names of columns that the folder's own table says, by those in its files."""
        if not self._columns.is_file():
            return {}
        mend = 'Write the column and what it is: {"Inventory no.": "id", "Caption": "title"}.'
        try:
            names = json.loads(self._columns.read_text(encoding="utf-8-sig"))
        except ValueError as error:  # not UTF-8, or not JSON
            raise InputError("columns.json can't be understood.", mend=mend) from error
        if not (isinstance(names, dict) and all(isinstance(name, str) for name in names.values())):
            raise InputError("columns.json can't be understood.", mend=mend)
        return names

    def _read_interactions(self, items: ItemTable, id_column: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
        if self._interactions:
            return read_interactions(self._interactions, items, id_column, self._renamed())
        if self._sequences:
            return read_sequences(self._sequences, items)
        return no_interactions(), ("Nobody's choices are known: items are found by their words alone.",)

    def _read_wording(self, columns: ItemColumns) -> Wording:
        if not self._wording.is_file():
            return _guess_wording(columns)
        mend = 'Write it like {"item": "book", "items": "books", "category": "genre"}.'
        try:
            words = json.loads(self._wording.read_text(encoding="utf-8-sig"))
            if isinstance(words, dict) and isinstance(words.get("item"), str):
                words.setdefault("items", f"{words['item']}s")
            return Wording.model_validate(words)
        except ValueError as error:  # not UTF-8, not JSON, or not these words
            raise InputError("wording.json can't be understood.", mend=mend) from error


def _guess_wording(columns: ItemColumns) -> Wording:
    names = {(columns.item_id or "").casefold(), *columns.other.values()}
    is_for_sale = columns.price or columns.options or names & _FOR_SALE
    other = ("product", "products") if is_for_sale else ("item", "items")
    words = next((_ITEM_WORDS[role] for role in columns.people.values() if role in _ITEM_WORDS), other)
    genres = any(name.casefold().startswith("genre") for name in columns.categories)
    return Wording(item=words[0], items=words[1], category="genre" if genres else "category")
