"""Vetoes and wishes over items: exact, and the same for a whole catalogue and for one item.

What is unknown never counts as a match: an item without a year isn't ruled out by a veto of years, and doesn't meet a
wish for years either. Names are compared without regard to case.

When wishes leave too few items, they are given up one at a time: numbers first, then moods and a soft audience (teens,
adults, a date), people, years, categories, and last a firm audience (kids, family). Several categories or people mean
all of them at once, and any of them where that leaves too few. Wishes that turn out not to have been the obstacle are
taken back, the most important first. A firm audience is given up only when nothing is left; vetoes and what is
unsuitable for kids never.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from core.intent import Preferences, Range
from core.item import Item
from index.moods import AUDIENCES, MOODS, AudienceRule, MoodRule
from index.phrases import join

# An item's `facts` that hold its age rating.
CERTIFICATE_FACTS = ("certificate", "rated", "age_rating")


@dataclass(frozen=True)
class Facets:
    """What filters look at, in lower case."""

    categories: frozenset[str]
    people: frozenset[str]
    year: int | None
    numbers: dict[str, float]
    certificate: str

    @classmethod
    def of(cls, item: Item) -> "Facets":
        """The facets of an item."""
        certificate = next((item.facts[name] for name in CERTIFICATE_FACTS if name in item.facts), "")
        return cls(
            categories=_lower(item.categories),
            people=_lower(credit.name for credit in item.people),
            year=item.year,
            numbers=item.numbers,
            certificate=certificate.casefold(),
        )


Test = Callable[[Facets], bool]


class Rank(IntEnum):
    """When a wish is given up: the lowest first."""

    NUMBERS = 0
    MOODS = 1
    AUDIENCE = 2
    PEOPLE = 3
    YEARS = 4
    CATEGORIES = 5
    FIRM_AUDIENCE = 6


@dataclass(frozen=True)
class Wish:
    """One wish: what a person would call it, and whether an item meets it."""

    rank: Rank
    words: str
    met_by: Test


@dataclass(frozen=True)
class Selection:
    """Which of the given facets meet the wishes that were kept."""

    chosen: npt.NDArray[np.bool_]  # [n]
    kept: tuple[Wish, ...]
    relaxed: tuple[Wish, ...]  # in the order in which they were given up


def violates(item: Item, vetoes: Preferences) -> bool:
    """Whether any veto rules the item out."""
    return rules_out(vetoes)(Facets.of(item))


def unsuitable(item: Item, wishes: Preferences) -> bool:
    """Whether the item must not be shown to the audience that the wishes name."""
    return unsuits(wishes)(Facets.of(item))


def matches(item: Item, wishes: Preferences) -> dict[str, bool]:
    """Whether the item meets each wish, by the wish's words."""
    facets = Facets.of(item)
    return {wish.words: wish.met_by(facets) for wish in wishes_of(wishes)}


def rules_out(vetoes: Preferences) -> Test:
    """The test behind `violates`, made once for many items."""
    categories, people = _lower(vetoes.categories), _lower(vetoes.people)
    if vetoes.audience:
        categories |= AUDIENCES[vetoes.audience].ruled_out
    moods = [(MOODS[mood].ruled_out, MOODS[mood].spared) for mood in vetoes.moods]
    # Only what is asked for costs time: this runs over the whole catalogue.
    tests: list[Test] = []
    if categories:
        tests.append(lambda facets: not categories.isdisjoint(facets.categories))
    if people:
        tests.append(lambda facets: not people.isdisjoint(facets.people))
    if vetoes.years:
        tests.append(lambda facets: _in_any(facets.year, vetoes.years))
    if moods:
        tests.append(lambda facets: any(_shows(facets, ruled_out, spared) for ruled_out, spared in moods))
    tests += [_number_test(name, bounds) for name, bounds in vetoes.numbers.items()]
    return lambda facets: any(test(facets) for test in tests)


def unsuits(wishes: Preferences) -> Test:
    """The test behind `unsuitable`, made once for many items."""
    if not wishes.audience:
        return lambda _: False
    rule = AUDIENCES[wishes.audience]
    return lambda facets: (
        not rule.unsuitable.isdisjoint(facets.categories) or facets.certificate in rule.unsuitable_certificates
    )


def wishes_of(preferences: Preferences) -> tuple[Wish, ...]:
    """Every single wish that can filter, in the order in which they are given up."""
    wishes = [
        Wish(Rank.NUMBERS, f"{bounds_in_words(bounds)} {name}", _number_test(name, bounds))
        for name, bounds in sorted(preferences.numbers.items())
    ]
    wishes += [Wish(Rank.MOODS, str(mood), _mood_test(MOODS[mood])) for mood in preferences.moods if MOODS[mood].wanted]
    if audience := preferences.audience:
        rule = AUDIENCES[audience]
        rank = Rank.FIRM_AUDIENCE if rule.is_firm else Rank.AUDIENCE
        words = "for a date" if audience == "date" else f"for {audience}"
        wishes.append(Wish(rank, words, _audience_test(rule)))
    wishes += _names(Rank.PEOPLE, preferences.people, lambda facets: facets.people)
    if preferences.years:
        words = join([years_in_words(years) for years in preferences.years], "or")
        wishes.append(Wish(Rank.YEARS, words, lambda facets: _in_any(facets.year, preferences.years)))
    wishes += _names(Rank.CATEGORIES, preferences.categories, lambda facets: facets.categories)
    return tuple(sorted(wishes, key=lambda wish: wish.rank))


def select(facets: Sequence[Facets], preferences: Preferences, needed: int) -> Selection:
    """Which items meet the wishes. Wishes are given up until `needed` are left, or one for a firm audience."""
    wishes = wishes_of(preferences)
    met = {wish: np.array([wish.met_by(each) for each in facets], dtype=bool) for wish in wishes}
    enough = min(needed, len(facets))

    def chosen(kept: Iterable[Wish]) -> npt.NDArray[np.bool_]:
        passing = np.ones(len(facets), dtype=bool)
        for wish in kept:
            passing &= met[wish]
        return passing

    kept, relaxed = list(wishes), list[Wish]()
    while kept and chosen(kept).sum() < (min(1, enough) if kept[0].rank is Rank.FIRM_AUDIENCE else enough):
        relaxed.append(kept.pop(0))
    left = min(enough, chosen(kept).sum())
    for wish in tuple(reversed(relaxed)):
        if chosen([*kept, wish]).sum() >= left:
            kept.append(wish)
            relaxed.remove(wish)
    return Selection(chosen(kept), tuple(kept), tuple(relaxed))


def years_in_words(years: Range) -> str:
    """Such as "from 1990 to 1999", "up to 1969" or "from 1994"."""
    if years.first is None:
        return f"up to {years.last:g}"
    if years.last is None:
        return f"from {years.first:g} on"
    return f"from {years.first:g}" if years.first == years.last else f"from {years.first:g} to {years.last:g}"


def bounds_in_words(bounds: Range) -> str:
    """Such as "up to 95", "at least 140" or "90 to 120"."""
    if bounds.first is None:
        return f"up to {bounds.last:g}"
    return f"at least {bounds.first:g}" if bounds.last is None else f"{bounds.first:g} to {bounds.last:g}"


def _names(rank: Rank, names: Sequence[str], of: Callable[[Facets], frozenset[str]]) -> list[Wish]:
    """Wishes for named things: all of them at once, given up before any of them."""
    wanted = _lower(names)
    start = "with " if rank is Rank.PEOPLE else ""
    wishes = []
    if len(wanted) > 1:
        wishes.append(Wish(rank, f"{start}{join(names)} at once", lambda facets: wanted <= of(facets)))
    if wanted:
        wishes.append(Wish(rank, f"{start}{join(names, 'or')}", lambda facets: bool(wanted & of(facets))))
    return wishes


def _mood_test(rule: MoodRule) -> Test:
    return lambda facets: _shows(facets, rule.wanted, rule.against)


def _shows(facets: Facets, any_of: frozenset[str], none_of: frozenset[str]) -> bool:
    return not any_of.isdisjoint(facets.categories) and none_of.isdisjoint(facets.categories)


def _audience_test(rule: AudienceRule) -> Test:
    def test(facets: Facets) -> bool:
        if facets.categories & rule.against:
            return False
        wanted = rule.wanted or rule.wanted_certificates
        return not wanted or bool(facets.categories & rule.wanted) or facets.certificate in rule.wanted_certificates

    return test


def _number_test(name: str, bounds: Range) -> Test:
    return lambda facets: _in_any(facets.numbers.get(name), [bounds])


def _in_any(number: float | None, ranges: Sequence[Range]) -> bool:
    return number is not None and any(number in each for each in ranges)


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
