from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from catalog import movielens
from catalog.catalog import Catalog
from catalog.media import Media
from catalog.movielens import MovieLens100K, read_ml100k
from core.artifacts import Wording
from core.columns import ITEM_ID, TIME, USER_ID
from core.errors import InputError
from core.item import Credit

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_ml100k()


def test_the_whole_data_set_is_there_but_for_the_nameless_film(catalog: Catalog) -> None:
    assert len(catalog.items) == 1681
    assert len(catalog.interactions) == 99_991
    assert catalog.interactions[USER_ID].n_unique() == 943
    assert catalog.items.years == (1922, 1998)
    assert "267" not in catalog.items
    assert catalog.wording == Wording(item="film", items="films", category="genre")


def test_films(catalog: Catalog) -> None:
    godfather = catalog.items["127"]
    assert (godfather.title, godfather.year, godfather.categories) == (
        "The Godfather",
        1972,
        ("Action", "Crime", "Drama"),
    )
    found = {item.title: item for item in catalog.items}
    assert found["The Seventh Seal"].aliases == ("Det Sjunde inseglet",)
    # The file puts this film's year into its title and a medium into its year.
    assert found["Land Before Time III: The Time of the Great Giving"].year == 1995
    assert "unknown" not in catalog.items.categories
    assert len(catalog.items.categories) == 18


def test_films_are_also_known_by_other_names(catalog: Catalog) -> None:
    aliases = {(item.title, item.year): item.aliases for item in catalog.items}
    assert "Léon" in aliases["The Professional", 1994]
    # The year tells the film from its remakes.
    assert aliases["Sabrina", 1954] == ()
    # The data set's own other titles stay first.
    assert aliases["Braindead", 1992] == ("Dead Alive",)
    assert aliases["The Seventh Seal", 1957] == ("Det Sjunde inseglet",)


def test_every_line_of_other_names_belongs_to_a_film(catalog: Catalog) -> None:
    films = {(item.title, item.year) for item in catalog.items}
    lines = (Path(movielens.__file__).with_name("movielens_aliases.tsv")).read_text(encoding="utf-8").splitlines()[1:]
    named = {(title, int(year)) for title, year, _ in (line.split("\t") for line in lines)}
    assert len(named) == len(lines) > 100
    assert named <= films


def test_interactions_are_in_time_order_and_ties_in_the_order_of_items(catalog: Catalog) -> None:
    rows = [(time, catalog.items.row(item)) for time, item in catalog.interactions.select(TIME, ITEM_ID).iter_rows()]
    assert rows == sorted(rows)
    assert catalog.interactions.row(0) == ("259", "255", 874724710.0, 4.0)


@pytest.mark.data
def test_the_graph_tells_who_shares_a_director() -> None:
    # The package's links go by MovieLens-1M's ids. Taken for MovieLens-100K's, one of 1,000 such pairs is right.
    catalog = MovieLens100K(SHARED).read()
    in_graph: dict[str, set[str]] = defaultdict(set)
    for item_id, relation, entity in catalog.relations:
        if relation == "director":
            in_graph[item_id].add(entity)
    named = {item.id: {credit.name for credit in item.people if credit.role == "director"} for item in catalog.items}
    pairs = list(combinations([item_id for item_id in in_graph if named[item_id]], 2))
    shared_in_graph = {(a, b) for a, b in pairs if in_graph[a] & in_graph[b]}
    shared_by_name = {(a, b) for a, b in pairs if named[a] & named[b]}
    assert len(shared_in_graph & shared_by_name) > 1000
    assert len(shared_in_graph ^ shared_by_name) < 25


def test_without_media_there_is_no_graph(catalog: Catalog) -> None:
    assert catalog.relations == ()


@pytest.mark.data
@pytest.mark.parametrize("folder", [SHARED, SHARED / "ml-100k"])
def test_media_adds_what_is_known(folder: Path) -> None:
    items = MovieLens100K(folder).read().items
    godfather = items["127"]
    assert godfather.description.startswith("The aging patriarch of an organized crime dynasty")
    assert godfather.people[0] == Credit(name="Francis Ford Coppola", role="director")
    assert Credit(name="Al Pacino", role="actor") in godfather.people
    assert godfather.numbers == {"minutes": 175.0}
    assert godfather.facts == {"country": "USA", "certificate": "R"}
    assert godfather.image
    assert godfather.image.is_absolute()
    assert sum(1 for item in items if item.image) == 1445


def test_media_of_a_small_folder(tmp_path: Path, catalog: Catalog) -> None:
    folder = tmp_path / "ml-100k"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(b"")
    (folder / "extra.jsonl").write_text(
        '{"item_id": 1, "plot": "Toys.", "director": "A, B(co-director)", "actors": null, "poster": "one.jpg"}\n'
        '{"item_id": 2, "plot": null, "director": "N/A", "poster": "gone.jpg"}\n'
        '{"item_id": 99999, "plot": "Unknown film."}\n'
    )
    items = Media(tmp_path).add_to(catalog).items
    assert items["1"].people == (Credit(name="A", role="director"), Credit(name="B", role="director"))
    assert items["1"].image == (folder / "one.jpg").resolve()
    assert (items["2"].description, items["2"].people, items["2"].image) == ("", (), None)
    assert items["3"] == catalog.items["3"]


def test_the_fingerprint_knows_of_the_media_folder(tmp_path: Path) -> None:
    (tmp_path / "extra.jsonl").write_text("{}\n")
    assert MovieLens100K().fingerprint() != MovieLens100K(tmp_path).fingerprint()


def test_a_folder_without_media_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no ml-100k/extra.jsonl\. Give a folder that holds it"):
        MovieLens100K(tmp_path)


def test_a_broken_line_of_media_is_named(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "extra.jsonl").write_text('{"item_id": 1}\n{"item_id": \n')
    with pytest.raises(InputError, match=r"extra.jsonl, line 2: it is not JSON"):
        Media(tmp_path).add_to(catalog)
