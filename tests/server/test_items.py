"""Items, their pictures and cards."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from core.item import Item, ItemTable
from core.recommendation import Recommendation
from server.answers import write_recommendation
from server.cards import draw_card
from server.pictures import picture_of
from tests.server.conftest import Running, eventually


def test_an_item(running: Running) -> None:
    with running.http() as http:
        item = http.get("/v1/items/2").json()
        assert (item["title"], item["numbers"], item["image"]) == ("Toy Story", {"minutes": 81}, "/v1/items/2/image")
        assert http.get("/v1/items/a%2Fb").json()["image"] == "/v1/items/a%2Fb/image"
        assert http.get("/v1/items/9").json()["error"]["code"] == "item_not_found"
        assert http.get("/v1/items/9/image").status_code == 404


@pytest.mark.parametrize("path", ["/v1/items/2/image", "/v1/items/2", "/v1/models", "/healthz"])
def test_head_is_get_without_the_body(running: Running, path: str) -> None:
    with running.http() as http:
        told, whole = http.head(path), http.get(path)
    assert (told.status_code, told.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert told.headers[name] == whole.headers[name]
    counted = {"method": "HEAD", "route": _route(path), "status": "200"}
    assert eventually(lambda: running.metric("tastemaker_requests_total", **counted) == 1)


def _route(path: str) -> str:
    return path.replace("items/2", "items/{item_id}")


def test_an_item_without_a_picture_has_a_card_that_a_browser_may_keep(running: Running) -> None:
    with running.http() as http:
        card = http.get("/v1/items/a%2Fb/image")
        assert card.headers["content-type"].startswith("image/svg+xml")
        assert card.headers["content-security-policy"].startswith("default-src 'none'")
        assert "max-age" in card.headers["cache-control"]
        again = http.get("/v1/items/a%2Fb/image", headers={"If-None-Match": card.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_recommendation_tells_what_an_item_costs() -> None:
    tent = Item(id="1", title="Tent", numbers={"price": 39.9}, facts={"currency": "EUR"})
    items = ItemTable([tent, Item(id="2", title="Mug")])
    chosen = Recommendation(item_id="1", title="Tent", reason="It is light.", evidence_ids=(), score=1)
    told = write_recommendation(chosen, items)
    assert (told.price, told.currency) == (39.9, "EUR")
    told = write_recommendation(chosen.model_copy(update={"item_id": "2"}), items)
    assert (told.price, told.currency) == (None, None)


def test_a_poster_is_told_by_its_bytes(tmp_path: Path) -> None:
    poster, fake = tmp_path / "poster.jpg", tmp_path / "fake.png"
    Image.new("RGB", (2, 3)).save(poster, format="PNG")
    fake.write_text("<script>")

    assert picture_of(Item(id="1", title="Heat", image=poster)).media_type == "image/png"
    for nothing in (fake, tmp_path / "missing.jpg", tmp_path, None):
        assert picture_of(Item(id="1", title="Heat", image=nothing)).media_type == "image/svg+xml"


def _texts(item: Item) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(draw_card(item)).iter() if element.tag[-4:] == "text"
    ]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Heat", ["Heat"]),
        ("The Shawshank Redemption", ["The", "Shawshank", "Redemption"]),
        ("<b>&\"'\x00\ud800", ["<b>&\"'"]),
        ("", [""]),
    ],
)
def test_a_card_is_xml_with_the_title_on_lines_of_its_own(title: str, lines: list[str]) -> None:
    assert _texts(Item(id="1", title=title, year=1995, categories=("Crime", "Drama"))) == lines


def test_a_long_title_is_set_smaller_and_then_cut() -> None:
    title = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb, " * 3
    lines = _texts(Item(id="1", title=title))
    assert len(lines) == 6
    assert lines[-1].endswith("…")
    assert len(_texts(Item(id="1", title="Supercalifragilisticexpialidocious" * 3))) > 1


def test_an_item_always_gets_the_same_card_and_another_one_another() -> None:
    heat, speed = Item(id="1", title="Heat", year=1995), Item(id="2", title="Speed", year=1994)
    assert draw_card(heat) == draw_card(heat.model_copy())
    assert draw_card(heat).replace("Heat", "Speed").replace("1995", "1994") != draw_card(speed)
