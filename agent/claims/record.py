"""What the catalogue states of one item, in the form in which claims are compared with it."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from agent.claims.text import Word, number_of, root, synonyms_at, word_list, words_of
from core.item import Item

_BE = frozenset("is are was were be been being gets got".split())
# A negation reaches this many words, articles apart, or to the end of its clause.
_NEGATION_REACH = 3
_RELATIVES = frozenset("who which that".split())
_REACH_OF_ADJECTIVES = 3
_LONGEST_NAME = 6
_ARTICLES = frozenset("a an the any of his her its their".split())
# How many are in a group, so that "a sextet" is six musicians.
_GROUPS = {"duo": 2.0, "trio": 3.0, "quartet": 4.0, "quintet": 5.0, "sextet": 6.0, "septet": 7.0, "octet": 8.0}
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
            for said, _ in synonyms_at(stems, place):
                found[said].append(place)
        return found

    @cached_property
    def negated(self) -> frozenset[int]:
        """The positions of the description that a "not" or "without" reaches."""
        reached: set[int] = set()
        for place, word in enumerate(self._words):
            if word.word in word_list("negators"):
                reached.update(self._reach(place + 1))
        return frozenset(reached)

    def _reach(self, place: int) -> Iterator[int]:
        """The positions that a negation before this one reaches."""
        left = _NEGATION_REACH
        for at in range(place, len(self._words)):
            word = self._words[at].word
            if word in _CLAUSE_ENDS or not left:
                return
            left -= word not in _ARTICLES
            yield at

    @cached_property
    def numbers(self) -> tuple[tuple[int, float], ...]:
        """(position, value) of each number of the description."""
        values = ((place, number_of(word.word) or _GROUPS.get(word.word)) for place, word in enumerate(self._words))
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

    def word_at(self, position: int) -> str:
        """A word of the description, folded."""
        return self._words[position].word

    def stem_at(self, position: int) -> str:
        """The stem of a word of the description."""
        return self._words[position].stem

    def is_passive(self, position: int) -> bool:
        """Whether the word of the description is the verb of a passive: "is hunted"."""
        return position > 0 and self._words[position - 1].word in _BE

    def doers(self, position: int) -> range:
        """The positions of the words that name who plainly does, or suffers, the verb here: "thieves who rob".

        Empty where a conjunction, a sign or another small word stands between them.
        """
        end = position
        while end > 0 and self._words[end - 1].word in _BE | _RELATIVES:
            end -= 1
        end -= end < position and self._words[end - 1].word == ","  # "her parents, who were …"
        begin = end
        while begin > 0 and end - begin < _LONGEST_NAME and self._names(begin - 1):
            begin -= 1
        return range(begin, end) if begin < end and self._says_something(end - 1) else range(0)

    def _names(self, position: int) -> bool:
        """Whether a word may belong to the name of a thing: "the heir of a noble house"."""
        return self._says_something(position) or self._words[position].word in _ARTICLES | {"of"}

    def described(self, position: int) -> range:
        """The positions of what an adjective behind an article belongs to; empty where the word is none."""
        if position == 0 or self._words[position - 1].word not in _ARTICLES:
            return range(0)
        end = position + 1
        while end < len(self._words) and end - position <= _REACH_OF_ADJECTIVES and self._says_something(end):
            end += 1
        return range(position + 1, end)

    def _says_something(self, position: int) -> bool:
        word = self._words[position]
        return word.is_word and word.word not in word_list("neutral")


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
