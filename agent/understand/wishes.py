"""Wishes and vetoes in a masked message: categories, years, people, moods, audience, numbers, and their polarity."""

import re
from dataclasses import dataclass, field, replace

from agent.understand.masked import PERSON, Masked
from agent.understand.numbers import PLAYERS_AND_AGES, NumberFinder
from agent.understand.polarity import Polarity, polarities
from agent.understand.ranges import find_minutes, find_years
from agent.understand.text import fold
from agent.understand.vocabulary import AUDIENCE_PATTERNS, MOOD_PATTERNS, CategoryWords
from core.intent import Audience, Mood, Preferences, Range
from core.item import ItemTable


@dataclass(frozen=True, slots=True)
class Wish:
    """One value of one field of `Preferences`; `name` is the number's where `field` is "numbers", and the fact's."""

    start: int
    field: str
    value: str | Mood | Audience | Range | tuple[str, ...]
    polarity: Polarity
    name: str = ""


@dataclass(slots=True)
class Wishes:
    """All that a message wishes for or forbids, and how it changes what was said before."""

    found: list[Wish] = field(default_factory=list)
    older: bool = False  # than the last answer
    newer: bool = False
    shorter: bool = False
    longer: bool = False
    cheaper: bool = False
    dearer: bool = False
    adds: bool = False  # "also": new values join the old ones
    spans: list[tuple[int, int]] = field(default_factory=list)  # the stretches of the text that were read
    players: list[tuple[int, int]] = field(default_factory=list)  # the stretches that count players, or say an age
    refused: list[tuple[int, int]] = field(default_factory=list)  # the stretches that a negation reaches

    @property
    def is_relative(self) -> bool:
        return self.older or self.newer or self.shorter or self.longer or self.cheaper or self.dearer

    @property
    def changes(self) -> bool:
        """Whether the message wishes, forbids or allows anything."""
        return self.is_relative or any(wish.polarity is not Polarity.IGNORE for wish in self.found)

    def preferences(self, polarity: Polarity) -> Preferences:
        """The values of one polarity in the order of the text."""
        values: dict[str, list[object]] = {"categories": [], "years": [], "people": [], "moods": []}
        audience: Audience | None = None
        numbers: dict[str, Range] = {}
        facts: dict[str, tuple[str, ...]] = {}
        for wish in self.found:
            if wish.polarity is not polarity:
                continue
            if wish.field == "audience":
                audience = Audience(str(wish.value))
            elif wish.field == "numbers" and isinstance(wish.value, Range):
                numbers[wish.name] = wish.value
            elif wish.field == "facts" and isinstance(wish.value, tuple):
                facts[wish.name] = tuple(dict.fromkeys((*facts.get(wish.name, ()), *wish.value)))
            elif wish.value not in values.get(wish.field, [wish.value]):
                values[wish.field].append(wish.value)
        return Preferences.model_validate({**values, "audience": audience, "numbers": numbers, "facts": facts})


_LIFT_AFTER = re.compile(
    r"^(?: (?:films?|movies?|ones|ok|okay|fine|allowed|are|is|it))* (?:are|is|ok|okay|fine|"
    r"allowed)(?: \w+)? ?(?:again|after all|now|$|[.,!])|^(?: \w+)? (?:again|after all)(?!\w)"
)
# An item that is spoken of ("@0 was hilarious") is described, not wished for.
_DESCRIBED = re.compile(
    r"@\d+(?: ,? ?(?:which|that|it|also|still|really|i|thought|think|find|found|all|both|too))* (?:is|"
    r"was|are|were|made|makes|has|had|sounds|looks|seems|being|as)(?!\w)[^.!?;,@]*$"
)
_DESCRIPTION_ENDS = re.compile(r"(?<!\w)(?:but|so|need|want|wants|something|give|recommend|now)(?!\w)")
_RELATIVE = {
    "older": re.compile(
r"(?<![\w@~])(?:older|earlier|less recent|less modern|more classic|too new|too recent|"
r"too modern)(?! than (?:\d|the \d)| brother| sister| son| daughter)(?!\w)"
),
    "newer": re.compile(
r"(?<![\w@~])(?:newer|more (?:recent|modern|current)|later ones?|less old|not (?:so|as|that) old|"
r"too old|fresher)(?! than (?:\d|the \d))(?!\w)"
),
    "shorter": re.compile(
r"(?<![\w@~])(?:shorter|less long|not (?:so|as|that) long|"
            r"(?<!not )(?<!nothing )(?<!isnt )(?<!no )(?<!be )too long|quicker)(?! than (?:\d|an?|two|"
r"three|one))(?!\w)"
),
    "longer": re.compile(
r"(?<![\w@~])(?<!no )(?<!any )(?:longer|less short|not (?:so|as|that) short|"
r"too short)(?! than (?:\d|an?|two|three|one))(?!\w)"
),
}  # fmt: skip
# Read only where items have a price.
_RELATIVE_PRICES = {
    "cheaper": re.compile(
        r"(?<![\w@~])(?:cheaper|less (?:expensive|pricey|costly)|not (?:so|as|that) (?:expensive|pricey)|"
        r"too (?:expensive|pricey|dear|costly))(?! than \d)(?!\w)"
    ),
    "dearer": re.compile(
        r"(?<![\w@~])(?:(?<!not )more (?:expensive|costly|upmarket)|pricier|dearer|too cheap|less cheap)"
        r"(?! than \d)(?!\w)"
    ),
}
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


class WishFinder:
    """Reads wishes in the words of a catalogue's categories and years."""

    def __init__(self, table: ItemTable) -> None:
        self._categories = CategoryWords(table.categories)
        self._years = table.years
        self._numbers = NumberFinder(list(dict.fromkeys(name for item in table for name in item.numbers)))
        self._has_price = any("price" in item.numbers for item in table)

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
        relative = _RELATIVE | (_RELATIVE_PRICES if self._has_price else {})
        for name, pattern in relative.items():
            if match := pattern.search(text):
                setattr(wishes, name, True)
                wishes.spans.append(match.span())
                text = text[: match.start()] + "." * len(match.group()) + text[match.end() :]
        wishes.adds = bool(_ADDS.search(text))
        found = [*self._category_wishes(text), *self._range_wishes(text), *self._people_wishes(masked, text)]
        taken = [(wish.start, end) for wish, end in found]
        found.extend((wish, end) for wish, end in _mood_wishes(text, taken))
        wishes.players = [(wish.start, end) for wish, end in found if wish.name in PLAYERS_AND_AGES]
        found.extend(_audience_wishes(text, [*taken, *wishes.players]))
        for named, end in sorted(found, key=lambda pair: pair[0].start):
            wish = _with_polarity(named, end, text, polarity)
            wishes.spans.extend(_understood(wish, end, text))
            wishes.found.append(wish)
        wishes.found = _corrected(wishes.found, text)
        return wishes

    def _category_wishes(self, text: str) -> list[tuple[Wish, int]]:
        found = self._categories.find(text)
        whole = [
            (s, e, c) for s, e, c in found if not any(a <= s and e <= b and (b - a) > (e - s) for a, b, _ in found)
        ]
        # "rom com" is Romance before Comedy; else two categories of one word stand as the catalogue sorts them.
        whole.sort(key=lambda hit: (hit[0], hit[2] != "Romance"))
        return [(Wish(start, "categories", category, Polarity.WISH), end) for start, end, category in whole]

    def _range_wishes(self, text: str) -> list[tuple[Wish, int]]:
        minutes = [
            (Wish(b.start, "numbers", b.bounds, Polarity.WISH, b.name), b.end)
            for b in find_minutes(text)
            if not self._is_of_another_thing(text, b.start, b.end)
        ]
        blocked = [(wish.start, end) for wish, end in minutes]
        years = [
            (Wish(b.start, "years", b.bounds, Polarity.WISH), b.end)
            for b in find_years(text, self._years)
            if not any(start <= b.start < end for start, end in blocked)
        ]
        blocked += [(wish.start, end) for wish, end in years]
        numbers = [
            (Wish(b.start, "numbers", b.bounds, Polarity.WISH, b.name), b.end)
            for b in self._numbers.find(text)
            if not any(start < b.end and b.start < end for start, end in blocked)
        ]
        return [*minutes, *years, *numbers]

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


_CORRECTION = re.compile(
    r"(?<!\w)(?:no ,? ?wait|wait ,? ?no|no ,? ?sorry|sorry ,? ?i meant?|i meant?|(?:scratch|scrap) that|make that|"
    r"or rather|correction)(?!\w)"
)


def _corrected(found: list[Wish], text: str) -> list[Wish]:
    """Where the person corrects themselves, what they say after it replaces what they said before of the same field."""
    correction = _CORRECTION.search(text)
    if correction is None:
        return found
    renewed = {wish.field for wish in found if wish.start >= correction.end()}
    return [
        replace(wish, polarity=Polarity.IGNORE) if wish.start < correction.start() and wish.field in renewed else wish
        for wish in found
    ]


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
    """The stretches that a wish says all of; "heist" and "cowboy" say more than the category that they name."""
    if wish.field != "categories" or wish.polarity is not Polarity.WISH:
        return [(wish.start, end)]
    names = re.findall(r"\w+", fold(str(wish.value)))
    words = ((match.group(), match.start(), match.end()) for match in re.finditer(r"\w+", text[wish.start : end]))
    return [
        (wish.start + first, wish.start + last)
        for word, first, last in words
        if any(word[:2] == name[:2] for name in names)
    ]


def _with_polarity(wish: Wish, end: int, text: str, polarity: list[Polarity]) -> Wish:
    meant = polarity[wish.start]
    phrase = text[wish.start : end]
    if wish.field == "moods" and meant is Polarity.WISH and _is_described(text, wish.start):
        meant = Polarity.IGNORE
    if wish.field == "audience" and wish.value is Audience.ADULTS:
        meant = Polarity.WISH
    if (
        wish.field == "numbers"
        and wish.name not in PLAYERS_AND_AGES
        and isinstance(wish.value, Range)
        and not re.fullmatch(r"short|quick|.*long|lengthy", phrase)
    ):
        meant = Polarity.WISH
    if wish.field == "years" and isinstance(wish.value, Range) and re.match(r"(?:no|not) ", phrase):
        # "not older than 1980" forbids what lies before.
        return Wish(wish.start, wish.field, _opposite(wish.value), Polarity.VETO)
    if meant is not Polarity.VETO and _LIFT_AFTER.match(text[end:]) and wish.field in {"categories", "people", "facts"}:
        meant = Polarity.LIFT
    return Wish(wish.start, wish.field, wish.value, meant, wish.name)


def _opposite(bounds: Range) -> Range:
    if bounds.first is not None:
        return Range(last=bounds.first - 1)
    return Range(first=(bounds.last or 0) + 1)


def _is_described(text: str, start: int) -> bool:
    match = _DESCRIBED.search(text[:start])
    return bool(match) and not _DESCRIPTION_ENDS.search(match.group() if match else "")
