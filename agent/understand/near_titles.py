"""Finds titles with typos and parts of long titles, where no title stands exactly. It doesn't choose among them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from agent.understand.cues import CueFinder
from agent.understand.namesakes import find_clues, pick
from agent.understand.nearest import NearestTexts
from agent.understand.spans import Span
from agent.understand.text import RARE, Token, rank, shorthand
from agent.understand.titles import Form, Naming, glued_forms, is_ordinary, title_key
from core.item import ItemTable

_UNCOMMON = 5000  # the rank from which on a word may be a title's with a typo: "laurence"


class NearTitles:
    """The words of all titles, by which those nearest to some typed words are found."""

    def __init__(self, table: ItemTable, forms: Mapping[str, Sequence[Naming]], cues: CueFinder) -> None:
        self._table = table
        self._forms = forms
        self._cues = cues
        self._glued = glued_forms(forms)
        self._near_glued = NearestTexts(self._glued)
        self._keys_of_word: dict[str, list[str]] = defaultdict(list)
        for key in forms:
            for word in set(key.split()):
                self._keys_of_word[word].append(key)
        # Title words by their length: a typo changes it by two letters at most.
        self._words_by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._keys_of_word:
            self._words_by_length[len(word)].append(word)

    def find(self, tokens: Sequence[Token], taken: Sequence[Span]) -> list[Span]:
        """Titles with typos, and parts of long titles, among the words that no title has claimed yet."""
        used = {place for span in taken for place in range(span.first, span.last + 1)}
        found: list[Span] = []
        for place, token in enumerate(tokens):
            if place in used or not token.is_word or len(token.word) < 4 or rank(token.word) < _UNCOMMON:
                continue
            if rank(token.word) == RARE:
                found.extend(self._by_one_word(place, token.word))
            for word in self._similar_words(token.word):
                spans = self._around(tokens, place, word, used)
                # A word that people say is a typo only within a longer title.
                found.extend(s for s in spans if s.size > 1 or rank(token.word) == RARE)
        for first, last in self._cues.meant_spans(tokens):
            if used.isdisjoint(range(first, last + 1)):
                found.extend(self._whole(tokens, first, last))
        return found

    def _similar_words(self, word: str) -> list[str]:
        if word in self._keys_of_word:
            return [word]
        allowed = 1 if len(word) < 6 else 2
        choices = [w for n in range(len(word) - allowed, len(word) + allowed + 1) for w in self._words_by_length[n]]
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=6)
        # A first letter is seldom mistyped.
        return [near for near, _, _ in found if near[0] == word[0] or len(word) > 6]

    def _by_one_word(self, place: int, word: str) -> Iterable[Span]:
        """A rare word that a single item has in its title stands for it: "shawshank"."""
        namings = {self._forms[key][0].row: key for key in self._keys_of_word.get(word, ())}
        if len(namings) == 1 and len(word) > 6:
            key = next(iter(namings.values()))
            yield Span(place, place, word, self._forms[key][0], 0.6, needs_cue=True)
        elif len(word) > 7 and word not in self._keys_of_word:
            near = self._near_glued.find(word, least=88)  # "pulpficton"
            if near and " " in self._glued[near[0]]:
                key = self._glued[near[0]]
                yield Span(place, place, key, self._forms[key][0], near[1] / 100 - 0.05)

    def _around(self, tokens: Sequence[Token], place: int, word: str, used: set[int]) -> Iterable[Span]:
        """Windows around a word whose correction is `word` that are a title but for typos."""
        keys = self._keys_of_word[word]
        if len(keys) > 200:
            return
        for key in keys:
            size = len(key.split())
            position = key.split().index(word)
            # The person may have typed or left out articles before and within.
            for first in range(max(0, place - position - 2), place + 1):
                for last in range(max(place, first + size - 1), min(len(tokens), first + size + 2)):
                    window = tokens[first : last + 1]
                    if not used.isdisjoint(range(first, last + 1)) or any(t.text in '.!?;,"' for t in window):
                        continue
                    typed = title_key([t.word for t in window if t.is_word])
                    if len(typed.split()) != size and typed.replace(" ", "") != key.replace(" ", ""):
                        continue
                    score = fuzz.ratio(typed, key) if _digits(typed) == _digits(key) else 0
                    if score >= (84 if size > 1 else 80):
                        naming = pick(self._table.items, self._forms[key], find_clues(tokens, first, last))
                        # A lone word that is nearly a title may as well be a name or any rare word.
                        needs_cue = size == 1 or self._forms[key][0].form >= Form.SHORT
                        yield Span(first, last, key, naming, score / 100 - 0.05, needs_cue=needs_cue)

    def _whole(self, tokens: Sequence[Token], first: int, last: int) -> Iterable[Span]:
        """A span that is surely meant as a title: the nearest title, or the one title that it is a part of."""
        typed = title_key([token.word for token in tokens[first : last + 1] if token.is_word])
        words = typed.split()
        if len(words) == 1 and rank(typed) < RARE and typed not in self._keys_of_word:
            return
        rare = [word for word in words if len(self._keys_of_word.get(word, ())) <= 6]
        keys = {key for word in rare for near in self._similar_words(word) for key in self._keys_of_word[near]}
        best = process.extractOne(typed, keys, scorer=fuzz.ratio, score_cutoff=83) if keys else None
        if best and _digits(best[0]) == _digits(typed) and not _in_a_hurry(words, best[0]):
            naming = pick(self._table.items, self._forms[best[0]], find_clues(tokens, first, last))
            yield Span(first, last, best[0], naming, best[1] / 100 - 0.05)
            return
        holding = [key for key in keys if f" {typed} " in f" {key} "]
        rows = {self._forms[key][0].row for key in holding}
        telling = len(typed) > 4 and not is_ordinary(typed)
        if len(rows) == 1 and telling:
            yield Span(first, last, holding[0], self._forms[holding[0]][0], 0.7)


def _in_a_hurry(words: Sequence[str], key: str) -> bool:
    """Whether a word that differs from the title is no typo but known shorthand: "action tho" is no "action hero"."""
    return any(word in shorthand() for word in words if word not in key.split())


def _digits(key: str) -> list[str]:
    """The numbers of a key: a sequel is no typo of another."""
    return re.findall(r"\d+", key)
