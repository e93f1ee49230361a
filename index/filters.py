"""Vetoes and wishes over items: exact, and the same for a whole catalogue and for one item.

What is unknown never counts as a match: an item without a year isn't ruled out by a veto of years, and doesn't meet a
wish for years either. Names are compared without regard to case.

When wishes leave too few items, they are given up one at a time: numbers first, then moods and a soft audience (teens,
adults, a date), people, years, facts, several categories at once, the kind of item, a language, and last a firm
audience (kids, family). Several categories or people mean all of them at once, and any of them where that leaves too
few; of a fact any value will do. Wishes that turn out not to have been the obstacle are taken back, the most important
first. The kind of item (any of the categories), any of the people and a firm audience are given up only when nothing is
left, for nobody who asks for a lamp wants a toaster beside it; vetoes and what is unsuitable for kids never.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from core.intent import Mood, Preferences, Range
from core.item import Item
from index.bounds import in_place_of_numbers, number_in_words, years_in_words
from index.facets import Facets, FloatArray, Index, Mask, lowered
from index.facts import LANGUAGE_FACTS, fact_in_words
from index.moods import AUDIENCES, MOODS, AudienceRule, MoodRule, spared_categories
from index.phrases import in_prose, join

NO_PREFERENCES = Preferences()


Test = Callable[[Facets], Mask]  # whether each item [n] passes


class Rank(IntEnum):
    """When a wish is given up: the lowest first."""

    NUMBERS = 0
    MOODS = 1
    AUDIENCE = 2
    PEOPLE_AT_ONCE = 3
    PEOPLE = 4  # any of them
    YEARS = 5
    FACTS = 6
    KINDS_AT_ONCE = 7
    KIND = 8  # any of the categories
    LANGUAGE = 9
    FIRM_AUDIENCE = 10

    @property
    def is_firm(self) -> bool:
        """Whether one item that meets the wish is enough to insist on it."""
        return self in (Rank.PEOPLE, Rank.KIND, Rank.FIRM_AUDIENCE)


@dataclass(frozen=True)
class Wish:
    """One wish: what a person would call it, and which items meet it."""

    rank: Rank
    words: str
    met_by: Test
    # How near each item [n] comes to meeting it, 1 where it does; None: it meets it or it doesn't.
    nearness: Callable[[Facets], FloatArray] | None = None

    def near(self, facets: Facets) -> FloatArray:
        """How near each item [n] comes to meeting the wish, in [0, 1]."""
        return self.nearness(facets) if self.nearness else self.met_by(facets).astype(np.float64)


@dataclass(frozen=True)
class Selection:
    """Which of the allowed items meet the wishes that were kept."""

    chosen: Mask  # [n]
    kept: tuple[Wish, ...]
    relaxed: tuple[Wish, ...]  # in the order in which they were given up

    @property
    def cost(self) -> tuple[Rank, ...]:
        """What was given up, the most important first: the lower of two costs is the better."""
        return tuple(sorted((wish.rank for wish in self.relaxed), reverse=True))


def violates(item: Item, vetoes: Preferences, wishes: Preferences = NO_PREFERENCES) -> bool:
    """Whether any veto rules the item out, beside these wishes."""
    return bool(rules_out(vetoes, Facets.of([item]), wishes)[0])


def unsuitable(item: Item, wishes: Preferences) -> bool:
    """Whether the item must not be shown to the audience that the wishes name."""
    return bool(unsuits(wishes, Facets.of([item]))[0])


def matches(item: Item, wishes: Preferences) -> dict[str, bool]:
    """Whether the item meets each wish, by the wish's words."""
    facets = Facets.of([item])
    return {wish.words: bool(wish.met_by(facets)[0]) for wish in wishes_of(wishes)}


def rules_out(vetoes: Preferences, facets: Facets, wishes: Preferences = NO_PREFERENCES) -> Mask:
    """Which items [n] any veto rules out; a mood's spares what `wishes` ask for (`index.moods.spared_categories`)."""
    ruled_out = facets.where(facets.categories, lowered(vetoes.categories))
    ruled_out |= facets.where(facets.people, lowered(vetoes.people))
    if vetoes.audience:
        ruled_out |= facets.where(facets.kinds, AUDIENCES[vetoes.audience].ruled_out)
    if vetoes.years:
        ruled_out |= _in_any(facets.years, vetoes.years)
    for mood in vetoes.moods:
        ruled_out |= _shows_vetoed(facets, mood, wishes)
    for wish in (*_number_wishes(vetoes.numbers), *_fact_wishes(vetoes.facts)):
        ruled_out |= wish.met_by(facets)
    return ruled_out


def unsuits(wishes: Preferences, facets: Facets) -> Mask:
    """Which items [n] must not be shown to the audience that the wishes name."""
    if not wishes.audience:
        return np.zeros(facets.size, dtype=bool)
    rule = AUDIENCES[wishes.audience]
    certified = facets.where(facets.certificates, rule.unsuitable_certificates)
    return certified | facets.where(facets.kinds, rule.unsuitable)


def permitted(vetoes: Preferences, wishes: Preferences, facets: Facets) -> Mask:
    """Which items [n] neither a veto nor the audience that the wishes name speaks against."""
    return ~(rules_out(vetoes, facets, wishes) | unsuits(wishes, facets))


def wishes_of(preferences: Preferences) -> tuple[Wish, ...]:
    """Every single wish that can filter, in the order in which they are given up."""
    wishes = [*_number_wishes(preferences.numbers), *_fact_wishes(preferences.facts)]
    wishes += [Wish(Rank.MOODS, str(mood), _mood_test(MOODS[mood])) for mood in preferences.moods if MOODS[mood].wanted]
    if audience := preferences.audience:
        rule = AUDIENCES[audience]
        rank = Rank.FIRM_AUDIENCE if rule.is_firm else Rank.AUDIENCE
        words = "for a date" if audience == "date" else f"for {audience}"
        wishes.append(Wish(rank, words, _audience_test(rule)))
    wishes += _names(Rank.PEOPLE_AT_ONCE, Rank.PEOPLE, preferences.people, lambda facets: facets.people)
    if preferences.years:
        words = join([years_in_words(years) for years in preferences.years], "or")
        wishes.append(Wish(Rank.YEARS, words, lambda facets: _in_any(facets.years, preferences.years)))
    wishes += _names(Rank.KINDS_AT_ONCE, Rank.KIND, preferences.categories, lambda facets: facets.categories)
    return tuple(sorted(wishes, key=lambda wish: wish.rank))


def meeting(preferences: Preferences, facets: Facets) -> Mask:
    """Which items [n] meet every wish."""
    met = np.ones(facets.size, dtype=bool)
    for wish in wishes_of(preferences):
        met &= wish.met_by(facets)
    return met


def count_works(mask: Mask, works: npt.NDArray[np.integer]) -> int:
    """How many works there are in a mask [n], where items with the same number in `works` [n] are one."""
    return int(np.count_nonzero(np.bincount(works[mask])))


def select(
    facets: Facets,
    allowed: Mask,
    preferences: Preferences,
    needed: int,
    works: npt.NDArray[np.integer] | None = None,
) -> Selection:
    """Which allowed items [n] meet the wishes.

    Wishes are given up until `needed` are left, or one where the wish is firm. Items with the same number in `works`
    [n] count once, since a list shows one of them.
    """
    wishes = wishes_of(preferences)
    met = {wish: wish.met_by(facets) for wish in wishes}

    def count(mask: Mask) -> int:
        return int(mask.sum()) if works is None else count_works(mask, works)

    enough = min(needed, count(allowed))

    def chosen(kept: Iterable[Wish]) -> Mask:
        passing = allowed.copy()
        for wish in kept:
            passing &= met[wish]
        return passing

    kept, relaxed = list(wishes), list[Wish]()
    while kept and count(chosen(kept)) < (min(1, enough) if kept[0].rank.is_firm else enough):
        relaxed.append(kept.pop(0))
    left = min(enough, count(chosen(kept)))
    for wish in tuple(reversed(relaxed)):
        if count(chosen([*kept, wish])) >= left:
            kept.append(wish)
            relaxed.remove(wish)
    return Selection(chosen(kept), tuple(kept), tuple(relaxed))


def _number_wishes(numbers: Mapping[str, Range]) -> list[Wish]:
    said = in_place_of_numbers(numbers)
    told = {name for names in said.values() for name in names}
    said |= {number_in_words(name, bounds): (name,) for name, bounds in sorted(numbers.items()) if name not in told}

    def test(names: Sequence[str]) -> Test:
        return lambda facets: np.logical_and.reduce([_number_test(name, numbers[name])(facets) for name in names])

    def nearness(names: Sequence[str]) -> Callable[[Facets], FloatArray]:
        return lambda facets: np.minimum.reduce([_nearness(_numbers(facets, name), numbers[name]) for name in names])

    return [Wish(Rank.NUMBERS, words, test(names), nearness(names)) for words, names in said.items()]


def _fact_wishes(facts: Mapping[str, tuple[str, ...]]) -> list[Wish]:
    """Any of the values of each fact."""

    def test(name: str, values: tuple[str, ...]) -> Test:
        return lambda facets: facets.where(facets.facts.get(name, {}), lowered(values))

    return [
        Wish(Rank.LANGUAGE if name in LANGUAGE_FACTS else Rank.FACTS, fact_in_words(name, values), test(name, values))
        for name, values in facts.items()
    ]


def _names(at_once: Rank, any_of: Rank, names: Sequence[str], of: Callable[[Facets], Index]) -> list[Wish]:
    """Wishes for named things: all of them at once, given up before any of them."""
    wanted = lowered(names)
    shown = names if any_of is Rank.PEOPLE else [in_prose(name) for name in names]

    def every(facets: Facets) -> Mask:
        all_of: Mask = np.logical_and.reduce([facets.where(of(facets), [name]) for name in wanted])
        return all_of

    wishes = []
    if len(wanted) > 1:
        wishes.append(Wish(at_once, f"{join(shown)} at once", every))
    if wanted:
        wishes.append(Wish(any_of, join(shown, "or"), lambda facets: facets.where(of(facets), wanted)))
    return wishes


def _mood_test(rule: MoodRule) -> Test:
    return lambda facets: _shows(facets, rule.wanted, rule.against)


def _shows(facets: Facets, any_of: frozenset[str], none_of: frozenset[str]) -> Mask:
    return facets.where(facets.kinds, any_of) & ~facets.where(facets.kinds, none_of)


def _shows_vetoed(facets: Facets, mood: Mood, wishes: Preferences) -> Mask:
    """Which items [n] a veto of a mood rules out. Beside what is wished for, only its own categories do, not hints."""
    rule, spared = MOODS[mood], spared_categories(mood, wishes)
    excused = _shows(facets, spared, rule.ruled_out - spared - rule.hints)
    return _shows(facets, rule.ruled_out, rule.spared) & ~excused


def _audience_test(rule: AudienceRule) -> Test:
    def test(facets: Facets) -> Mask:
        suits = ~facets.where(facets.kinds, rule.against)
        if rule.wanted or rule.wanted_certificates:
            certified = facets.where(facets.certificates, rule.wanted_certificates)
            suits &= certified | facets.where(facets.kinds, rule.wanted)
        return suits

    return test


def _number_test(name: str, bounds: Range) -> Test:
    return lambda facets: _in_any(_numbers(facets, name), [bounds])


def _numbers(facets: Facets, name: str) -> FloatArray:
    return facets.numbers.get(name, np.full(facets.size, np.nan))


def _nearness(numbers: FloatArray, bounds: Range) -> FloatArray:
    """1 within the bounds, from a half on down the farther a number lies from them, and 0 where it is unknown."""
    below = np.zeros(len(numbers)) if bounds.first is None else np.maximum(bounds.first - numbers, 0)
    above = np.zeros(len(numbers)) if bounds.last is None else np.maximum(numbers - bounds.last, 0)
    size = max(abs(bound) for bound in (bounds.first, bounds.last) if bound is not None) or 1.0
    outside = np.nan_to_num(np.exp2(-1 - 2 * (below + above) / size), nan=0.0)
    near: FloatArray = np.where(_in_any(numbers, [bounds]), 1.0, outside)
    return near


def _in_any(numbers: FloatArray, ranges: Sequence[Range]) -> Mask:
    """NaN lies in no range."""
    found = np.zeros(len(numbers), dtype=bool)
    for each in ranges:
        first = -np.inf if each.first is None else each.first
        last = np.inf if each.last is None else each.last
        found |= (numbers >= first) & (numbers <= last)
    return found
