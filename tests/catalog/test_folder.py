"""A catalogue of one's own: what is understood, what is left out with a notice, and what is refused."""

from pathlib import Path

import polars as pl
import pytest

from catalog.catalog import Catalog
from catalog.folder import READING, CatalogFolder
from catalog.source import find_source
from core.artifacts import Wording
from core.errors import InputError, NotFoundError
from core.item import Credit, Item

SHARED = Path(__file__).parents[3] / "shared" / "data"

ITEMS = """\
id,title,author,published,genres,blurb,pages,language,cover
7,Dune,Frank Herbert,1965-08-01,"Science fiction, Adventure",A desert planet.,412,English,covers/dune.png
3,Emma,Jane Austen,1815,Romance,,474,English,
12,"Good Omens","Terry Pratchett|Neil Gaiman",n/a,Fantasy|Comedy,The end is nigh.,288,English,../../etc/passwd
"""
INTERACTIONS = """\
user,item,time,rating
ann,7,2024-05-01,5
bob,3,1714608000,
ann,12,2024-05-01T12:30:00Z,4.5
cy,404,2024-05-03,1
"""


def read(folder: Path, **files: str | bytes) -> Catalog:
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CatalogFolder(folder).read()


def refused(folder: Path, **files: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, **files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_of_books(tmp_path: Path) -> None:
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / "dune.png").write_bytes(b"")
    catalog = read(tmp_path, items__csv=ITEMS, interactions__csv=INTERACTIONS)
    assert catalog.name == tmp_path.name
    assert catalog.items["7"] == Item(
        id="7",
        title="Dune",
        year=1965,
        categories=("Science fiction", "Adventure"),
        people=(Credit(name="Frank Herbert", role="author"),),
        numbers={"pages": 412.0},
        facts={"blurb": "A desert planet.", "language": "English"},
        dates={"published": -139449600.0},
        image=tmp_path / "covers" / "dune.png",
    )
    assert [credit.name for credit in catalog.items["12"].people] == ["Terry Pratchett", "Neil Gaiman"]
    assert catalog.items["12"].image is None
    assert catalog.wording == Wording(item="book", items="books", category="genre")
    assert catalog.interactions.rows() == [
        ("ann", "7", 1714521600.0, 5.0),
        ("ann", "12", 1714566600.0, 4.5),
        ("bob", "3", 1714608000.0, None),
    ]
    assert catalog.notices == (
        "items.csv, line 4: the cover is not a picture inside the folder and was left out.",
        "interactions.csv: 1 of 4 interactions name unknown items (404).",
    )


def test_the_same_catalogue_as_json_lines_and_as_parquet(tmp_path: Path) -> None:
    lines = """\
{"item_id": 1, "name": "One", "tags": ["a", "b"], "price": 2.5}

{"item_id": "x", "name": "Two", "price": NaN}
"""
    for folder in ("lines", "parquet"):
        (tmp_path / folder).mkdir()
    from_lines = read(tmp_path / "lines", items__jsonl=lines)
    frame = pl.DataFrame(
        {"item_id": ["1", "x"], "name": ["One", "Two"], "tags": [["a", "b"], []], "price": [2.5, None]}
    )
    frame.write_parquet(tmp_path / "parquet" / "items.parquet")
    assert list(CatalogFolder(tmp_path / "parquet").read().items) == list(from_lines.items)
    assert from_lines.items["1"] == Item(id="1", title="One", categories=("a", "b"), numbers={"price": 2.5})
    assert from_lines.items["x"] == Item(id="x", title="Two")


def test_halves_of_characters_are_left_out(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__jsonl='{"id": "a\\ud800", "title": "One\\udc00 \\u0000two"}\n')
    assert list(catalog.items) == [Item(id="a", title="One two")]


def test_sequences_keep_their_order(tmp_path: Path) -> None:
    items = '{"id": 1, "title": "A"}\n{"id": 2, "title": "B"}\n'
    sequences = (
        '{"user_id": 9, "item_ids": [2, 1]}\n{"user_id": "z", "item_ids": []}\n{"user_id": 8, "item_ids": ["1"]}\n'
    )
    catalog = read(tmp_path, items__jsonl=items, sequences__jsonl=sequences)
    assert catalog.interactions.rows() == [("8", "1", 0.0, None), ("9", "2", 0.0, None), ("9", "1", 1.0, None)]


def test_lines_without_times_are_in_time_order(tmp_path: Path) -> None:
    items = '{"id": 1, "title": "A"}\n{"id": 2, "title": "B"}\n'
    interactions = '{"user_id": 1, "item_id": 2}\n{"user_id": 1, "item_id": 1, "rating": "nan"}\n'
    catalog = read(tmp_path, items__jsonl=items, interactions__jsonl=interactions)
    assert catalog.interactions["item_id"].to_list() == ["2", "1"]
    assert catalog.notices == ("interactions.jsonl has no times; its lines count as being in time order.",)


def test_only_a_title_that_ends_with_its_year_is_taken_apart(tmp_path: Path) -> None:
    titles = ("Toy Story (1995)", "T-shirt (blue)", "T-shirt (red)", "Seventh Seal, The (Sjunde inseglet, Det) (1957)")
    items = "id,title\n" + "".join(f'{number},"{title}"\n' for number, title in enumerate(titles))
    catalog = read(tmp_path, items__csv=items)
    assert [(item.title, item.year) for item in catalog.items] == [
        ("Toy Story", 1995),
        ("T-shirt (blue)", None),
        ("T-shirt (red)", None),
        ("The Seventh Seal", 1957),
    ]


def test_wording_may_be_given(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv="id,title\n1,A\n", wording__json='{"item": "wine", "category": "grape"}')
    assert catalog.wording == Wording(item="wine", items="wines", category="grape")
    assert "wording.json can't be understood" in refused(tmp_path, wording__json='{"thing": "wine"}')


def test_columns_that_end_like_an_id_and_a_title_will_do(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv="game_id,game_name,price,playing_time\n7,Catan,39.9,90\n")
    assert catalog.items["7"] == Item(id="7", title="Catan", numbers={"minutes": 90.0, "price": 39.9})
    assert catalog.wording == Wording(item="product", items="products", category="category")
    ambiguous = refused(tmp_path, items__csv="game_id,shop_id,title\n7,1,Catan\n")
    assert "items.csv has no column id" in ambiguous


def test_an_empty_table_of_interactions_is_as_good_as_none(tmp_path: Path) -> None:
    for content in ("", "user,item\n"):
        catalog = read(tmp_path, items__csv="id,title\n1,A\n", interactions__csv=content)
        assert catalog.interactions.is_empty()
        assert catalog.notices == ("interactions.csv is empty: items are found by their words alone.",)


def test_dates_places_and_sounds(tmp_path: Path) -> None:
    items = """\
id,title,year,lat,lng,added,opened_at,audio
1,Tate,2000,51.5076,-0.0994,2024-05-01,2000-05-12T10:00:00+01:00,bell.wav
2,Louvre,1793,48.8606,2.3376,2024-05-02,,gone.mp3
3,Nowhere,1,95,200,,,../bell.wav
4,Unplaced,1,,,,,notes.txt
"""
    (tmp_path / "bell.wav").write_bytes(b"")
    catalog = read(tmp_path, items__csv=items)
    assert catalog.items["1"] == Item(
        id="1",
        title="Tate",
        year=2000,
        dates={"added": 1714521600.0, "opened at": 958122000.0},
        place=(51.5076, -0.0994),
        audio=tmp_path / "bell.wav",
    )
    assert (catalog.items["2"].place, catalog.items["2"].dates) == ((48.8606, 2.3376), {"added": 1714608000.0})
    assert [catalog.items[item_id].place for item_id in "34"] == [None, None]
    assert [catalog.items[item_id].audio for item_id in "234"] == [None, None, None]
    assert catalog.notices[:-1] == (
        "items.csv, line 3: the audio is missing.",
        "items.csv, line 4: the year is not a date and was left out (and so on 1 more lines).",
        "items.csv, line 4: the lat and lng are no place on the earth.",
        "items.csv, line 4: the audio is not an audio file inside the folder and was left out"
        " (and so on 1 more lines).",
    )


def test_a_latitude_alone_is_a_number(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv="id,title,latitude\n1,A,12.5\n")
    assert (catalog.items["1"].numbers, catalog.items["1"].place) == ({"latitude": 12.5}, None)


def test_a_column_with_one_entry_that_is_no_date_holds_facts(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv="id,title,added\n1,A,2024-05-01\n2,B,2024-02-30\n")
    assert [item.dates for item in catalog.items] == [{}, {}]
    assert catalog.items["1"].facts == {"added": "2024-05-01"}


def test_odd_values_are_left_out_with_a_notice(tmp_path: Path) -> None:
    items = (
        'id,title,year,runtime,description\n1,A,soon,81 min,""\n2,B,1999,long,""\n3,C,,1h 35m,"' + "x" * 30_000 + '"\n'
    )
    catalog = read(tmp_path, items__csv="\ufeff" + items)
    assert [(item.year, item.numbers) for item in catalog.items] == [
        (None, {"minutes": 81.0}),
        (1999, {}),
        (None, {"minutes": 95.0}),
    ]
    assert len(catalog.items["3"].description) == 20_000
    assert catalog.notices == (
        "items.csv, line 2: the year is not a date and was left out.",
        "items.csv, line 3: the runtime is no number of minutes and was left out.",
        "items.csv, line 4: a text longer than 20,000 characters was cut.",
        "Nobody's choices are known: items are found by their words alone.",
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("items__jsonl", '{"id": 1, "title": "A"}\n{"id": 2, ', "items.jsonl, line 2: it is not JSON"),
        ("items__jsonl", '["1", "A"]\n', "items.jsonl, line 1: it is not a JSON object"),
        ("items__jsonl", '{"id": 1, "title": "A"}\n{"title": "B"}\n', "items.jsonl, line 2: it has no id"),
        ("items__jsonl", '{"id": 1, "title": "A"}\n{"id": 2, "title": " "}\n', "line 2: the title is empty"),
        ("items__jsonl", '{"id": 1, "title": "A"}\n{"id": 1.0, "title": "B"}\n', "the id 1 already stands on line 1"),
        ("items__jsonl", '{"id": 1, "title": ""}\n{"id": 2, "title": ""}\n', "delete the line. 1 more line is broken."),
        ("items__jsonl", b'{"id": 1, "title": "A"}\n{"id": 2, "title": "caf\xe9"}\n', "line 2: byte 24 is not UTF-8"),
        ("items__jsonl", "[" * 100_000, "items.jsonl, line 1: it is not JSON"),
        ("items__jsonl", "\n", "items.jsonl holds no items"),
        ("items__csv", "id,title\n1,A,b\n", "items.csv, line 2: it has 3 fields, and the first line names 2"),
        ("items__csv", 'id,title\n1,A\n2,"B\n', "items.csv, line 3: it is not CSV"),
        ("items__csv", "id,id,title\n", "items.csv, line 1: it names the column 'id' twice"),
        (
            "items__csv",
            "key;title\n1;A\n",
            'it has key, title. Rename the right one, or write columns.json: {"its name": "id"}',
        ),
        (
            "items__csv",
            "id,title\n1," + "x" * 200_000 + "\n",
            "items.csv, line 2: a field is longer than 131,072 characters. Close its quotes",
        ),
        ("items__parquet", "id,title\n1,A\n", "items.parquet is not a Parquet file"),
    ],
)
def test_broken_items_are_named(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    assert message in refused(tmp_path, **{name: content})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("interactions__csv", "user,item,time\na,1,5\n,1,6\n", "interactions.csv, line 3: it names no user"),
        ("interactions__csv", "user,item,time\na,1,soon\na,1,x\n", "line 2: its time can't be read (and 1 more lines"),
        ("interactions__csv", "user,item,rating\na,1,good\n", "line 2: its rating is not a number"),
        ("interactions__csv", "user,item\na,1,2\n", "interactions.csv, line 2: it has 3 fields"),
        ("interactions__csv", b"user,item\n\x81,1\n", "interactions.csv, line 2: byte 1 is not UTF-8"),
        ("interactions__csv", "who,item\na,1\n", "interactions.csv has no column user_id; it has who, item."),
        (
            "interactions__csv",
            "user,item\na,2\nb,3\n",
            "interactions.csv names no item of the catalogue (it names 2, 3)",
        ),
        ("interactions__jsonl", '{"user_id": 1, "item_id": 1}\n{"user_id": 1}\n', "line 2: it names no item"),
        (
            "sequences__jsonl",
            '{"user_id": 1, "item_ids": 1}\n',
            "sequences.jsonl, line 1: it needs a user_id and a list",
        ),
        ("sequences__jsonl", '{"user_id": 1, "item_ids": [1]}\n' * 2, "the user 1 already stands on line 1"),
    ],
)
def test_broken_interactions_are_named(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    assert message in refused(tmp_path, items__csv="id,title\n1,A\n", **{name: content})


def test_two_tables_of_the_same_thing_are_refused(tmp_path: Path) -> None:
    assert "holds items.jsonl and items.csv. Keep one" in refused(tmp_path, items__csv="", items__jsonl="")


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotFoundError, match="There is no catalogue nowhere"):
        find_source("nowhere")
    with pytest.raises(InputError, match="has no table of items"):
        find_source(str(tmp_path))
    with pytest.raises(InputError, match="is not a folder"):
        find_source(str(tmp_path / "file"))


def test_the_fingerprint_changes_with_any_file(tmp_path: Path) -> None:
    read(tmp_path, items__csv="id,title\n1,A\n")
    before = CatalogFolder(tmp_path).fingerprint()
    assert CatalogFolder(tmp_path).fingerprint() == before
    read(tmp_path, interactions__csv="user,item\nann,1\n")
    with_people = CatalogFolder(tmp_path).fingerprint()
    read(tmp_path, items__csv="id,title\n1,B\n")
    assert len({before, with_people, CatalogFolder(tmp_path).fingerprint()}) == 3


def test_what_another_reader_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(tmp_path, items__csv="id,title\n1,A\n")
    before = CatalogFolder(tmp_path).fingerprint()
    monkeypatch.setattr("catalog.folder.READING", READING + 1)
    assert CatalogFolder(tmp_path).fingerprint() != before


@pytest.mark.data
def test_movielens_1m_as_a_folder() -> None:
    catalog = find_source(str(SHARED / "ml-1m")).read()
    assert (catalog.name, len(catalog.items), len(catalog.interactions)) == ("ml-1m", 3883, 993_571)
    assert catalog.notices == ()
    assert catalog.items["29"].label == "The City of Lost Children (1995)"
    assert catalog.items["29"].numbers == {"minutes": 112.0}
    assert catalog.wording.items == "films"
