"""What the catalogue states of one item, in the form in which claims are compared with it."""

from collections import defaultdict
from functools import cached_property

from agent.claims.text import Word, number_of, root, synonym_at, word_list, words_of
from core.item import Item

_BE = frozenset("is are was were be been being gets got".split())
# A negation reaches this many words, or to the end of its clause.
_NEGATION_REACH = 6
_CLAUSE_ENDS = frozenset(",.;:!?—–()") | {"but"}


class Record:
    """One item. Words of its texts are stems; positions count the words of the description."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.categories = frozenset(name.casefold() for name in item.categories)
        self.roles: dict[str, frozenset[str]] = defaultdict(frozenset)
        for credit in item.people:
            self.roles[credit.name] |= {credit.role}
        self.facts = {
            name: frozenset(" ".join(phrase) for phrase in phrases_of_fact(text)) for name, text in item.facts.items()
        }

    @cached_property
    def _words(self) -> list[Word]:
        return words_of(self.item.description)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where each stem, and its root, stands in the description."""
        found: dict[str, list[int]] = defaultdict(list)
        stems = [word.stem for word in self._words]
        for place, word in enumerate(self._words):
            for form in {word.stem, root(word.stem)}:
                found[form].append(place)
            if longer := synonym_at(stems, place):
                found[longer[0]].append(place)
        return found

    @cached_property
    def negated(self) -> frozenset[int]:
        """The positions of the description that a "not" or "without" reaches."""
        reached: set[int] = set()
        for place, word in enumerate(self._words):
            if word.word in word_list("negators"):
                for behind in range(place + 1, min(place + 1 + _NEGATION_REACH, len(self._words))):
                    if self._words[behind].word in _CLAUSE_ENDS:
                        break
                    reached.add(behind)
        return frozenset(reached)

    @cached_property
    def numbers(self) -> tuple[tuple[int, float], ...]:
        """(position, value) of each number of the description."""
        values = ((place, number_of(word.word)) for place, word in enumerate(self._words))
        return tuple((place, value) for place, value in values if value is not None)

    @cached_property
    def stated(self) -> frozenset[str]:
        """Stems of the title, of facts and their names, and of the names of numbers and roles."""
        item = self.item
        texts = [item.title, *item.aliases, *item.facts, *item.facts.values(), *item.numbers]
        texts += [credit.role for credit in item.people] + [credit.name for credit in item.people]
        words = [word.stem for text in texts for word in words_of(text.replace("_", " "))]
        return frozenset([*words, *map(root, words)])

    @cached_property
    def titled(self) -> frozenset[str]:
        """Stems of the title's words."""
        return frozenset(word.stem for text in (self.item.title, *self.item.aliases) for word in words_of(text))

    def is_passive(self, position: int) -> bool:
        """Whether the word of the description is the verb of a passive: "is hunted"."""
        return position > 0 and self._words[position - 1].word in _BE


def category_key(category: str) -> tuple[str, ...]:
    """A category as folded words."""
    return tuple(word.word for word in words_of(category) if word.is_word)


def phrases_of_fact(text: str) -> list[tuple[str, ...]]:
    """The parts of a fact such as "trading, dice and auctions", as folded words, and the whole."""
    phrases: list[tuple[str, ...]] = []
    part: list[str] = []
    for word in [*words_of(text), None]:
        if word is not None and word.is_word and word.word not in ("and", "or"):
            part.append(word.word)
        elif part:
            phrases.append(tuple(part))
            part = []
    whole = tuple(word.word for word in words_of(text) if word.is_word)
    return list(dict.fromkeys([*phrases, whole])) if whole else phrases
