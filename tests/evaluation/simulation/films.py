"""Sixty made-up films with telling titles, shared facets and a crowd around each of them."""

from core.artifacts import Wording
from core.item import Credit, Item, ItemTable
from evaluation.simulation.world import Person

# Titles of words that people also say for other reasons, one word that is a category, and one inside another.
TITLES = (
    "Comedy; Something Wild; The Man Who Wasn't There; It; If....; Older; Toy Story; Toy Story 2; Léon: The Pro; "
    "No; None of These; M; Drama School; Funny Face; Newer Than New; Perfect; The 90s; Thanks; One; What Else Is There?"
).split("; ")
CATEGORIES = ("Comedy", "Drama", "Horror", "Action")
PLACES = ("submarine", "monastery", "lighthouse")


def _film(row: int) -> Item:
    title = TITLES[row % len(TITLES)]
    return Item(
        id=str(row),
        title=title if row < len(TITLES) else f"{title} {'II' if row < 2 * len(TITLES) else 'III'}",
        aliases=("Der Profi",) if title.startswith("Léon") else (),
        year=1950 + row * 7 % 50,
        categories=(CATEGORIES[row % 4], *((CATEGORIES[(row + 1) % 4],) if row % 3 else ())),
        people=(Credit(name=f"Person {'ABCDEF'[row % 6]}", role="director" if row % 2 else "actor"),),
        description=f"Somebody lives in a {PLACES[row % 3]} and waits.",
        numbers={"minutes": 80.0 + row},
    )


FILMS = ItemTable(_film(row) for row in range(60))
WORDING = Wording(item="film", items="films", category="genre")


def looks_for(target: int, history: tuple[int, ...] = (30, 31)) -> Person:
    """Somebody who looks for a row."""
    return Person(f"u{target}", tuple(str(row) for row in history if row != target), str(target))
