"""A simulated person: wishes for what the target is like, turns down with true reasons, accepts the target.

Nothing that is said names the target or holds a telling word of its title, and whatever was told fits at least
`crowd` items of the catalogue, so that no paraphrase points at one. Each message tells one thing at most beyond the
opening. Knows nothing of how it is answered.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.artifacts import Wording
from core.item import Item, ItemTable
from core.values import Value
from evaluation.simulation import phrases
from evaluation.simulation.facets import Facet, Facets, Kind, Mask
from evaluation.simulation.secret import Secret
from evaluation.simulation.world import Person
from index.phrases import in_prose, with_article

VERSION = 1  # goes up whenever people would say something else
CROWD = 5
YEARS_APART = 5  # at least so much older is "too old"
MINUTES_APART = 20
# Asked for in these words, such a facet is told.
_ASKS = {
    Kind.MOOD: ("mood",),
    Kind.DECADE: ("decade", "year"),
    Kind.PERSON: ("actor", "director", "author", "person"),
    Kind.LENGTH: ("long", "minutes"),
}


class Temperament(Value):
    """How people are; shares are probabilities."""

    greets: float = 0.2  # begins with a greeting and waits to be asked
    hints: float = 0.5  # tells another facet rather than a reason, where there are both
    opening_facets: int = 2  # at most
    crowd: int = CROWD  # at least so many items fit whatever was told


class Said(Value):
    """A message of the person."""

    text: str
    accepts: bool = False
    told: str = ""  # what kind of thing it tells, such as "decade" or "too old"; empty: nothing
    crowd: int  # how many items fit all that was told until now


@dataclass(frozen=True)
class _Reason:
    """Something true to say against what was shown: ways to say it, and the items [n] that it leaves."""

    name: str
    ways: tuple[str, ...]
    leaves: Mask | None = None  # None: it tells nothing of the target


@dataclass
class SimulatedPerson:
    """One conversation's person. `rng` is theirs alone."""

    person: Person
    items: ItemTable
    facets: Facets
    wording: Wording
    rng: np.random.Generator
    temperament: Temperament = field(default_factory=Temperament)

    def __post_init__(self) -> None:
        self._row = self.items.row(self.person.target)
        self._target = self.items.items[self._row]
        self._secret = Secret(self._target)
        self._fits: Mask = np.ones(len(self.items), dtype=bool)
        self._told: set[str] = set()
        self._wish: list[Facet] = []
        own = self.facets.of(self._row)
        self._untold = [own[n] for n in self.rng.permutation(len(own))]

    def open(self) -> Said:
        """The first message: a wish, or only a greeting."""
        if self.rng.random() < self.temperament.greets:
            return self._say(self._shuffled(phrases.GREETINGS))
        wish = self._opening()
        if not wish:
            return self._say(self._shuffled(phrases.GREETINGS))
        for facet in wish:
            self._tell(facet)
        return self._say(self._in_words(phrases.OPENERS, wish), told=" and ".join(facet.kind.value for facet in wish))

    def reply(self, shown: Sequence[str], text: str) -> Said:
        """What the person says to an answer that shows these items, or to one that only asks or talks."""
        if self.person.target in shown:
            return self._say(self._shuffled(phrases.THANKS), accepts=True)
        items = [self.items[item_id] for item_id in shown if item_id in self.items]
        return self._turn_down(items) if items else self._answer(text)

    def _answer(self, question: str) -> Said:
        """Tell what was asked for, else anything that is still untold."""
        asked = [kind for kind in Kind if any(word in question.casefold() for word in self._names(kind))]
        facet = next((one for kind in asked if (one := self._next([kind]))), None) or self._next(list(Kind))
        if facet is None:
            if self._wish:  # what was said may have been misunderstood
                return self._say(self._in_words(phrases.ANSWERS, self._wish))
            return self._say(self._shuffled(phrases.SHRUGS))
        self._tell(facet)
        return self._say(self._in_words(phrases.ANSWERS, [facet]), told=facet.kind.value)

    def _turn_down(self, shown: Sequence[Item]) -> Said:
        if seen := self._seen(shown):
            return self._give(seen)
        reasons = [reason for reason in self._reasons(shown) if self._is_news(reason)]
        hint = self._next(list(Kind))
        if hint and (not reasons or self.rng.random() < self.temperament.hints):
            self._tell(hint)
            return self._say(self._in_words(phrases.HINTS, [hint]), told=hint.kind.value)
        if reasons:
            return self._give(reasons[int(self.rng.integers(len(reasons)))])
        return self._say(self._shuffled(phrases.REFUSALS))

    def _give(self, reason: _Reason) -> Said:
        if reason.leaves is not None:
            self._fits = self._fits & reason.leaves
        self._told.add(reason.name)
        return self._say([*self._shuffled(reason.ways), *self._shuffled(phrases.REFUSALS)], told=reason.name)

    def _seen(self, shown: Sequence[Item]) -> _Reason | None:
        """That items are known from the history; each is said once."""
        seen = [item for item in shown if item.id in self.person.history and f"seen {item.id}" not in self._told]
        if not seen:
            return None
        if len(seen) == len(shown) > 1:
            self._told |= {f"seen {item.id}" for item in seen}
            return _Reason("already seen", phrases.SEEN_ALL)
        self._told.add(f"seen {seen[0].id}")
        return _Reason("already seen", tuple(way.format(seen[0].label) for way in phrases.SEEN_ONE))

    def _reasons(self, shown: Sequence[Item]) -> Iterator[_Reason]:
        """What is true against all of the shown items, and categories of any that the target doesn't have."""
        target, years = self._target, [item.year for item in shown]
        if target.year and all(years):
            known = [year for year in years if year]
            if target.year - max(known) >= YEARS_APART:
                yield _Reason(f"too old {max(known)}", phrases.NEWER, self.facets.years > max(known))
            if min(known) - target.year >= YEARS_APART:
                older = (self.facets.years > 0) & (self.facets.years < min(known))
                yield _Reason(f"too new {min(known)}", phrases.OLDER, older)
        yield from self._reasons_of_length(shown)
        own = {category.casefold() for category in target.categories}
        others = {category: None for item in shown for category in item.categories if category.casefold() not in own}
        for category in others if own else ():
            name = in_prose(category)
            ways = tuple(way.format(category=name, a_category=with_article(name)) for way in phrases.NOT_A)
            yield _Reason(f"not {name}", ways, ~self.facets.mask(Facet(Kind.CATEGORY, category)))

    def _reasons_of_length(self, shown: Sequence[Item]) -> Iterator[_Reason]:
        own, lengths = self._target.numbers.get("minutes"), [item.numbers.get("minutes") for item in shown]
        known = [length for length in lengths if length]
        if own and len(known) == len(shown):
            if min(known) - own >= MINUTES_APART:
                shorter = (self.facets.minutes > 0) & (self.facets.minutes < min(known))
                yield _Reason(f"too long {min(known)}", phrases.SHORTER, shorter)
            if own - max(known) >= MINUTES_APART:
                yield _Reason(f"too short {max(known)}", phrases.LONGER, self.facets.minutes > max(known))

    def _is_news(self, reason: _Reason) -> bool:
        """Whether it was not said before, leaves a crowd, and can be said without giving anything away."""
        if reason.name in self._told or (reason.leaves is not None and not self._leaves_crowd(reason.leaves)):
            return False
        return self._secret.first_safe(reason.ways) is not None

    def _opening(self) -> list[Facet]:
        """The first facets, of different kinds, as long as a crowd fits them."""
        wish: list[Facet] = []
        most = int(self.rng.integers(1, self.temperament.opening_facets + 1))
        fits = self._fits
        for facet in self._untold:
            if len(wish) == most:
                break
            mask = self.facets.mask(facet)
            if all(facet.kind is not one.kind for one in wish) and self._may_tell(facet, fits & mask):
                wish.append(facet)
                fits = fits & mask
        return wish

    def _next(self, kinds: Sequence[Kind]) -> Facet | None:
        """A facet of these kinds that is still untold and may be told."""
        return next((one for one in self._untold if one.kind in kinds and self._may_tell(one)), None)

    def _may_tell(self, facet: Facet, fits: Mask | None = None) -> bool:
        fits = self._fits & self.facets.mask(facet) if fits is None else fits
        return (
            fits.sum() >= self.temperament.crowd
            and self._secret.first_safe(phrases.wishes([facet], self.wording)) is not None
        )

    def _leaves_crowd(self, mask: Mask) -> bool:
        return bool((self._fits & mask).sum() >= self.temperament.crowd)

    def _tell(self, facet: Facet) -> None:
        self._untold.remove(facet)
        self._wish.append(facet)
        self._fits = self._fits & self.facets.mask(facet)

    def _in_words(self, ways: Sequence[str], wish: Sequence[Facet]) -> Iterator[str]:
        for way in self._shuffled(ways):
            for phrase in phrases.wishes(wish, self.wording):
                text = way.format(phrase)
                yield text[0].upper() + text[1:]

    def _names(self, kind: Kind) -> tuple[str, ...]:
        return (self.wording.category,) if kind is Kind.CATEGORY else _ASKS.get(kind, ())

    def _say(self, texts: Iterable[str], *, accepts: bool = False, told: str = "") -> Said:
        text = self._secret.first_safe(texts) or self._secret.first_safe([*phrases.REFUSALS, phrases.SILENCE]) or "…"
        return Said(text=text, accepts=accepts, told=told, crowd=int(self._fits.sum()))

    def _shuffled(self, ways: Sequence[str]) -> list[str]:
        return [ways[n] for n in self.rng.permutation(len(ways))]
