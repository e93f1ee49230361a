from core.item import Credit, Item
from encoders.item_text import item_text, item_words


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
