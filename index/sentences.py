"""How facts of items are said: one true sentence each, behind the item's name. Knows nothing of who reads it."""

import re
from collections.abc import Sequence

from core.artifacts import Wording
from core.item import Item
from index.facts import CURRENCY, LANGUAGE_FACTS, ORIGIN_FACTS, fact_in_words
from index.graph import Link
from index.phrases import attribute, join, money, number, plural, quantity, with_article

MAX_PLOT_CHARS = 160
MAX_NAMES = 3
_VERBS = {
    "director": "it is directed by",
    "writer": "it is written by",
    "author": "it is written by",
    "designer": "it is designed by",
    "actor": "it stars",
}
MAKERS = _VERBS.keys() - {"actor"}
# Not behind "Mr.", "Dr." or an initial: the last word has three letters at least.
_SENTENCE_END = re.compile(r"(?<=\w\w\w[.!?])(?<!Mrs\.)\s+(?=[\"'A-Z])")


def number_of(item: Item, name: str, value: float, wording: Wording) -> str:
    """A number of an item: "It costs 12 EUR.", "It runs 114 minutes.", "It has 432 pages."."""
    if name == "price" and (currency := item.facts.get(CURRENCY)):
        return f"It costs {money(value)} {currency}."
    if name != "minutes":
        return quantity(name, value)
    return f"It {'runs' if wording.item == 'film' else 'takes'} {number(value)} minutes."


def players_of(item: Item) -> str:
    """For how many players an item is, by its numbers "min players" and "max players"."""
    least, most = item.numbers["min players"], item.numbers["max players"]
    span = number(least) if least == most else f"{number(least)} to {number(most)}"
    return f"It is for {span} player{'' if most == 1 else 's'}."


def fact_clause(name: str, values: Sequence[str]) -> str:
    """Such as "it is from Germany", "it is in German" and "its brand is NorthRidge"."""
    if name.casefold() in LANGUAGE_FACTS | ORIGIN_FACTS:
        return f"it is {fact_in_words(name, values, 'and')}"
    sentence = attribute(name, join(values))
    return f"i{sentence[1:-1]}"


def credits_of(item: Item, roles: Sequence[str]) -> str:
    """Sentences with everybody who did any of these for the item; empty where nobody is known."""
    by_role = {role: [credit.name for credit in item.people if credit.role == role] for role in roles}
    return " ".join(credited(role, names, most=len(names)) for role, names in by_role.items() if names)


def credited(role: str, names: Sequence[str], most: int = MAX_NAMES) -> str:
    """Who did something for an item: "It is directed by Michael Mann.", "Its composers include …"."""
    shown = join(names[:most])
    if role in _VERBS:
        return f"I{_VERBS[role][1:]} {shown}."
    return f"Its {role} is {shown}." if len(names) == 1 else f"Its {plural(role)} include {shown}."


def in_common(link: Link, other: Item) -> str:
    """What an item has in common with another."""
    noun = link.relation if link.count == 1 else plural(link.relation)
    if link.names and link.relation in _VERBS:
        return f"Like {other.label}, {_VERBS[link.relation]} {join(link.names)}."
    if link.names:
        return f"It shares the {noun} {join(link.names)} with {other.label}."
    if link.only:
        return f"It has the same {link.relation} as {other.label}."
    return f"It shares {with_article(noun) if link.count == 1 else f'{link.count} {noun}'} with {other.label}."


def shortened(text: str, limit: int = MAX_PLOT_CHARS) -> str:
    """The first sentences that fit the limit; a first sentence that doesn't is cut behind a word."""
    text = " ".join(text.split())
    if text and text[-1].isalnum():
        text += "."
    if len(text) <= limit:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        if len(kept) + len(sentence) + 1 > limit:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or f"{text[: limit - 1].rsplit(' ', 1)[0].rstrip(',;:-')}…"
