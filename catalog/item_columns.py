"""Which column of an item table means what: the names that data sets use, in small letters with underscores."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

ID = (
    "id",
    "item_id",
    "itemid",
    "parent_asin",
    "asin",
    "isbn",
    "sku",
    "product_id",
    "business_id",
    "movie_id",
    "book_id",
)
TITLE = ("title", "name", "item_title", "movie_title", "book_title", "product_name", "product_title")
YEAR = ("year", "release_year", "publication_year", "date", "release_date", "publication_date", "published")
CATEGORIES = ("categories", "category", "genres", "genre", "tags")
DESCRIPTION = ("description", "plot", "text", "summary", "overview", "synopsis", "abstract", "about", "features")
IMAGE = ("image", "image_path", "picture", "poster", "cover", "photo")
AUDIO = ("audio", "audio_path", "audio_file", "sound", "recording")
LATITUDE = ("latitude", "lat")
LONGITUDE = ("longitude", "lon", "lng", "long")
ALIASES = ("aliases", "alias", "other_titles", "alternative_titles", "original_title")
MINUTES = ("minutes", "runtime", "duration_minutes", "runtime_minutes", "playing_time", "playtime")
# What a column of people says about them.
ROLES = {
    "director": "director",
    "directors": "director",
    "author": "author",
    "authors": "author",
    "actor": "actor",
    "actors": "actor",
    "cast": "actor",
    "writer": "writer",
    "writers": "writer",
    "artist": "artist",
    "artists": "artist",
    "composer": "composer",
    "creator": "creator",
    "creators": "creator",
    "designer": "designer",
    "narrator": "narrator",
}
# Facts that have another name in the project.
FACT_NAMES = {"rated": "certificate", "age_rating": "certificate"}
# Columns for machines say nothing to people.
_FOR_MACHINES = re.compile(r".*(_id|_ids|_url|_uri|_link|_hash)|url|uri|link|links|index|unnamed.*|")


@dataclass(frozen=True)
class ItemColumns:
    """The columns of one table by meaning; names are as the file writes them."""

    item_id: str | None
    title: str | None
    year: str | None
    categories: tuple[str, ...]
    description: tuple[str, ...]
    image: str | None
    audio: str | None
    latitude: str | None
    longitude: str | None
    aliases: tuple[str, ...]
    minutes: str | None
    people: dict[str, str]  # column → role
    other: dict[str, str]  # column → the name of a number, date or fact

    @classmethod
    def find(cls, names: Iterable[str]) -> "ItemColumns":
        """Sort the names of columns. Where several could be the id, title, year or picture, the first above wins.

        Without a known name, the only column that ends like an id or a title is taken: "game_id", "game_title".
        """
        columns: dict[str, str] = {}
        for name in names:
            columns.setdefault(_plain(name), name)

        def first(candidates: tuple[str, ...]) -> str | None:
            return next((columns.pop(name) for name in candidates if name in columns), None)

        def every(candidates: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(columns.pop(name) for name in candidates if name in columns)

        def only(*endings: str) -> str | None:
            found = [name for name in columns if name.endswith(endings)]
            return columns.pop(found[0]) if len(found) == 1 else None

        placed = any(name in columns for name in LATITUDE) and any(name in columns for name in LONGITUDE)
        return cls(
            item_id=first(ID) or only("_id"),
            title=first(TITLE) or only("_title", "_name"),
            year=first(YEAR),
            categories=every(CATEGORIES),
            description=every(DESCRIPTION),
            image=first(IMAGE),
            audio=first(AUDIO),
            latitude=first(LATITUDE) if placed else None,
            longitude=first(LONGITUDE) if placed else None,
            aliases=every(ALIASES),
            minutes=first(MINUTES),
            people={columns.pop(name): role for name, role in ROLES.items() if name in columns},
            other={
                column: FACT_NAMES.get(name, name.replace("_", " "))
                for name, column in columns.items()
                if not _FOR_MACHINES.fullmatch(name)
            },
        )


def _plain(name: str) -> str:
    """Write "Release Date" and "releaseDate" as "release_date"."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s\-.]+", "_", name).casefold()
