"""Plots, people, facts and posters for MovieLens-100K from a folder beside the project. Pictures stay in place."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.catalog import Catalog, hash_files
from catalog.fields import as_id, as_minutes, as_people, as_text, is_missing
from catalog.records import broken_line, read_records
from core.errors import InputError
from core.item import Credit, Item, ItemTable

MAX_PLOT_CHARS = 5_000

# What a film's certificate column says when there is none.
_NO_CERTIFICATE = {"not rated", "unrated"}


class Media:
    """A folder with `ml-100k/extra.jsonl` (or the `ml-100k` folder itself) and, if it is there, `ml-1m/items.jsonl`.

    Lines of the first hold `item_id`, `imdb_id`, `plot`, `director`, `actors` and `poster`, a path relative to the
    file. The second adds `runtime`, `country` and `rated` to films with the same `imdb_id`.
    """

    def __init__(self, folder: Path) -> None:
        found = [base for base in (folder / "ml-100k", folder) if (base / "extra.jsonl").is_file()]
        if not found:
            raise InputError(
                f"The media folder {folder} has no ml-100k/extra.jsonl.",
                mend="Give a folder that holds it, or leave --media out.",
            )
        self.extra = found[0].resolve() / "extra.jsonl"
        self.details = self.extra.parent.parent / "ml-1m" / "items.jsonl"

    def fingerprint(self) -> str:
        """Changes with the tables and with the place of the pictures, which items name by absolute path."""
        return hash_files([path for path in (self.extra, self.details) if path.is_file()], seed=str(self.extra))

    def add_to(self, catalog: Catalog) -> Catalog:
        """The catalogue with all that the folder knows. Raises InputError for a broken line."""
        details = self._read_details()
        known: dict[str, Item] = {item.id: item for item in catalog.items}
        for line, record in read_records(self.extra):
            item_id = as_id(record.get("item_id"))
            if not item_id:
                raise broken_line(self.extra, line, "it has no item_id", "Add the film's id, or delete the line")
            if item_id in known:
                known[item_id] = self._enriched(
                    known[item_id], {**details.get(as_id(record.get("imdb_id")), {}), **record}
                )
        return replace(catalog, items=ItemTable(known.values()))

    def films_of_ml1m(self, items: ItemTable) -> dict[str, list[str]]:
        """Ids of MovieLens-100K's films by MovieLens-1M id, joined by IMDb id; empty without MovieLens-1M's table."""
        films: dict[str, list[str]] = {}
        for _, record in read_records(self.extra):
            if (item_id := as_id(record.get("item_id"))) in items and not is_missing(record.get("imdb_id")):
                films.setdefault(as_id(record["imdb_id"]), []).append(item_id)
        if not self.details.is_file():
            return {}
        return {
            as_id(record.get("item_id")): films[imdb_id]
            for _, record in read_records(self.details)
            if (imdb_id := as_id(record.get("imdb_id"))) in films
        }

    def _read_details(self) -> dict[str, dict[str, Any]]:
        if not self.details.is_file():
            return {}
        wanted = ("runtime", "country", "rated")
        return {
            as_id(record["imdb_id"]): {name: record.get(name) for name in wanted}
            for _, record in read_records(self.details)
            if not is_missing(record.get("imdb_id"))
        }

    def _enriched(self, item: Item, record: dict[str, Any]) -> Item:
        present = {name: value for name, value in record.items() if not is_missing(value)}
        minutes = as_minutes(present.get("runtime"))
        return item.model_copy(
            update={
                "description": as_text(present.get("plot", ""), limit=MAX_PLOT_CHARS),
                "people": (*_credits(present, "director", "director"), *_credits(present, "actors", "actor")),
                "numbers": {"minutes": minutes} if minutes else {},
                "facts": _facts(present),
                "image": self._image(present.get("poster")),
            }
        )

    def _image(self, name: Any) -> Path | None:
        path = (self.extra.parent / name).resolve() if isinstance(name, str) else None
        return path if path and path.is_file() else None


def _credits(record: dict[str, Any], column: str, role: str) -> tuple[Credit, ...]:
    return tuple(Credit(name=name, role=role) for name in as_people(record.get(column, ())))


def _facts(record: dict[str, Any]) -> dict[str, str]:
    facts = {}
    if "country" in record:
        facts["country"] = as_text(record["country"], limit=100)
    certificate = as_text(record.get("rated", ""), limit=20)
    if certificate and certificate.casefold() not in _NO_CERTIFICATE:
        facts["certificate"] = certificate.title() if len(certificate) > 5 else certificate
    return facts
