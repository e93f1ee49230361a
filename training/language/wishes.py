"""What a person might ask for so that a given item is a good answer, in the form that understanding a chat gives it.

A model that learns to explain must have met what people ask: nothing at all, one wish or several of every kind that the
catalogue's items can meet, likings, comparisons, vetoes; and people of whom nothing is known.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.intent import Audience, Intent, Mood, Preferences, Range, TurnKind
from core.item import Item
from index.facts import LANGUAGE_FACTS, MAKER_FACTS, ORIGIN_FACTS, values_of
from index.filters import matches, unsuitable
from index.moods import AUDIENCES, MOODS

_ASKED_FACTS = LANGUAGE_FACTS | ORIGIN_FACTS | MAKER_FACTS
# How many wishes, and how often.
_WISHES = (0.3, 0.45, 0.2, 0.05)
# Of whom nothing is known; whose choices are known; who name what they like; who ask for something like an item.
_PEOPLE = {"nobody": 0.3, "chooser": 0.4, "liker": 0.18, "comparer": 0.12}
_VETO = 0.12
_DISLIKED = 0.1
_NAMED = 3  # items that a person names at most
# Words of their own that people say besides, and how often.
_WORDS = 0.15
_SAID = ("gripping", "beautiful", "well made", "underrated", "special", "for tonight", "unusual", "modern")
_LONG_WORD = re.compile(r"[^\W\d_]{6,}")


def draw_intent(
    item: Item, history: Sequence[str], categories: Sequence[str], rng: np.random.Generator
) -> tuple[Intent, tuple[str, ...]]:
    """An intent that `item` answers, and the choices [ids, oldest first] that are known beside it.

    `history` are the person's choices before; `categories` are the catalogue's, for vetoes.
    """
    kind = str(rng.choice(list(_PEOPLE), p=list(_PEOPLE.values())))
    named = tuple(str(one) for one in rng.permutation(history)[: int(rng.integers(1, _NAMED + 1))])
    known = tuple(history) if kind == "chooser" else ()
    intent = Intent(
        kind=TurnKind.RECOMMEND,
        liked=named if kind == "liker" else (),
        similar_to=named[:1] if kind == "comparer" else (),
        wishes=_wishes(item, rng),
        vetoes=_veto(item, categories, rng),
        disliked=tuple(one for one in history[:1] if one not in named and rng.random() < _DISLIKED),
        query=_words(item, rng),
    )
    return intent, known


def _wishes(item: Item, rng: np.random.Generator) -> Preferences:
    """Up to three wishes of different kinds that the item meets."""
    count = int(rng.choice(len(_WISHES), p=_WISHES))
    possible = list(_possible(item, rng))
    fields: dict[str, Any] = {}
    for place in rng.permutation(len(possible)):
        if len(fields) == count:
            break
        name, value = possible[place]
        fields.setdefault(name, value)
    return Preferences(**fields)


def _possible(item: Item, rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
    """A wish of each kind that the item can meet, as a field of `Preferences` and its value."""
    if item.categories:
        # Two categories are asked for less often than one.
        count = 1 + int(len(item.categories) > 1 and rng.random() < 0.2)
        yield "categories", tuple(str(name) for name in rng.permutation(item.categories)[:count])
    if item.year:
        yield "years", (_years(item.year, rng),)
    if item.people:
        yield "people", (item.people[int(rng.integers(len(item.people)))].name,)
    moods = [mood for mood in Mood if MOODS[mood].wanted and _meets(item, Preferences(moods=(mood,)))]
    if moods:
        yield "moods", (moods[int(rng.integers(len(moods)))],)
    audiences = [one for one in Audience if AUDIENCES[one].wanted and _meets(item, Preferences(audience=one))]
    if audiences:
        yield "audience", audiences[int(rng.integers(len(audiences)))]
    numbers = [name for name in item.numbers if item.numbers[name] > 0 and not name.startswith(("min ", "max "))]
    if numbers:
        name = numbers[int(rng.integers(len(numbers)))]
        yield "numbers", {name: _bounds(item.numbers[name], rng)}
    facts = {name: values_of(value) for name, value in item.facts.items() if name.casefold() in _ASKED_FACTS}
    told = [name for name, values in facts.items() if values]
    if told:
        name = told[int(rng.integers(len(told)))]
        yield "facts", {name: facts[name][:1]}


def _meets(item: Item, wishes: Preferences) -> bool:
    return all(matches(item, wishes).values()) and not unsuitable(item, wishes)


def _years(year: int, rng: np.random.Generator) -> Range:
    """A decade, or a bound that the year keeps."""
    decade = year // 10 * 10
    forms = (Range(first=decade, last=decade + 9), Range(last=decade + 9), Range(first=decade), Range(first=year - 2))
    return forms[int(rng.choice(len(forms), p=(0.6, 0.15, 0.15, 0.1)))]


def _bounds(value: float, rng: np.random.Generator) -> Range:
    """A round bound that the value keeps, of two digits."""
    step = 10.0 ** (np.floor(np.log10(value)) - 1) * 5
    up = rng.random() < 0.7
    return Range(last=float(np.ceil(value / step) * step)) if up else Range(first=float(np.floor(value / step) * step))


def _words(item: Item, rng: np.random.Generator) -> str:
    """At times words of their own: of what the item is about, where that is known, or such as people say anyway."""
    if rng.random() >= _WORDS:
        return ""
    about = _LONG_WORD.findall(item.description)
    return str(rng.choice(about if about and rng.random() < 0.7 else _SAID)).lower()


def _veto(item: Item, categories: Sequence[str], rng: np.random.Generator) -> Preferences:
    """At times a category that the item doesn't have."""
    others = [name for name in categories if name not in item.categories]
    if not others or rng.random() >= _VETO:
        return Preferences()
    return Preferences(categories=(others[int(rng.integers(len(others)))],))
