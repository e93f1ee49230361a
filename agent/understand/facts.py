"""Facts that a message names: "from Germany", "in English", a brand. Their values are learned from the catalogue."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from agent.understand.masked import Masked
from agent.understand.text import RARE, fold, rank
from core.item import Item
from index.facts import CURRENCY, LANGUAGE_FACTS, MAKER_FACTS, ORIGIN_FACTS, countries, languages, values_of

# A fact with more values than this is no vocabulary; of a fact that nobody knows by name each value needs two items.
_MOST_VALUES = 2000
_LEAST_ITEMS = 2
_MOST_WORDS = 4
# Behind these a place or language is what an item tells of, not where it is from.
_SUBJECT = re.compile(
    r"(?:about|set in|(?:history|war|place|story|travels?|trip) (?:of|in|to)|learn|live in|am|im)(?: \w+)? $"
)
_MADE_IN = re.compile(r"(?:from|outside|(?:made|produced|grown|bottled|shot|filmed|published) in)(?: the)? $")
_THING_AFTER = re.compile(
    r"^(?: \w+){0,2} (?:books?|novels?|films?|movies?|wines?|games?|reds?|whites?|ones?|stuff|products?|brands?)(?!\w)"
)
_CLAUSE_ENDS = re.compile(r"^(?:$| [.,!?;]| (?:please|pls|if|and|or|but|instead)(?!\w))")
_CUE = re.compile(
    r"(?:from|by|on|rated|brand|made by|published by|certificate|near|around|close to|next to|at)(?: the| a)? $"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase may stand for: values of one fact, as the catalogue writes them."""

    name: str
    values: tuple[str, ...]
    kind: str  # "language", "origin", "people" (an adjective of origin) or "value"
    is_held: bool = True  # whether any item has it
    needs_cue: bool = False  # the phrase is an everyday word too
    needs_name: bool = False  # most items have it, so that the word alone says nothing


class FactFinder:
    """Finds and masks values of a catalogue's facts."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._meanings: dict[str, list[Meaning]] = defaultdict(list)
        held: dict[str, Counter[str]] = defaultdict(Counter)
        size = 0
        for item in items:
            size += 1
            for name, fact in item.facts.items():
                held[name].update(values_of(fact))
        for name, values in held.items():
            plain = _plain(name)
            if plain in LANGUAGE_FACTS:
                self._learn_languages(name, values)
            elif plain in ORIGIN_FACTS:
                self._learn_places(name, values, countries_only="countr" in plain)
            elif plain != CURRENCY and len(values) <= _MOST_VALUES:
                least = 1 if plain in MAKER_FACTS else _LEAST_ITEMS
                self._learn_values(name, {value: count for value, count in values.items() if count >= least}, size)

    def mask(self, masked: Masked) -> None:
        """Replace every value in the message by a mark."""
        place = 0
        while place < len(masked.pieces) and self._meanings:
            for size in range(min(_MOST_WORDS, len(masked.pieces) - place), 0, -1):
                if meaning := self._at(masked, place, size):
                    masked.mask_fact(place, place + size - 1, meaning.name, meaning.values)
                    break
            place += 1

    def _at(self, masked: Masked, place: int, size: int) -> Meaning | None:
        words = [piece.word for piece in masked.pieces]
        meanings = self._meanings.get(" ".join(words[place : place + size]))
        if not meanings:
            return None
        before = "".join(f"{word} " for word in words[max(0, place - 4) : place])
        after = "".join(f" {word}" for word in words[place + size : place + size + 4])
        raw = masked.original_of(place, place + size - 1)
        is_name = raw[:1].isupper() and place > 0 and not masked.original.istitle() and not masked.original.isupper()
        fitting = [meaning for meaning in meanings if _fits(meaning, before, after, is_name=is_name)]
        return min(fitting, key=lambda meaning: _ORDER.index(meaning.kind)) if fitting else None

    def _learn_languages(self, name: str, held: Counter[str]) -> None:
        known: set[str] = set()
        for language, writings in languages().items():
            values = tuple(value for value in held if value.casefold() in writings)
            known.update(values)
            meaning = Meaning(name, values or (language,), "language", is_held=bool(values))
            self._add(meaning, [language, *(value for value in values if len(value) > 3)])
        for value in held.keys() - known:
            self._add(Meaning(name, (value,), "language", needs_cue=_is_everyday(value)), [value])

    def _learn_places(self, name: str, held: Counter[str], *, countries_only: bool) -> None:
        known: set[str] = set()
        for country, (names, adjectives, writings) in countries().items():
            values = tuple(value for value in held if value.casefold() in {*names, *writings})
            known.update(values)
            if values or countries_only:
                meant = values or (country,)
                self._add(Meaning(name, meant, "origin", is_held=bool(values)), [*names, *values])
                self._add(Meaning(name, meant, "people", is_held=bool(values)), adjectives)
        for value in held.keys() - known:
            self._add(Meaning(name, (value,), "origin", needs_cue=_is_everyday(value)), [value])

    def _learn_values(self, name: str, held: dict[str, int], size: int) -> None:
        for value, count in held.items():
            needs_name = (2 * count > size and _plain(name) not in MAKER_FACTS) or len(value) < 2
            self._add(Meaning(name, (value,), "value", needs_cue=_is_everyday(value), needs_name=needs_name), [value])

    def _add(self, meaning: Meaning, phrases: Iterable[str]) -> None:
        for phrase in dict.fromkeys(_plain(phrase) for phrase in phrases):
            if phrase and meaning not in self._meanings[phrase]:
                self._meanings[phrase].append(meaning)


_ORDER = ("origin", "people", "language", "value")


def _fits(meaning: Meaning, before: str, after: str, *, is_name: bool) -> bool:
    """Whether the words around a phrase let it have this meaning."""
    if _SUBJECT.search(before):
        return False
    is_in = bool(re.search(r"(?<!\w)in (?:the )?$", before))
    if meaning.kind == "language":
        return (is_in or bool(_THING_AFTER.match(after)) or meaning.is_held) and not _MADE_IN.search(before)
    if meaning.kind == "people":
        return not is_in and (meaning.is_held or bool(_THING_AFTER.match(after)))
    if meaning.kind == "origin" and not meaning.is_held:
        return bool(_MADE_IN.search(before))
    named = re.search(rf"(?<!\w){re.escape(_plain(meaning.name))}(?: is)? $", before)
    named = named or re.match(rf" {re.escape(_plain(meaning.name))}(?!\w)", after)
    if meaning.needs_name or not meaning.needs_cue:
        return bool(named) or not meaning.needs_name
    in_it = is_in and (meaning.kind == "origin" or bool(_CLAUSE_ENDS.match(after)))  # "in blue"
    return bool(named or is_name or _CUE.search(before) or in_it)


def _is_everyday(value: str) -> bool:
    return all(rank(word) < RARE for word in _plain(value).split()) or len(value) < 3


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))
