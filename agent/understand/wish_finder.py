"""Finds wishes and vetoes in a masked message: categories, years, people, moods, audience, numbers, orders."""

import re

from agent.understand.lengths import LengthFinder
from agent.understand.masked import PERSON, Masked
from agent.understand.numbers import PLAYERS_AND_AGES, NumberFinder
from agent.understand.polarity import Polarity, polarities
from agent.understand.ranges import find_years
from agent.understand.scales import ScaleFinder
from agent.understand.text import fold
from agent.understand.vocabulary import AUDIENCE_PATTERNS, MOOD_PATTERNS, CategoryWords
from agent.understand.wish_sense import corrected, meant, standing
from agent.understand.wishes import Wish, Wishes
from core.intent import Audience
from core.item import ItemTable
from index.facets import kinds_of

_ADDS = re.compile(
    r"(?<!\w)(?:also|too|as well|in addition|add|plus|include)(?! (?:scary|violent|long|old|dark|sad|"
    r"slow|many|much))(?!\w)"
)
_AS_A_KID = re.compile(r"(?:as|when i was|like) (?:a |an )?(?:little |young )?(?:kid|child|teenager|teen)$")
_ARTICLE_BEFORE = re.compile(
    r"(?<!\w)(?:an?|the|my|your|this|that|our|his|her) (?:(?:very|really|quite|rather|too|so) )*$"
)
# The words behind "a long", up to where its noun must have come.
_OF_A_NOUN = re.compile(
    r"(?: (?!(?:and|or|but|with|without|about|for|from|in|on|of|to|that|which|please|set|by)(?!\w))[a-z]+){1,3}"
)
_THINGS = re.compile(
    r"(?<!\w)(?:movies?|films?|flicks?|pictures?|features?|books?|novels?|reads?|watch|titles?|ones?|stor(?:y|ies)|"
    r"games?|songs?|albums?|tracks?|shows?|series|items?|pieces?|something|things?|classics?)(?!\w)"
)

_NO_ORDER = re.compile(
    r"(?<!\w)(?:not (?:necessarily )?the (?:\w+est|(?:most|least|best|worst) \w+)|"
    r"(?:price|cost|money|age|year|length|weight)s? (?:does not|doesnt|is not|isnt|no longer) matter|"
    r"(?:forget|ignore|never mind) (?:about )?the (?:price|cost|age|year|length|weight))(?!\w)"
)


class WishFinder:
    """Reads wishes in the words of a catalogue's categories and years."""

    def __init__(self, table: ItemTable, categories: CategoryWords) -> None:
        self._categories = categories
        self._years = table.years
        names = list(dict.fromkeys(name for item in table for name in item.numbers))
        self._numbers = NumberFinder(names)
        self._lengths = LengthFinder(table)
        self._scales = ScaleFinder(names)

    def find(self, masked: Masked, skip: list[tuple[int, int]]) -> Wishes:
        """Wishes in the message; stretches of its text in `skip` (questions about items) say nothing about wishes."""
        text = masked.text
        for start, end in skip:
            text = text[:start] + "".join(" " if c == " " else "." for c in text[start:end]) + text[end:]
        text = re.sub(r"(?<!\w)['’] (\d\d)(?!\w)", r"19\1", text)  # "'96", no longer and no shorter than before
        polarity = polarities(text)
        wishes = Wishes(
            refused=[match.span() for match in re.finditer(r"\w+", text) if polarity[match.start()] is Polarity.VETO]
        )
        text = self._take_scales(wishes, text)
        wishes.adds = bool(_ADDS.search(text))
        found = [*self._category_wishes(text), *self._range_wishes(text), *self._people_wishes(masked, text)]
        taken = [(wish.start, end) for wish, end in found]
        found.extend((wish, end) for wish, end in _mood_wishes(text, taken))
        people = [(wish.start, end) for wish, end in found if wish.name in PLAYERS_AND_AGES]
        amounts = [(w.start, end) for w, end in found if w.field == "numbers" and re.search(r"\d", text[w.start : end])]
        wishes.counts = [*people, *amounts]
        found.extend(_audience_wishes(text, [*taken, *people]))
        for named, end in sorted(found, key=lambda pair: pair[0].start):
            wish = meant(named, end, text, polarity)
            wishes.spans.extend(_understood(wish, end, text))
            wishes.found.append(wish)
        wishes.found = standing(corrected(wishes.found, text), text)
        return wishes

    def _take_scales(self, wishes: Wishes, text: str) -> str:
        """Take the comparatives and the superlative out of the text: "newest" is no vague "new" besides."""
        for start, end, move in self._scales.moves(text):
            wishes.moves.append(move)
            wishes.spans.append((start, end))
            text = _blank(text, start, end)
        wishes.drops_order = bool(_NO_ORDER.search(text))
        if not wishes.drops_order and (superlative := self._scales.order(text)):
            start, end, wishes.order = superlative
            wishes.spans.append((start, end))
            text = _blank(text, start, end)
        return text

    def _category_wishes(self, text: str) -> list[tuple[Wish, int]]:
        found = self._categories.find(text)
        whole = [
            (s, e, c) for s, e, c in found if not any(a <= s and e <= b and (b - a) > (e - s) for a, b, _ in found)
        ]
        # "rom com" is Romance before Comedy; else two categories of one word stand as the catalogue sorts them.
        whole.sort(key=lambda hit: (hit[0], hit[2] != "Romance"))
        return [(Wish(start, "categories", category, Polarity.WISH), end) for start, end, category in whole]

    def _range_wishes(self, text: str) -> list[tuple[Wish, int]]:
        kinds = self._categories.find(text)  # "short stories" may be one
        lengths = [
            (Wish(b.start, "numbers", b.bounds, Polarity.WISH, b.name), b.end)
            for b in self._lengths.find(text)
            if not self._is_of_another_thing(text, b.start, b.end)
            and not any(start <= b.start < end for start, end, _ in kinds)
        ]
        blocked = [(wish.start, end) for wish, end in lengths]
        numbers = [
            (Wish(b.start, "numbers", b.bounds, Polarity.WISH, b.name), b.end)
            for b in self._numbers.find(text)
            if not any(start < b.end and b.start < end for start, end in blocked)
        ]
        blocked += [(wish.start, end) for wish, end in numbers]  # "2000 euros" are no year
        years = [
            (Wish(b.start, "years", b.bounds, Polarity.WISH), b.end)
            for b in find_years(text, self._years)
            if not any(start < b.end and b.start < end for start, end in blocked)
        ]
        return [*lengths, *years, *numbers]

    def _is_of_another_thing(self, text: str, start: int, end: int) -> bool:
        """Whether "long" or "short" is said of what is no item: "a very long wish", "a short question"."""
        noun = _OF_A_NOUN.match(text, end) if _ARTICLE_BEFORE.search(text, 0, start) else None
        if noun is None or re.search(r"\d", text[start:end]):
            return False
        words = noun.group()
        is_item = _THINGS.search(words) or self._categories.find(words)
        return not (is_item or any(pattern.search(words) for pattern in MOOD_PATTERNS.values()))

    @staticmethod
    def _people_wishes(masked: Masked, text: str) -> list[tuple[Wish, int]]:
        found = []
        for match in re.finditer(PERSON, text):
            number = int(match.group()[1:])
            wish = Wish(match.start(), "people", masked.people[number], Polarity.WISH)
            if number in masked.facts:
                name, values = masked.facts[number]
                wish = Wish(match.start(), "facts", values, Polarity.WISH, name)
            found.append((wish, match.end()))
        return found


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{'.' * (end - start)}{text[end:]}"


def _mood_wishes(text: str, taken: list[tuple[int, int]]) -> list[tuple[Wish, int]]:
    hits = [
        (match.start(), match.end(), mood)
        for mood, pattern in MOOD_PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    found = []
    for start, end, mood in hits:
        inside = any(a <= start and end <= b and (b - a) > (end - start) for a, b, _ in hits)
        if not inside and not any(a <= start < b for a, b in taken):
            found.append((Wish(start, "moods", mood, Polarity.WISH), end))
    return found


def _audience_wishes(text: str, taken: list[tuple[int, int]]) -> list[tuple[Wish, int]]:
    hits: list[tuple[int, int, Audience]] = []
    for audience, pattern in AUDIENCE_PATTERNS.items():
        for match in pattern.finditer(text):
            covered = any(a <= match.start() < b for a, b, _ in hits) or any(a <= match.start() < b for a, b in taken)
            if not covered and not _AS_A_KID.search(text[: match.end()]):
                hits.append((match.start(), match.end(), audience))
    audiences = {audience for _, _, audience in hits}
    partner = re.search(r"(?<!\w)(?:wife|husband|partner|grandparents|grandma|parents)(?!\w)", text)
    if (
        partner
        and re.search(r"(?<!\w)(?:our|me ,? ?(?:and )?my (?:wife|husband)) ", text)
        and audiences & {Audience.KIDS, Audience.TEENS}
    ):
        hits = [(start, end, Audience.FAMILY) for start, end, _ in hits]
    for strongest in (Audience.ADULTS, Audience.DATE, Audience.TEENS, Audience.FAMILY, Audience.KIDS):
        chosen = [(start, end) for start, end, audience in hits if audience is strongest]
        if chosen:
            return [(Wish(start, "audience", strongest, Polarity.WISH), end) for start, end in chosen[:1]]
    return []


def _understood(wish: Wish, end: int, text: str) -> list[tuple[int, int]]:
    """The stretches that a wish says all of; "heist" and "cowboy" say more than the category that they name.

    So does "screws" where the category is "Nails & Screws".
    """
    if wish.field != "categories" or wish.polarity is not Polarity.WISH:
        return [(wish.start, end)]
    words = list(re.finditer(r"\w+", text[wish.start : end]))
    kinds = [re.findall(r"\w+", fold(kind)) for kind in kinds_of(str(wish.value))]
    named = [[word for word in words if any(word[0][:2] == name[:2] for name in names)] for names in kinds]
    if not all(named):
        return []
    return [(wish.start + word.start(), wish.start + word.end()) for each in named for word in each]
