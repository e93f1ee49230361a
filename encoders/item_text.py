"""An item as sentences, for models that read text: "table to sentences by template"."""

from datetime import UTC, datetime, timedelta

from core.item import Item

_PHRASES = {
    "director": "Directed by {}.",
    "author": "By {}.",
    "artist": "By {}.",
    "writer": "Written by {}.",
    "actor": "With {}.",
}

# What a column says, by its name; the others become "Name: value."
_NUMBER_SENTENCES = {
    "minutes": "It takes {} minutes.",
    "pages": "It has {} pages.",
    "price": "It costs {}.",
    "weight": "It weighs {}.",
    "rating": "Its mean rating is {}.",
    "players": "For {} players.",
    "min players": "For {} players or more.",
    "max players": "For at most {} players.",
    "calories": "It has {} calories.",
}
_FACT_SENTENCES = {
    "country": "From {}.",
    "city": "In {}.",
    "language": "In {}.",
    "certificate": "Rated {}.",
    "brand": "Made by {}.",
    "manufacturer": "Made by {}.",
    "publisher": "Published by {}.",
    "studio": "Produced by {}.",
    "series": "Part of {}.",
    "material": "Made of {}.",
    "color": "Its colour is {}.",
    "colour": "Its colour is {}.",
    "size": "Its size is {}.",
    "cuisine": "Its cuisine is {}.",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        _PHRASES.get(role, f"{_capitalised(role.lower())}: {{}}.").format(", ".join(names))
        for role, names in _people_by_role(item).items()
    ]
    if item.description:
        sentences.append(item.description)
    return " ".join(sentences)


def item_sentences(item: Item) -> str:
    """`item_text`, and for an item of which it tells little more than the title, the sentences of its table."""
    if item.description or item.categories or item.people:
        return item_text(item)
    return " ".join(filter(None, (item_text(item), table_sentences(item))))


def table_sentences(item: Item) -> str:
    """Numbers, facts, dates and the place as sentences, in this order; empty where there are none."""
    sentences = [_sentence(_NUMBER_SENTENCES, name, _number(value)) for name, value in item.numbers.items()]
    sentences += [_sentence(_FACT_SENTENCES, name, value) for name, value in item.facts.items()]
    sentences += [_dated(name, moment) for name, moment in item.dates.items()]
    if item.place:
        north, east = item.place
        sentences.append(f"At {abs(north):.2f}° {'SN'[north >= 0]}, {abs(east):.2f}° {'WE'[east >= 0]}.")
    return " ".join(filter(None, sentences))


def item_words(item: Item) -> str:
    """Everything of an item that a search by words should find: its sentences and the further facts."""
    facts = [f"{name} {value}" for name, value in item.facts.items()]
    decade = [f"{item.year // 10 * 10}s"] if item.year else []
    return " ".join((item_text(item), *decade, *facts))


def _sentence(templates: dict[str, str], name: str, value: str) -> str:
    """By the name's template or, without one, as "Name: value." A value may end with a stop of its own."""
    value = value.strip().removesuffix(".")
    return templates.get(name.casefold(), f"{_capitalised(name)}: {{}}.").format(value) if value else ""


def _dated(name: str, moment: float) -> str:
    """Such as "Released on 1 August 1965."; empty for a moment that calendars don't reach."""
    try:
        day = _EPOCH + timedelta(seconds=moment)
    except (OverflowError, ValueError):
        return ""
    words = f"{day.day} {day:%B} {day.year}"
    return f"{_capitalised(name)} on {words}." if name.endswith("ed") else f"{_capitalised(name)}: {words}."


def _capitalised(name: str) -> str:
    """The name of a column as the beginning of a sentence; braces have no meaning there."""
    plain = name.replace("{", "").replace("}", "").strip()
    return plain[:1].upper() + plain[1:]


def _number(value: float) -> str:
    """With at most two decimals: 1,234.5."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _people_by_role(item: Item) -> dict[str, list[str]]:
    people: dict[str, list[str]] = {}
    for credit in item.people:
        people.setdefault(credit.role, []).append(credit.name)
    return people
