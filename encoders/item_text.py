"""An item as sentences, for models that read text: "table to sentences by template"."""

from core.item import Item

_PHRASES = {
    "director": "Directed by {}.",
    "author": "By {}.",
    "artist": "By {}.",
    "writer": "Written by {}.",
    "actor": "With {}.",
}


def item_text(item: Item) -> str:
    """Title, year, other titles, categories, people and description.

    In this order, because a model that reads only the beginning should miss the end of the description first.
    """
    sentences = [f"{item.label}."]
    if item.aliases:
        sentences.append(f"Also known as {', '.join(item.aliases)}.")
    if item.categories:
        sentences.append(f"{', '.join(item.categories)}.")
    sentences += [
        _PHRASES.get(role, f"{role.capitalize()}: {{}}.").format(", ".join(names))
        for role, names in _people_by_role(item).items()
    ]
    if item.description:
        sentences.append(item.description)
    return " ".join(sentences)


def item_words(item: Item) -> str:
    """Everything of an item that a search by words should find: its sentences and the further facts."""
    facts = [f"{name} {value}" for name, value in item.facts.items()]
    decade = [f"{item.year // 10 * 10}s"] if item.year else []
    return " ".join((item_text(item), *decade, *facts))


def _people_by_role(item: Item) -> dict[str, list[str]]:
    people: dict[str, list[str]] = {}
    for credit in item.people:
        people.setdefault(credit.role, []).append(credit.name)
    return people
