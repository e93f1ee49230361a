from core.item import Credit, Item
from encoders.item_text import item_sentences, item_text, item_words, table_sentences


def test_an_item_as_sentences() -> None:
    item = Item(
        id="1",
        title="The Seventh Seal",
        aliases=("Det sjunde inseglet",),
        year=1957,
        categories=("Drama", "Fantasy"),
        people=(
            Credit(name="Ingmar Bergman", role="director"),
            Credit(name="Max von Sydow", role="actor"),
            Credit(name="Bibi Andersson", role="actor"),
            Credit(name="Gunnar Fischer", role="cinematographer"),
        ),
        description="A knight plays chess with Death.",
        facts={"country": "Sweden"},
    )
    text = (
        "The Seventh Seal (1957). Also known as Det sjunde inseglet. Drama, Fantasy. Directed by Ingmar Bergman. "
        "With Max von Sydow, Bibi Andersson. Cinematographer: Gunnar Fischer. A knight plays chess with Death."
    )
    assert item_text(item) == text
    assert item_words(item) == f"{text} 1950s country Sweden"


def test_an_item_of_which_only_the_title_is_known() -> None:
    assert item_text(Item(id="1", title="Emma")) == "Emma."
    assert item_words(Item(id="1", title="Emma")) == "Emma."


def test_braces_of_a_role_mean_nothing() -> None:
    item = Item(id="1", title="Emma", people=(Credit(name="Ann {0}", role="voice {of} HAL"),))
    assert item_text(item) == "Emma. Voice of hal: Ann {0}."


def test_a_table_as_sentences() -> None:
    item = Item(
        id="1",
        title="Lamp",
        numbers={"price": 1299.5, "watts": 40.0, "minutes": 2.0},
        facts={"brand": "Lux Inc.", "Colour": "red", "made {in}": "{0} France", "note": " "},
        dates={"released": -139449600.0, "opening day": 951782400.0, "far": 1e300},
        place=(-33.8688, 151.2093),
    )
    sentences = (
        "It costs 1,299.5. Watts: 40. It takes 2 minutes. Made by Lux Inc. Its colour is red. Made in: {0} France. "
        "Released on 1 August 1965. Opening day: 29 February 2000. At 33.87° S, 151.21° E."
    )
    assert table_sentences(item) == sentences
    assert item_sentences(item) == f"Lamp. {sentences}"
    assert item_sentences(Item(id="1", title="Emma")) == "Emma."


def test_what_has_a_text_keeps_it() -> None:
    item = Item(id="1", title="Heat", categories=("Crime",), facts={"country": "USA"}, numbers={"minutes": 170.0})
    assert item_sentences(item) == item_text(item) == "Heat. Crime."
    assert table_sentences(item) == "It takes 170 minutes. From USA."
