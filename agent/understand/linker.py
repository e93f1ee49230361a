"""Links the titles that a text mentions to the items of a catalogue, whatever the catalogue holds.

It finds titles as written, without articles, with typos, by the number of a sequel and by a year. Words that are both a
title and plain English ("big", "speed") are linked only on a cue: quotes, a capital amid small letters, a verb such as
"loved" before, a year behind. It doesn't know what the person thinks of an item.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from agent.understand.cues import CueFinder
from agent.understand.text import RARE, Token, rank, tokenize
from agent.understand.titles import Form, Naming, is_ordinary, key_of, title_forms, title_key
from core.item import ItemTable

_LONGEST = 12  # words of a title as people type it
_YEAR = re.compile(r"^(18|19|20)\d\d$")
_ORDINALS = {"first": 1, "1st": 1, "original": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_ORDINALS |= {"fifth": 5, "5th": 5, "sixth": 6, "6th": 6}
_SEQUEL = {str(number): number for number in range(1, 10)} | {
    "two": 2,
    "three": 3,
    "four": 4,
    "ii": 2,
    "iii": 3,
    "iv": 4,
}
_ARTICLE = re.compile(r"(?<!\w)(?:the|The) (?:(?:old|original|new|silent|classic|remade|recent) )?$")
_YEAR_BEFORE = r"(?<!\w)(?:the )?{year}(?:'s)? (?:version of |remake of )?(?:the )?$"
_YEAR_BEHIND = (
    r"(?: remake| version)?,? ?\(?(?:the )?(?:[^\W\d_]+ )?(?:(?:one|version|film|movie|"
    r"remake) )?(?:from |of |in )?'?(?:{year}|{short}(?!\w))"
    r"(?: one| version| film| movie| remake)?\)?(?:,? not the (?:\w+ )?(?:one|version))?"
)
_NUMBER_BEHIND = re.compile(
    (
        r" ((?:part )?(?:[2-9]|ii|iii|iv|two|three))(?![\w.:'-])(?! (?:times?|nights?|days?|weeks?|years?|"
        r"hours?|months?|movies|films|of|or|more|others|stars|kids|people|minutes))"
    ),
    re.IGNORECASE,
)
_LATEST = frozenset({"new", "newer", "remake", "latest"})
_EARLIEST = frozenset({"old", "older", "original", "first"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A title in a text, `text[start:end]`, and the item it means. `confidence` is in 0..1.

    The item is None where the text names a sequel that the catalogue lacks, though it has another part.
    """

    start: int
    end: int
    text: str
    item_id: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _Span:
    first: int  # tokens first..last, both included
    last: int
    key: str
    naming: Naming
    confidence: float
    needs_cue: bool = False

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class Linker:
    """Finds items in texts. Building it reads the whole catalogue once; linking a message takes well under 5 ms."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table
        self._forms = title_forms(table)
        self._cues = CueFinder()
        self._first_words = {key.split()[0] for key in self._forms}
        self._glued: dict[str, str] = {}
        self._keys_of_word: dict[str, list[str]] = defaultdict(list)
        for key in self._forms:
            self._glued.setdefault(key.replace(" ", ""), key)
            for word in set(key.split()):
                self._keys_of_word[word].append(key)
        # Title words by their length: a typo changes it by two letters at most.
        self._words_by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._keys_of_word:
            self._words_by_length[len(word)].append(word)

    def link(self, text: str, expected: Collection[str] = ()) -> list[Mention]:
        """The mentions in a text from left to right, none overlapping another.

        Items that are `expected`, such as those of the last answer, need no cue even if their titles are plain words.
        """
        tokens = tokenize(text)
        rows = {self._table.row(item_id) for item_id in expected if item_id in self._table}
        exact = (replace(s, needs_cue=s.needs_cue and s.naming.row not in rows) for s in self._exact(tokens))
        sure = self._choose(tokens, [*exact, *self._sequels(tokens)])
        near = self._choose(tokens, self._nearby(tokens, sure), taken=sure)
        spans = self._continued(tokens, sorted((*sure, *near), key=lambda span: span.first))
        return [self._mention(text, tokens, span) for span in spans]

    def find(self, title: str) -> str | None:
        """The item that a title alone means, or None. Unlike in a text, every word counts as part of the title."""
        bare = re.sub(r"\((\d{4})\)\s*$", r"\1", title.strip().strip("\"'“”‘’*_"))
        mentions = self.link(f'"{bare}"')
        covering = [mention for mention in mentions if mention.end - mention.start >= 0.6 * len(bare)]
        if covering:
            return covering[0].item_id
        key = key_of(bare)
        best = process.extractOne(key, self._forms.keys(), scorer=fuzz.ratio, score_cutoff=86) if len(key) > 4 else None
        return self._table.items[self._pick(self._forms[best[0]], ()).row].id if best else None

    def sequel(self, item_id: str, number: int) -> str | None:
        """The item with this number in the series of an item: "the third one"."""
        title = self._table[item_id].title
        for name in (title, re.split(r"[:\d]", title)[0]):
            base = re.sub(r" \d$", "", key_of(name))
            if namings := self._forms.get(f"{base} {number}"):
                return self._table.items[namings[0].row].id
        return None

    # --- candidates ---

    def _exact(self, tokens: Sequence[Token]) -> Iterable[_Span]:
        for first, token in enumerate(tokens):
            if not token.is_word:
                continue
            words: list[str] = []
            for last in range(first, min(first + _LONGEST + 4, len(tokens))):
                if not tokens[last].is_word:
                    if tokens[last].text in '.!?;\n"“”*' and tokens[last - 1].text.lower() not in {
                        "dr",
                        "mr",
                        "mrs",
                        "sgt",
                        "st",
                        "vs",
                    }:
                        break
                    continue
                words.append(tokens[last].word)
                if len(words) > _LONGEST:
                    break
                key = title_key(words)
                if key in self._forms:
                    yield self._span(tokens, first, last, key)
                elif len(words) <= 4 and (glued := self._glued.get("".join(key.split()))) and len(key) > 3:
                    yield self._span(tokens, first, last, glued, confidence=0.9)

    def _span(self, tokens: Sequence[Token], first: int, last: int, key: str, confidence: float = 1.0) -> _Span:
        namings = self._forms[key]
        naming = self._pick(namings, self._surroundings(tokens, first, last))
        # A short form that several items share means the first of them, with less confidence.
        shared = naming.form >= Form.SHORT and len(namings) > 1
        return _Span(
            first,
            last,
            key,
            naming,
            confidence * (0.7 if shared else 1.0),
            needs_cue=shared or self._is_doubtful(key, naming),
        )

    @staticmethod
    def _is_doubtful(key: str, naming: Naming) -> bool:
        """Whether the words of a key, found in a text, may well mean something else."""
        if naming.form is Form.PART:
            return all(rank(word) < RARE for word in key.split())
        return is_ordinary(key)

    @staticmethod
    def _surroundings(tokens: Sequence[Token], first: int, last: int) -> tuple[str, ...]:
        """The few words around a mention that may tell remakes apart, itself included for its articles."""
        before = tuple(token.word for token in tokens[max(0, first - 2) : first])
        inside = tuple(token.word for token in tokens[first : last + 1])
        after = tuple(token.word for token in tokens[last + 1 : last + 8])
        return (*before, *inside, *after)

    def _pick(self, namings: Sequence[Naming], words: Sequence[str]) -> Naming:
        """The item meant by a key that several share: by a year, by "the remake", by an article, else the surest."""
        years = {int(word) for word in words if _YEAR.match(word)}
        years |= {1900 + int(word) for word in words if len(word) == 2 and word.isdigit() and int(word) > 19}
        items = self._table.items
        dated = [naming for naming in namings if items[naming.row].year in years]
        if dated:
            return dated[0]
        best = [naming for naming in namings if naming.form == namings[0].form]
        if len(best) == 1:
            return best[0]
        if any(word in _LATEST for word in words):
            return max(best, key=lambda naming: items[naming.row].year or 0)
        if any(word in _EARLIEST for word in words) or best[0].form >= Form.NUMBERED:
            return min(best, key=lambda naming: items[naming.row].year or 0)
        has_article = "the" in words
        same_article = [n for n in best if items[n.row].title.lower().startswith("the ") == has_article]
        return (same_article or best)[0]

    def _sequels(self, tokens: Sequence[Token]) -> Iterable[_Span]:
        """As in "The second Godfather", "the original Jaws", and "the first Alien movie"."""
        for place, token in enumerate(tokens[:-1]):
            number = _ORDINALS.get(token.word)
            if number is None:
                continue
            words: list[str] = []
            for last in range(place + 1, min(place + 6, len(tokens))):
                if not tokens[last].is_word:
                    break
                words.append(tokens[last].word)
                base = title_key(words)
                namings = self._forms.get(f"{base} {number}")
                if namings and namings[0].form <= Form.NUMBERED:
                    yield _Span(place, last, f"{base} {number}", namings[0], 0.95, needs_cue=is_ordinary(base))

    # --- choosing ---

    def _choose(self, tokens: Sequence[Token], spans: Iterable[_Span], taken: Sequence[_Span] = ()) -> list[_Span]:
        """The longest spans that don't overlap; ordinary words only where a cue says that a title is meant."""
        chosen: list[_Span] = []
        used = {place for span in taken for place in range(span.first, span.last + 1)}
        waiting: list[_Span] = []
        for span in sorted(spans, key=lambda span: (-len(span.key), -span.confidence, -span.size)):
            if used.isdisjoint(range(span.first, span.last + 1)):
                if span.needs_cue and not self._cues.means_title(tokens, span.first, span.last):
                    waiting.append(span)
                    continue
                chosen.append(span)
                used.update(range(span.first, span.last + 1))
        # "heat and fargo": one title in a list makes titles of its neighbours.
        while True:
            neighbours = [(other.first, other.last) for other in (*taken, *chosen)]
            listed = next(
                (
                    span
                    for span in waiting
                    if used.isdisjoint(range(span.first, span.last + 1))
                    and self._cues.is_listed_with(tokens, span.first, span.last, neighbours)
                ),
                None,
            )
            if listed is None:
                return chosen
            chosen.append(listed)
            used.update(range(listed.first, listed.last + 1))

    def _nearby(self, tokens: Sequence[Token], taken: Sequence[_Span]) -> list[_Span]:
        """Titles with typos, and parts of long titles, among the words that no title has claimed yet."""
        used = {place for span in taken for place in range(span.first, span.last + 1)}
        found: list[_Span] = []
        for place, token in enumerate(tokens):
            if place in used or not token.is_word or len(token.word) < 4 or rank(token.word) < RARE:
                continue
            found.extend(self._by_one_word(place, token.word))
            for word in self._similar_words(token.word):
                found.extend(self._around(tokens, place, word, used))
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

    def _by_one_word(self, place: int, word: str) -> Iterable[_Span]:
        """A rare word that a single item has in its title stands for it: "shawshank"."""
        namings = {self._forms[key][0].row: key for key in self._keys_of_word.get(word, ())}
        if len(namings) == 1 and len(word) > 6:
            key = next(iter(namings.values()))
            yield _Span(place, place, word, self._forms[key][0], 0.6, needs_cue=True)

    def _around(self, tokens: Sequence[Token], place: int, word: str, used: set[int]) -> Iterable[_Span]:
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
                        naming = self._pick(self._forms[key], self._surroundings(tokens, first, last))
                        # A lone word that is nearly a title may as well be a name or any rare word.
                        needs_cue = size == 1 or self._forms[key][0].form >= Form.SHORT
                        yield _Span(first, last, key, naming, score / 100 - 0.05, needs_cue=needs_cue)

    def _whole(self, tokens: Sequence[Token], first: int, last: int) -> Iterable[_Span]:
        """A span that is surely meant as a title: the nearest title, or the one title that it is a part of."""
        typed = title_key([token.word for token in tokens[first : last + 1] if token.is_word])
        words = typed.split()
        if len(words) == 1 and rank(typed) < RARE and typed not in self._keys_of_word:
            return
        rare = [word for word in words if len(self._keys_of_word.get(word, ())) <= 6]
        keys = {key for word in rare for near in self._similar_words(word) for key in self._keys_of_word[near]}
        best = process.extractOne(typed, keys, scorer=fuzz.ratio, score_cutoff=83) if keys else None
        if best and _digits(best[0]) == _digits(typed):
            naming = self._pick(self._forms[best[0]], self._surroundings(tokens, first, last))
            yield _Span(first, last, best[0], naming, best[1] / 100 - 0.05)
            return
        holding = [key for key in keys if f" {typed} " in f" {key} "]
        rows = {self._forms[key][0].row for key in holding}
        telling = len(typed) > 4 and not is_ordinary(typed)
        if len(rows) == 1 and telling:
            yield _Span(first, last, holding[0], self._forms[holding[0]][0], 0.7)

    def _continued(self, tokens: Sequence[Token], spans: list[_Span]) -> list[_Span]:
        """As in "Godfather 1 and 2", "The Godfather and part two": a number behind a title may be its sequel."""
        result: list[_Span] = []
        used = {place for span in spans for place in range(span.first, span.last + 1)}
        for span in spans:
            result.append(span)
            place = span.last + 1
            if place >= len(tokens) or tokens[place].word not in {"and", ",", "or"}:
                continue
            place += 1
            while place < len(tokens) and tokens[place].word in {"part", "the", "number"}:
                place += 1
            if place >= len(tokens) or place in used:
                continue
            word = tokens[place].word
            number = _SEQUEL.get(word) or _ORDINALS.get(word)
            base = re.sub(r" \d$", "", span.key)
            following = tokens[place + 1].word if place + 1 < len(tokens) else "."
            namings = self._forms.get(f"{base} {number}") if number and not following.isalpha() else None
            if namings and namings[0].row != span.naming.row:
                result.append(replace(span, first=place, last=place, naming=namings[0], key=f"{base} {number}"))
        return result

    def _mention(self, text: str, tokens: Sequence[Token], span: _Span) -> Mention:
        item = self._table.items[span.naming.row]
        start, end = tokens[span.first].start, tokens[span.last].end
        telling = " " in span.key or not is_ordinary(span.key)
        if telling and span.naming.form <= Form.ALIAS and (number := _NUMBER_BEHIND.match(text, end)):
            end = number.end(1)
            return Mention(start, end, text[start:end], None, round(span.confidence, 3))
        # What tells remakes apart belongs to the mention, so that it isn't read as a wish; so does an article.
        if item.year:
            short = f"{item.year % 100:02}"
            behind = re.compile(_YEAR_BEHIND.format(year=item.year, short=short), re.IGNORECASE).match(text, end)
            before = re.compile(_YEAR_BEFORE.format(year=item.year), re.IGNORECASE).search(text, 0, start)
            end = behind.end() if behind else end
            start = before.start() if before else start
        article = _ARTICLE.search(text, max(0, start - 20), start)
        start = article.start() if article else start
        return Mention(start, end, text[start:end], item.id, round(span.confidence, 3))

    def remake(self, item_id: str, year: int) -> str | None:
        """The item of the same title from another year: "the 1926 one"."""
        namings = self._forms.get(key_of(self._table[item_id].title), ())
        items = (self._table.items[naming.row] for naming in namings if naming.form == Form.FULL)
        return next((item.id for item in items if item.year == year), None)


def _digits(key: str) -> list[str]:
    """The numbers of a key: a sequel is no typo of another."""
    return re.findall(r"\d+", key)
