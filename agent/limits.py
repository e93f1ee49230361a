"""What a person asks for that a catalogue can't tell, said as it is: nothing guesses it or drops it silently.

It reads which facts the items have, and which facts the words of a message are about. It knows nothing of the turn.
"""

from dataclasses import dataclass

from agent.understand.text import fold, phrase_pattern
from core.artifacts import Wording
from core.intent import Order, Preferences, Range
from core.item import ItemTable
from index.bounds import years_in_words
from index.facts import LANGUAGE_FACTS, LENGTHS, ORIGIN_FACTS, PRICES, RATINGS, fact_in_words, values_of
from index.filters import wishes_of
from index.order import POPULARITY, YEAR
from index.phrases import join


@dataclass(frozen=True)
class Fact:
    """A fact that people ask for: the words that ask for it (`phrases/PHRASES.txt`), and what catalogues call it."""

    phrases: str
    question: str  # what the catalogue doesn't say; "{items}" are its items
    names: frozenset[str]
    in_words: bool = False  # a description may hold it, and search finds it there

    def is_known(self, items: ItemTable) -> bool:
        """Whether any item has it."""
        in_words = self.in_words and any(item.description for item in items)
        return in_words or bool(self.names & (items.facts | items.numbers))


_FACTS = (
    Fact(
        "about_language",
        "in which language {items} are or whether they have subtitles",
        LANGUAGE_FACTS,
        in_words=True,
    ),
    Fact("about_origin", "where {items} are from", ORIGIN_FACTS),
    Fact("about_colour", "whether {items} are in colour", frozenset({"color", "colour"}), in_words=True),
    Fact("about_prizes", "which prizes {items} won", frozenset({"awards", "award", "prizes"}), in_words=True),
    Fact(
        "about_places", "where {items} can be had or watched", frozenset({"provider", "providers", "shop", "streaming"})
    ),
    Fact("about_length", "how long {items} are", frozenset(LENGTHS)),
    Fact("about_price", "what {items} cost", frozenset(PRICES)),
)
_PATTERNS = {fact.phrases: phrase_pattern(fact.phrases) for fact in _FACTS}


def unknown_facts(text: str, items: ItemTable, wording: Wording) -> tuple[str, ...]:
    """A sentence if a message is about facts that no item of the catalogue has; else nothing."""
    plain = fold(text)
    asked = [fact for fact in _FACTS if _PATTERNS[fact.phrases].search(plain)]
    missing = [fact.question.format(items=wording.items) for fact in asked if not fact.is_known(items)]
    return (f"This catalogue doesn't say {join(missing, 'or')}, so I can't go by that.",) if missing else ()


def unknown_wishes(
    intent_wishes: Preferences, vetoes: Preferences, items: ItemTable, wording: Wording
) -> tuple[str, ...]:
    """Sentences on wishes and vetoes that nothing in the catalogue could ever meet, for it lacks what they ask for."""
    said = []
    people = _once(intent_wishes.people, vetoes.people)
    if people and not items.has_people:
        said.append(
            f"This catalogue doesn't say who made {wording.items} or is in them, so I can't go by {join(people)}."
        )
    for name in _once(tuple(intent_wishes.numbers), tuple(vetoes.numbers)):
        if name not in items.numbers:
            is_length = name in LENGTHS and items.numbers.isdisjoint(LENGTHS)
            what = f"how long {wording.items} are" if is_length else f"the {name} of {wording.items}"
            said.append(f"This catalogue doesn't say {what}, so I can't go by that.")
    if items.years and intent_wishes.years and all(_is_outside(years, items.years) for years in intent_wishes.years):
        first, last = items.years
        said.append(
            f"The {wording.items} of this catalogue are from {first} to {last}: none is {_years(intent_wishes)}."
        )
    for name, values in _unheld(intent_wishes, items).items():
        said.append(f"No {wording.item} of this catalogue is {fact_in_words(name, values)}.")
    return tuple(said)


def unknown_order(order: Order, wording: Wording) -> str:
    """That items can't be put in the order that was asked for, because none has a value for it."""
    known = {POPULARITY: "how many people chose {items}", YEAR: "from when {items} are"}
    known |= dict.fromkeys(RATINGS, "what people think of {items}")
    known |= {name: fact.question for fact in _FACTS for name in fact.names}
    what = known.get(order.by.casefold(), f"the {order.by} of {{items}}").format(items=wording.items)
    return f"This catalogue doesn't say {what}, so I can't go by that."


def _unheld(wishes: Preferences, items: ItemTable) -> dict[str, tuple[str, ...]]:
    """The facts wished for of which no item has any of the values."""
    found = {}
    for name, values in wishes.facts.items():
        wanted = {value.casefold() for value in values}
        if not any(wanted & {each.casefold() for each in values_of(item.facts.get(name, ""))} for item in items):
            found[name] = values
    return found


def unmeetable(wishes: Preferences, items: ItemTable) -> frozenset[str]:
    """The words of the wishes that `unknown_wishes` speaks of, as the shortlist calls them when it gives them up."""
    outside = bool(items.years) and all(_is_outside(years, items.years or (0, 0)) for years in wishes.years)
    unknown = Preferences(
        people=() if items.has_people else wishes.people,
        numbers={name: bounds for name, bounds in wishes.numbers.items() if name not in items.numbers},
        years=wishes.years if outside else (),
        facts=_unheld(wishes, items),
    )
    return frozenset(wish.words for wish in wishes_of(unknown))


def _is_outside(years: Range, known: tuple[int, int]) -> bool:
    first, last = known
    return (years.first is not None and years.first > last) or (years.last is not None and years.last < first)


def _years(wishes: Preferences) -> str:
    return join([years_in_words(years) for years in wishes.years], "or")


def _once(*names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in names for name in each))
