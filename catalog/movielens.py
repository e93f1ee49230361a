"""MovieLens-100K from the PyPI package `recbole`, which carries it as plain files. The package's code never runs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from catalog.catalog import Catalog, Triples, hash_files, in_time_order
from catalog.media import Media
from catalog.titles import parse_title
from core.artifacts import Wording
from core.columns import ITEM_ID, RATING, TIME, USER_ID
from core.errors import InputError
from core.item import Item, ItemTable
from core.packages import package_folder

NAME = "ml-100k"
# Names under which people know some of the films: original titles, titles elsewhere, numbers in a series.
_ALIASES = Path(__file__).with_name("movielens_aliases.tsv")
WORDING = Wording(item="film", items="films", category="genre")

# Relations of the Freebase graph in the direction film → entity; its other half repeats them the other way round.
_RELATIONS = {
    "film.film.directed_by": "director",
    "film.film.actor": "actor",
    "film.film.written_by": "writer",
    "film.film.produced_by": "producer",
    "film.film.cinematography": "cinematographer",
    "film.film.production_companies": "company",
    "film.film.genre": "genre",
    "film.film.subjects": "subject",
    "film.film.country": "country",
    "film.film.language": "language",
    "film.film.award_won": "award",
}


class MovieLens100K:
    """100,000 ratings by 943 people of 1,682 films from 1922 to 1998, with genres.

    One line of the films is a placeholder without a name ("unkonwn"). It is left out with its nine ratings, for nobody
    can be told what it is.

    The package also has a Freebase graph of films, and a file that links films to it. That file goes by MovieLens-1M's
    ids, although it is named after this data set: read as this data set's, it gives "Jaws" the director of "Eraser". A
    media folder knows the ids of both, so there is a graph with one and none without.
    """

    name = NAME
    origin = NAME

    def __init__(self, media: Path | None = None) -> None:
        """`media` is a folder for `catalog.media`. Raises InputError when files are missing from it or the package."""
        folder = package_folder("recbole") / "dataset_example" / NAME
        self._paths = {kind: folder / f"{NAME}.{kind}" for kind in ("item", "inter", "link", "kg")}
        self._users = folder / f"{NAME}.user"
        missing = next((path.name for path in (*self._paths.values(), self._users) if not path.is_file()), None)
        if missing:
            mend = "Run `pip install --no-deps recbole==1.2.1`."
            raise InputError(f"The package recbole has no {missing}.", mend=mend)
        self._media = Media(media) if media else None

    def fingerprint(self) -> str:
        """Changes with the package's items and choices, the aliases and the media folder's tables."""
        return hash_files([*self._paths.values(), _ALIASES], seed=self._media.fingerprint() if self._media else "")

    def read(self) -> Catalog:
        """The whole catalogue; with a media folder also plots, people, posters and the graph."""
        items = _read_items(self._paths["item"])
        interactions = _read_interactions(self._paths["inter"])
        catalog = Catalog(
            name=NAME,
            items=items,
            interactions=in_time_order(interactions.filter(pl.col(ITEM_ID).is_in([item.id for item in items])), items),
            source_hash=self.fingerprint(),
            wording=WORDING,
            users=_read_table(self._users),
        )
        if self._media is None:
            return catalog
        relations = _read_relations(self._paths["kg"], self._paths["link"], self._media.films_of_ml1m(items))
        return replace(self._media.add_to(catalog), relations=relations)


def read_ml100k() -> Catalog:
    """MovieLens-100K as the package has it. Raises InputError when the package isn't installed."""
    return MovieLens100K().read()


def _read_table(path: Path) -> pl.DataFrame:
    """A file of recbole: tab-separated text without quoting, with a type behind each column's name."""
    frame = pl.read_csv(path, separator="\t", quote_char=None, infer_schema=False)
    return frame.rename({name: name.split(":")[0] for name in frame.columns})


def _read_items(path: Path) -> ItemTable:
    known = _read_aliases()
    items = []
    for row in _read_table(path).iter_rows(named=True):
        if row["movie_title"] == "unkonwn":
            continue
        parsed = parse_title(row["movie_title"])
        year = int(row["release_year"]) if row["release_year"].isdigit() else parsed.year
        items.append(
            Item(
                id=row["item_id"],
                title=parsed.title,
                aliases=tuple(dict.fromkeys((*parsed.aliases, *known.get((parsed.title, year), ())))),
                year=year,
                categories=tuple(genre for genre in (row["class"] or "").split() if genre != "unknown"),
            )
        )
    return ItemTable(items)


def _read_aliases() -> dict[tuple[str, int | None], tuple[str, ...]]:
    """Other titles by title and year. The file parts them by " | "."""
    frame = pl.read_csv(_ALIASES, separator="\t", quote_char=None, schema_overrides={"year": pl.Int64})
    return {(title, year): tuple(aliases.split(" | ")) for title, year, aliases in frame.iter_rows()}


def _read_interactions(path: Path) -> pl.DataFrame:
    return _read_table(path).select(
        USER_ID, ITEM_ID, pl.col("timestamp").cast(pl.Float64).alias(TIME), pl.col(RATING).cast(pl.Float64)
    )


def _read_relations(graph: Path, link: Path, films_of: Mapping[str, list[str]]) -> Triples:
    """What films share. `films_of` is ids of films here by MovieLens-1M id, by which the file of links goes."""
    ids = pl.DataFrame(
        [(other, ours) for other, films in films_of.items() for ours in films],
        schema={ITEM_ID: pl.String, "film": pl.String},
        orient="row",
    )
    films = _read_table(link).join(ids, on=ITEM_ID)
    known = _read_table(graph).filter(pl.col("relation_id").is_in(list(_RELATIONS)))
    triples = known.join(films, left_on="head_id", right_on="entity_id").select(
        "film", pl.col("relation_id").replace_strict(_RELATIONS), "tail_id"
    )
    return tuple(triples.unique().sort(triples.columns).iter_rows())
