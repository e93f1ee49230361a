"""Tables as shops, libraries and spreadsheets export them: nobody should have to edit one by hand."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from catalog.catalog import Catalog
from catalog.fields import as_people, as_text, is_surname_first, without_markup
from catalog.folder import CatalogFolder
from core.errors import InputError
from core.item import Credit, Item

SHOP = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,\
Variant Compare At Price,Image Src,Status
tent,Trailhead Tent,"<p>For <b>two</b>, light &amp; dry</p><ul><li>Weight: 1.9&nbsp;kg</li></ul>",NorthRidge,Tents,\
"camping, tent",TRUE,Colour,Green,T-1,1900,"$1,349.00","$1,399.00",https://cdn.example/tent.jpg,active
tent,,,,,,,,Orange,T-2,1950,"$1,299.00",,,
mug,City &amp; Trail Mug,,BeanTrail,Cooking,"camping, coffee",TRUE,Title,Default Title,M-1,120,$14.50,,,active
bag,Summer Bag,,FeatherCamp,Tents,,FALSE,Title,Default Title,B-1,700,,,,active
"""
ORDERS = """\
Customer ID,Handle,Created at
c1,tent,2024-03-01 12:30:00 +0100
c1,mug,2024-03-01T13:30:00Z
c2,mug,2024-03-01 12:00:00 UTC
"""
LIBRARY = """\
Katalognummer;Titel;Untertitel;Verfasser;Erscheinungsjahr;Schlagworte;Umfang;Preis
0007;Die Gräber von Atuan;Roman;Le Guin, Ursula K., 1929-2018;[1979];Fantasy -- Jugendbuch;xii, 208 S.;9,95 €
0008;Good Omens;;Pratchett, Terry; Gaiman, Neil;c1990.;Humor;288;1.012,00 €
"""


def read(folder: Path, **files: str | bytes) -> Catalog:
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CatalogFolder(folder).read()


def test_an_export_of_a_shop(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv=SHOP, interactions__csv=ORDERS)
    assert catalog.items["tent"] == Item(
        id="tent",
        title="Trailhead Tent",
        categories=("Tents", "camping"),  # the tag "tent" is the type "Tents"
        description="For two, light & dry. Weight: 1.9 kg.",
        numbers={"grams": 1900.0, "price": 1299.0, "regular price": 1399.0},  # the cheapest variant's price
        facts={"brand": "NorthRidge", "currency": "USD", "options": "Green, Orange"},
    )
    assert (catalog.items["mug"].title, catalog.items["mug"].facts) == (
        "City & Trail Mug",
        {"brand": "BeanTrail", "currency": "USD"},
    )
    assert "price" not in catalog.items["bag"].numbers
    assert catalog.wording.items == "products"
    assert catalog.interactions.rows() == [
        ("c1", "tent", 1709292600.0, None),
        ("c2", "mug", 1709294400.0, None),
        ("c1", "mug", 1709299800.0, None),
    ]
    assert catalog.notices == (
        "items.csv, line 2: the Image Src is an address and was left out; a picture is a file inside the folder.",
    )


def test_a_line_without_title_of_another_item_is_no_variant(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 4: the title is empty"):
        read(tmp_path, items__csv="id,title\n1,A\n1,\n2,\n")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_an_export_of_a_library(tmp_path: Path, encoding: str) -> None:
    content = LIBRARY.replace("Pratchett, Terry; Gaiman, Neil", '"Pratchett, Terry; Gaiman, Neil"')
    if encoding == "latin-1":
        content = content.replace("€", "EUR")
    catalog = read(tmp_path, items__csv=content.replace("\n", "\r\n").encode(encoding))
    assert catalog.items["0007"] == Item(
        id="0007",
        title="Die Gräber von Atuan",
        year=1979,
        categories=("Fantasy", "Jugendbuch"),
        people=(Credit(name="Ursula K. Le Guin", role="author"),),
        description="Roman",
        numbers={"pages": 208.0, "price": 9.95},
        facts={"currency": "EUR"},
    )
    other = catalog.items["0008"]
    assert (other.year, other.numbers) == (1990, {"pages": 288.0, "price": 1012.0})
    assert [credit.name for credit in other.people] == ["Terry Pratchett", "Neil Gaiman"]
    assert catalog.wording.item == "book"
    mended = any("was read as Windows-1252" in notice for notice in catalog.notices)
    assert mended == (encoding in ("latin-1", "cp1252"))


def test_lines_in_another_encoding_are_named(tmp_path: Path) -> None:
    items = "id,title\n1,Café\n".encode() + "2,Café\n3,Voilà\n".encode("latin-1")
    catalog = read(tmp_path, items__csv=items, interactions__csv="user,item\nJosé,2\n".encode("latin-1"))
    assert [item.title for item in catalog.items] == ["Café", "Café", "Voilà"]
    assert catalog.interactions["user_id"].to_list() == ["José"]
    mended = "it is not UTF-8 and was read as Windows-1252; if letters are wrong, save the file as UTF-8"
    assert catalog.notices[:2] == (
        f"items.csv, line 3: {mended} (and so on 1 more lines).",
        f"interactions.csv, line 2: {mended}.",
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_columns_may_be_divided_by_other_marks(tmp_path: Path, separator: str) -> None:
    rows = [["id", "title", "price"], ["1", "A", "2.5"], ["2", "B", "", ""]]
    lines = "\n".join(separator.join(row) for row in rows)
    catalog = read(tmp_path, items__csv=lines, interactions__csv=f"user{separator}item\nann{separator}2\n")
    assert [(item.title, item.numbers) for item in catalog.items] == [("A", {"price": 2.5}), ("B", {})]
    assert catalog.interactions["item_id"].to_list() == ["2"]


def test_the_line_that_tells_the_separator(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv="sep=;\nid;title\n1;A, B\n")
    assert catalog.items["1"].title == "A, B"


def test_a_table_of_tabs_may_be_called_so(tmp_path: Path) -> None:
    assert read(tmp_path, items__tsv="id\ttitle\n1\tA\n").items["1"].title == "A"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x14\x00", "items.csv is an Excel file or another archive. Open it and save it as CSV"),
        (gzip.compress(b"id,title\n1,A\n"), "items.csv is compressed. Unpack it."),
        (b"id;title\n1;A;B\n", "line 2: it has 3 fields, and the first line names 2. Put fields that hold a semicolon"),
        ("id,title\n1,A".encode("utf-16")[:-1], "it is not UTF-16. Save the file as UTF-8."),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, items__csv=content)
    assert message in str(caught.value)


def test_columns_may_be_named(tmp_path: Path) -> None:
    names = '{"Inv. no.": "id", "Caption": "title", "Who": "user", "Maker": "artist"}'
    catalog = read(
        tmp_path,
        items__csv="Inv. no.,Caption,Maker\n7,Dusk,Ann Lee\n",
        interactions__csv="Who,Inv. no.\nann,7\n",
        columns__json=names,
    )
    assert catalog.items["7"] == Item(id="7", title="Dusk", people=(Credit(name="Ann Lee", role="artist"),))
    assert catalog.interactions.rows() == [("ann", "7", 2.0, None)]
    before = CatalogFolder(tmp_path).fingerprint()
    (tmp_path / "columns.json").write_text('{"Inv. no.": "id", "Caption": "title", "Who": "user"}')
    assert CatalogFolder(tmp_path).fingerprint() != before
    (tmp_path / "columns.json").write_text('{"id": ["Inv. no."]}')
    with pytest.raises(InputError, match=r"columns\.json can't be understood"):
        CatalogFolder(tmp_path).read()


def test_days_as_germans_write_them(tmp_path: Path) -> None:
    catalog = read(
        tmp_path,
        items__csv="Artikelnummer;Bezeichnung\n7;Riesling\n",
        interactions__csv="Kundennummer;Artikelnummer;Datum\n1;7;01.02.2024\n2;7;31.01.2024 18:30\n",
    )
    assert catalog.interactions["time"].to_list() == [1706725800.0, 1706745600.0]


def test_who_can_play_and_for_how_long(tmp_path: Path) -> None:
    items = "id,title,players,max_playtime\n1,A,2-4,60\n2,B,2,30\n3,C,5+,45\n4,D,many,\n"
    catalog = read(tmp_path, items__csv=items)
    assert [item.numbers for item in catalog.items] == [
        {"max players": 4.0, "min players": 2.0, "minutes": 60.0},
        {"max players": 2.0, "min players": 2.0, "minutes": 30.0},
        {"min players": 5.0, "minutes": 45.0},
        {},
    ]
    assert catalog.notices[0] == "items.csv, line 5: the players is no number of players and was left out."


def test_a_price_that_is_none_is_left_out(tmp_path: Path) -> None:
    catalog = read(tmp_path, items__csv='id,title,price\n1,A,on request\n2,B,-5\n3,C,"12,50 €"\n4,D,$3\n')
    assert [item.numbers.get("price") for item in catalog.items] == [None, None, 12.5, 3.0]
    assert catalog.notices[0] == "items.csv, line 2: the price is no price and was left out (and so on 1 more lines)."


def test_people_are_read_as_the_whole_column_writes_them(tmp_path: Path) -> None:
    actors = 'id,title,actors\n1,A,"Tom Hanks, Tim Allen"\n2,B,"Cher, Nicolas Cage"\n'
    catalog = read(tmp_path, items__csv=actors)
    assert [credit.name for credit in catalog.items["2"].people] == ["Cher", "Nicolas Cage"]
    lists = '{"id": 1, "title": "A", "authors": ["Le Guin, Ursula K.", "Vance, Jack"]}\n'
    (tmp_path / "items.csv").unlink()
    catalog = read(tmp_path, items__jsonl=lists)
    assert [credit.name for credit in catalog.items["1"].people] == ["Ursula K. Le Guin", "Jack Vance"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("García Márquez, Gabriel", "Gabriel García Márquez"),
        ("Saint-Exupéry, Antoine de", "Antoine de Saint-Exupéry"),
        ("Harari, Yuval Noah", "Yuval Noah Harari"),
        ("Le Guin, Ursula K., 1929-2018, author.", "Ursula K. Le Guin"),
    ],
)
def test_surnames_first(written: str, name: str) -> None:
    assert is_surname_first(written) is True
    assert as_people(written, surname_first=True) == (name,)


def test_several_people_are_not_one() -> None:
    assert is_surname_first("Frank Herbert, Jane Austen") is False
    assert is_surname_first("Tom Hanks, Tim Allen, Don Rickles") is False
    assert is_surname_first("George Orwell") is None


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>800-fill <em>goose down</em>, hooded.</p>", "800-fill goose down, hooded."),
        ("One<br/>two &gt; one<script>alert('<b>')</script>", "One. two > one"),
        ("a < b and AT&T", "a < b and AT&T"),
    ],
)
def test_markup(page: str, text: str) -> None:
    assert as_text(without_markup(page), limit=100) == text


def test_interactions_are_read_alike_fast_and_slow(tmp_path: Path) -> None:
    items = "sku;name\n" + "".join(f"{number};Thing {number}\n" for number in range(20))
    lines = [f"u{number % 7};{number % 20};{number};2024-01-{number % 28 + 1:02}" for number in range(100)]
    table = "\n".join(["user;sku;rating;time", *lines])
    fast = read(tmp_path, items__csv=items, interactions__csv=table).interactions
    slow = read(tmp_path, items__csv=items, interactions__csv=table.replace("u3", "é").encode("latin-1")).interactions
    assert fast.height == 100
    assert slow.with_columns(pl.col("user_id").replace("é", "u3")).sort(pl.all()).equals(fast.sort(pl.all()))
