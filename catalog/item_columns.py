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
    "sku",
    "product_id",
    "business_id",
    "movie_id",
    "book_id",
    "record_id",
    "article_number",
    "artikelnummer",
    "artikel_nr",
    "katalognummer",
    "handle",
    "isbn",
)
# Numbers on packages and covers, where nothing else is an id.
CODES = ("isbn13", "isbn_13", "ean", "gtin", "upc")
TITLE = (
    "title",
    "name",
    "item_title",
    "movie_title",
    "book_title",
    "product_name",
    "product_title",
    "titel",
    "bezeichnung",
    "artikelbezeichnung",
    "produktname",
)
YEAR = (
    "year",
    "release_year",
    "publication_year",
    "year_published",
    "yearpublished",
    "vintage",
    "date",
    "release_date",
    "publication_date",
    "published",
    "jahr",
    "jahrgang",
    "erscheinungsjahr",
)
CATEGORIES = (
    "categories",
    "category",
    "subcategory",
    "genres",
    "genre",
    "type",
    "product_type",
    "product_category",
    "subjects",
    "topics",
    "mechanics",
    "grape",
    "grapes",
    "variety",
    "style",
    "cuisine",
    "color",
    "colour",
    "tags",
    "keywords",
    "kategorie",
    "kategorien",
    "warengruppe",
    "farbe",
    "geschmack",
    "rebsorte",
    "rebsorten",
    "schlagwort",
    "schlagworte",
    "schlagwörter",
)
DESCRIPTION = (
    "subtitle",
    "untertitel",
    "description",
    "body_html",
    "product_description",
    "plot",
    "text",
    "summary",
    "overview",
    "synopsis",
    "abstract",
    "about",
    "features",
    "tasting_notes",
    "beschreibung",
    "zusammenfassung",
)
IMAGE = (
    "image",
    "image_path",
    "picture",
    "poster",
    "cover",
    "photo",
    "bild",
    "image_src",
    "image_link",
    "image_url",
    "thumbnail",
)
AUDIO = ("audio", "audio_path", "audio_file", "sound", "recording")
LATITUDE = ("latitude", "lat")
LONGITUDE = ("longitude", "lon", "lng", "long")
ALIASES = ("aliases", "alias", "other_titles", "alternative_titles", "original_title")
# Of a span the longest counts: whoever has half an hour has no use for "20 to 60 minutes".
MINUTES = (
    "minutes",
    "runtime",
    "duration_minutes",
    "runtime_minutes",
    "playing_time",
    "playtime",
    "playingtime",
    "max_playtime",
    "maxplaytime",
    "max_playing_time",
    "total_time",
    "spieldauer",
    "laufzeit",
)
PRICE = (
    "price",
    "variant_price",
    "sale_price",
    "current_price",
    "regular_price",
    "list_price",
    "preis",
    "verkaufspreis",
)
PAGES = ("pages", "page_count", "num_pages", "number_of_pages", "extent", "seiten", "umfang")
PLAYERS = ("players", "number_of_players", "player_count", "spieler", "spielerzahl")
# How the variants of a product differ.
OPTIONS = ("option1_value", "option2_value", "option3_value")
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
    "designers": "designer",
    "verfasser": "author",
    "autor": "author",
    "autoren": "author",
    "regie": "director",
}
# Facts that have another name in the project.
FACT_NAMES = {
    "rated": "certificate",
    "age_rating": "certificate",
    "vendor": "brand",
    "variant_grams": "grams",
    "variant_compare_at_price": "regular price",
    "minplayers": "min players",
    "maxplayers": "max players",
    "minage": "min age",
    "minplaytime": "min playtime",
    "sprache": "language",
    "land": "country",
    "verlag": "publisher",
    "reihe": "series",
}
# Columns for machines say nothing to people.
_FOR_MACHINES = re.compile(
    r".*(_id|_ids|_url|_uri|_link|_hash|_sku|_barcode)|url|uri|link|links|index|unnamed.*|"
    # Shopify's
    r"variant_(?!grams|compare_at).*|option\d_(name|linked_to)|image_(position|alt_text)|seo_.*|google_shopping.*|"
    r"gift_card|status|cost_per_item|"
)


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
    price: str | None
    pages: str | None
    players: str | None
    options: tuple[str, ...]
    people: dict[str, str]  # column → role
    other: dict[str, str]  # column → the name of a number, date or fact

    @classmethod
    def find(cls, names: Iterable[str]) -> "ItemColumns":
        """Sort the names of columns. Where several could be the id, title, year or picture, the first above wins.

        Without a known name, the only column that ends like an id or a title is taken: "game_id", "game_title".
        """
        columns: dict[str, str] = {}
        for name in names:
            columns.setdefault(plain_name(name), name)

        def first(candidates: tuple[str, ...]) -> str | None:
            return next((columns.pop(name) for name in candidates if name in columns), None)

        def every(candidates: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(columns.pop(name) for name in candidates if name in columns)

        def only(*endings: str) -> str | None:
            found = [name for name in columns if name.endswith(endings)]
            return columns.pop(found[0]) if len(found) == 1 else None

        placed = any(name in columns for name in LATITUDE) and any(name in columns for name in LONGITUDE)
        return cls(
            item_id=first(ID) or only("_id") or first(CODES),
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
            price=first(PRICE),
            pages=first(PAGES),
            players=first(PLAYERS),
            options=every(OPTIONS),
            people={columns.pop(name): role for name, role in ROLES.items() if name in columns},
            other={
                column: FACT_NAMES.get(name, name.replace("_", " "))
                for name, column in columns.items()
                if not _FOR_MACHINES.fullmatch(name)
            },
        )


def plain_name(name: str) -> str:
    """Write "Release Date", "releaseDate" and "Release (Date)" as "release_date"."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"\W+", "_", name).strip("_").lower()
