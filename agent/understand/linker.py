"""Links the titles that a text mentions to the items of a catalogue, whatever the catalogue holds.

It finds titles as written, without articles, with typos, by the number of a sequel and by a year. Words that are both a
title and plain English ("big", "speed") are linked only on a cue: quotes, a capital amid small letters, a verb such as
"loved" before, a year behind. It doesn't know what the person thinks of an item.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from agent.understand.cues import CueFinder
from agent.understand.namesakes import Clues, find_clues, pick, widen
from agent.understand.near_titles import NearTitles
from agent.understand.spans import Span
from agent.understand.text import RARE, Token, rank, tokenize
from agent.understand.titles import ARTICLES, Form, Naming, glued_forms, is_ordinary, key_of, title_forms, title_key
from core.item import Item, ItemTable

_LONGEST = 12  # words of a title as people type it
_ORDINALS = {"first": 1, "1st": 1, "original": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_ORDINALS |= {"fifth": 5, "5th": 5, "sixth": 6, "6th": 6}
_SEQUEL = {str(number): number for number in range(1, 10)} | {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_SEQUEL |= {"ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_GOES_ON = frozenset("and or are is were was but so please suck rock".split())  # after "Star Trek 2 and 4"
_NUMBER_BEHIND = re.compile(
    (
        r" ((?:part )?(?:[2-9]|ii|iii|iv|two|three))(?![\w.:'/-])(?! (?:/|times?|nights?|days?|weeks?|years?|"
        r"hours?|months?|movies|films|of|or|more|others|stars|kids|people|minutes))"
    ),
    re.IGNORECASE,
)


def _tail(tokens: Sequence[Token], span: Span, title: str) -> int:
    """Where a title ends that goes on as it is written, though not to its end: "Dr. Strangelove or: How I Learned"."""
    words = [token.word for token in tokenize(title) if token.is_word]
    typed = [token.word for token in tokens[span.first : span.last + 1] if token.is_word]
    end = tokens[span.last].end
    if len(typed) < 2 or words[: len(typed)] != typed:
        return end
    following = (token for token in tokens[span.last + 1 :] if token.text not in ",:;-")
    place = end
    for word, token in zip(words[len(typed) :], following, strict=False):
        if token.word != word:
            break
        place = token.end
    return place


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


class Linker:
    """Finds items in texts. Building it reads the whole catalogue once; linking a message takes well under 5 ms."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table
        self._forms = title_forms(table)
        self._cues = CueFinder()
        self._glued = glued_forms(self._forms)
        self._near = NearTitles(table, self._forms, self._cues)

    def link(self, text: str, expected: Collection[str] = ()) -> list[Mention]:
        """The mentions in a text from left to right, none overlapping another.

        Items that are `expected`, such as those of the last answer, need no cue even if their titles are plain words.
        """
        tokens = tokenize(text)
        rows = {self._table.row(item_id) for item_id in expected if item_id in self._table}
        exact = (replace(s, needs_cue=s.needs_cue and s.naming.row not in rows) for s in self._exact(tokens))
        sure = self._choose(tokens, [*exact, *self._sequels(tokens)])
        near = self._choose(tokens, self._near.find(tokens, sure), taken=sure)
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
        return self._table.items[pick(self._table.items, self._forms[best[0]], Clues()).row].id if best else None

    def sequel(self, item_id: str, number: int) -> str | None:
        """The item with this number in the series of an item: "the third one"."""
        title = self._table[item_id].title
        for name in (title, re.split(r"[:\d]", title)[0]):
            base = re.sub(r" \d$", "", key_of(name))
            if namings := self._forms.get(f"{base} {number}"):
                return self._table.items[namings[0].row].id
        return None

    # --- candidates ---

    def _exact(self, tokens: Sequence[Token]) -> Iterable[Span]:
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
                if len(words) > 1 and words[-1] in ARTICLES:
                    continue  # it belongs to what follows: "Sabrina, a wonderful film"
                key = title_key(words)
                if key in self._forms:
                    yield self._span(tokens, first, last, key)
                elif len(words) <= 4 and (glued := self._glued.get("".join(key.split()))) and len(key) > 3:
                    yield self._span(tokens, first, last, glued, confidence=0.9)

    def _span(self, tokens: Sequence[Token], first: int, last: int, key: str, confidence: float = 1.0) -> Span:
        namings = self._forms[key]
        naming = pick(self._table.items, namings, find_clues(tokens, first, last))
        # A short form that several items share means the first of them, with less confidence.
        shared = naming.form >= Form.SHORT and len(namings) > 1
        return Span(
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

    def _sequels(self, tokens: Sequence[Token]) -> Iterable[Span]:
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
                    yield Span(place, last, f"{base} {number}", namings[0], 0.95, needs_cue=is_ordinary(base))

    # --- choosing ---

    def _choose(self, tokens: Sequence[Token], spans: Iterable[Span], taken: Sequence[Span] = ()) -> list[Span]:
        """The longest spans that don't overlap; ordinary words only where a cue says that a title is meant."""
        chosen: list[Span] = []
        used = {place for span in taken for place in range(span.first, span.last + 1)}
        waiting: list[Span] = []
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

    def _continued(self, tokens: Sequence[Token], spans: list[Span]) -> list[Span]:
        """As in "Godfather 1 and 2", "The Godfather and part two": a number behind a title may be its sequel."""
        result: list[Span] = []
        used = {place for span in spans for place in range(span.first, span.last + 1)}
        for span in spans:
            result.append(span)
            while (more := self._next_part(tokens, result[-1])) and more.first not in used:
                result.append(more)
        return result

    def _next_part(self, tokens: Sequence[Token], span: Span) -> Span | None:
        """Another part of a span's series, named right behind it by its number alone."""
        place = span.last + 1
        if place >= len(tokens) or tokens[place].word not in {"and", ",", "or"}:
            return None
        place += 1
        while place < len(tokens) and tokens[place].word in {"part", "the", "number", "and"}:
            place += 1
        if place >= len(tokens):
            return None
        number = _SEQUEL.get(tokens[place].word) or _ORDINALS.get(tokens[place].word)
        base = re.sub(r" \d$", "", span.key)
        following = tokens[place + 1].word if place + 1 < len(tokens) else "."
        ends = not following.isalpha() or (base != span.key and following in _GOES_ON)
        namings = self._forms.get(f"{base} {number}") if number and ends else None
        if not namings or namings[0].row == span.naming.row:
            return None
        return replace(span, first=place, last=place, naming=namings[0], key=f"{base} {number}")

    def _mention(self, text: str, tokens: Sequence[Token], span: Span) -> Mention:
        item = self._table.items[span.naming.row]
        start, end = tokens[span.first].start, tokens[span.last].end
        telling = " " in span.key or not is_ordinary(span.key)
        if telling and span.naming.form <= Form.ALIAS and (number := _NUMBER_BEHIND.match(text, end)):
            end = number.end(1)
            return Mention(start, end, text[start:end], None, round(span.confidence, 3))
        end = max(end, *(_tail(tokens, span, name) for name in (item.title, *item.aliases)))
        start, end = widen(text, start, end, item)
        return Mention(start, end, text[start:end], item.id, round(span.confidence, 3))

    def namesakes(self, item_id: str) -> list[Item]:
        """The items with the same title as this one, itself included, the oldest first."""
        namings = self._forms.get(key_of(self._table[item_id].title), ())
        items = (self._table.items[naming.row] for naming in namings if naming.form == Form.FULL)
        return sorted(items, key=lambda item: item.year or 0)
