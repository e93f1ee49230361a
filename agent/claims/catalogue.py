"""The names of a catalogue as a text may write them: titles, people, categories and short facts. Built once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from agent.claims.record import Record, category_key, phrases_of_fact
from agent.claims.text import Word, groups, root, stem, words_of
from core.item import Item, ItemTable
from index.facts import value_in_words
from index.phrases import plural

# Longer facts are sentences, and are read like descriptions.
_MOST_FACT_WORDS = 3
_ARTICLES = frozenset(["the", "a", "an"])
# A record is small, and few items are spoken of at a time.
_RECORDS = 4096

Key = tuple[str, ...]
Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Title:
    """An item by one of its names; `capitals` says which words must be written large to be meant as it."""

    item_id: str
    capitals: tuple[bool, ...]
    has_signs: bool = False  # such as a colon between its words


class Names(Generic[Meaning]):
    """Phrases with what they mean; found in a text from a given word on, the longest first."""

    def __init__(self) -> None:
        # Keys of a dictionary, not a list: thousands of items may share a title, and thousands of people a last name.
        self._meanings: dict[Key, dict[Meaning, None]] = defaultdict(dict)
        self._lengths: dict[str, list[int]] = {}

    def add(self, key: Key, meaning: Meaning) -> None:
        if not key:
            return
        self._meanings[key][meaning] = None
        lengths = self._lengths.setdefault(key[0], [])
        if len(key) not in lengths:
            lengths.append(len(key))
            lengths.sort(reverse=True)

    def get(self, key: Key) -> Sequence[Meaning]:
        return tuple(self._meanings.get(key, ()))

    def at(self, words: Sequence[str], place: int) -> Iterable[tuple[int, list[Meaning]]]:
        """(length in words, meanings) of every phrase that starts at a place, the longest first."""
        for length in self._lengths.get(words[place], ()):
            found = self._meanings.get(tuple(words[place : place + length])) if place + length <= len(words) else None
            if found:
                yield length, list(found)


class CatalogueIndex:
    """What the items of a catalogue are called and what they state."""

    def __init__(self, items: ItemTable) -> None:
        self._items = items
        self.titles = Names[Title]()
        self.people = Names[str]()  # full names by full name, and by last name
        self.categories = Names[str]()
        self.facts = Names[tuple[str, str]]()  # (name of the fact, the phrase as the catalogue has it)
        self.roles: frozenset[str] = frozenset(credit.role for item in items for credit in item.people)
        self.numbers: frozenset[str] = frozenset(name for item in items for name in item.numbers)
        for item in items:
            self._add_titles(item)
        for person in dict.fromkeys(credit.name for item in items for credit in item.people):
            self._add_person(person)
        for fact, text in dict.fromkeys(fact for item in items for fact in item.facts.items()):
            self._add_facts(fact, text)
        for category in items.categories:
            self._add_category(category)
        years = items.years
        self.years = years or (0, 0)
        self.record = lru_cache(maxsize=_RECORDS)(self._record)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    @cached_property
    def role_cues(self) -> dict[str, frozenset[str]]:
        """The roles of the catalogue that a word stands for: "directed" and "directors" for "director"."""
        cues: dict[str, set[str]] = defaultdict(set)
        for role in self.roles:
            name = role.casefold()
            same = (phrase[0] for group in groups("roles") if (name,) in group for phrase in group)
            for word in (*same, name, f"{name}s"):
                cues[word].add(role)
        return {word: frozenset(roles) for word, roles in cues.items()}

    def _record(self, item_id: str) -> Record:
        return Record(self._items[item_id])

    def _add_titles(self, item: Item) -> None:
        for name in (item.title, *item.aliases):
            written = words_of(name)
            words = [word for word in written if word.is_word]
            for shown in (words, words[1:] if words and words[0].word in _ARTICLES else []):
                key = tuple(word.word for word in shown)
                self.titles.add(
                    key, Title(item.id, tuple(word.is_capital for word in shown), len(words) < len(written))
                )

    def _add_person(self, name: str) -> None:
        key = person_key(name)
        self.people.add(key, name)
        if len(key) > 1:
            self.people.add(key[-1:], name)
            if len(key) > 2:  # "De Niro", "von Trier"
                self.people.add(key[-2:], name)

    def _add_facts(self, name: str, text: str) -> None:
        for phrase in phrases_of_fact(text):
            if len(phrase) <= _MOST_FACT_WORDS:
                spoken = tuple(value_in_words(name, " ".join(phrase)).casefold().split())
                for other in {*_same_country(phrase), spoken}:
                    self.facts.add(other, (name, " ".join(phrase)))

    def _add_category(self, category: str) -> None:
        words = category_key(category)
        forms = {words, (*words[:-1], plural(words[-1]))} if words else set()
        if words and words[-1].endswith("s") and not words[-1].endswith("ss"):
            forms.add((*words[:-1], words[-1][:-1]))
        for group in groups("categories"):
            if words in group:
                forms |= set(group)
        for form in forms:
            self.categories.add(form, category.casefold())


def person_key(name: str) -> Key:
    """The words of a name without initials, so that "J. R. R. Tolkien" is "J.R.R. Tolkien"."""
    words = [word for word in words_of(name) if word.is_word]
    whole = tuple(word.word for word in words if not is_initial(word))
    return whole or tuple(word.word for word in words)


def is_initial(word: Word) -> bool:
    """Whether a word is an initial, or several, of a name."""
    letters = word.text.replace(".", "")
    return word.is_capital and (len(letters) == 1 or ("." in word.text and letters.isupper()))


@lru_cache(maxsize=4096)
def _same_country(phrase: Key) -> tuple[Key, ...]:
    """A phrase with the other words for it, where it names a country."""
    return next((group for group in groups("countries") if phrase in group), (phrase,))


@lru_cache(maxsize=4096)
def synonyms(stemmed: str) -> frozenset[str]:
    """Stems that say the same as the given one, or more: "car" for "vehicle". The given one is among them."""
    same = frozenset({stemmed}).union(*(group for group in _synonym_stems() if stemmed in group))
    return same.union(*(narrower for broad, narrower in _broader_stems() if broad in same))


@lru_cache(maxsize=4096)
def forms_of(stemmed: str) -> frozenset[str]:
    """The stems of `synonyms`, and their roots."""
    return frozenset(form for same in synonyms(stemmed) for form in (same, root(same)))


@lru_cache(maxsize=1)
def _synonym_stems() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stem(phrase[0]) for phrase in group if len(phrase) == 1) for group in groups("synonyms"))


@lru_cache(maxsize=1)
def _broader_stems() -> tuple[tuple[str, frozenset[str]], ...]:
    """A broad word with the narrower ones that it covers."""
    return tuple((stem(first[0]), frozenset(stem(one[0]) for one in rest)) for first, *rest in groups("broader"))
