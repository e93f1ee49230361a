"""Folds the readings of a conversation's messages into its intent. It reads no text itself."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from agent.understand.opinions import Role
from agent.understand.polarity import Polarity
from agent.understand.reading import Reading
from agent.understand.wishes import Wishes
from core.intent import Intent, Preferences, Range, TurnKind
from core.item import Item, ItemTable

_LISTS = ("categories", "years", "people", "moods")


@dataclass(slots=True)
class State:
    """What is known after some messages of a conversation."""

    table: ItemTable
    roles: dict[str, Role] = field(default_factory=dict)  # in the order of first mention
    similar_to: tuple[str, ...] = ()
    wishes: Preferences = field(default_factory=Preferences)
    vetoes: Preferences = field(default_factory=Preferences)
    unknown_titles: tuple[str, ...] = ()
    count: int | None = None
    words: str = ""
    answer: tuple[str, ...] = ()  # the items of the last answer
    answered: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()  # by the answers since the search began
    focus: str | None = None
    last: Reading | None = None

    def show(self, item_ids: tuple[str, ...]) -> None:
        """Take in an answer of ours; one without items leaves the last answer in place."""
        known = tuple(dict.fromkeys(item_id for item_id in item_ids if item_id in self.table))
        if known:
            self.answer = known
            self.answered |= frozenset(known)
            self.shown = tuple(dict.fromkeys((*self.shown, *known)))
            if len(known) > 1:
                self.focus = None

    @property
    def spoken_of(self) -> frozenset[str]:
        """Every item that the person has named or judged."""
        return frozenset((*self.roles, *self.similar_to, *([self.focus] if self.focus else [])))

    @property
    def basis(self) -> str | None:
        """The item that the person wants something like, or the one that they liked last."""
        liked = [item_id for item_id, role in self.roles.items() if role is Role.LIKED]
        return next(reversed((*liked, *self.similar_to)), None)

    def take(self, reading: Reading) -> None:
        """Take in a message of the person."""
        if reading.forgets:
            self.forget()
        self.last = reading
        if reading.starts_anew:
            self.similar_to, self.wishes, self.count, self.words, self.shown = (), Preferences(), None, "", ()
        for item_id, role in reading.roles:
            # "Not those" doesn't undo an opinion.
            if role is not Role.REJECTED or self.roles.get(item_id) in {None, Role.REJECTED}:
                weaker = role is Role.SEEN and self.roles.get(item_id) in {Role.LIKED, Role.DISLIKED}
                self.roles[item_id] = self.roles[item_id] if weaker else role
        self._refuse_all(reading)
        if reading.similar_to:
            joined = (*self.similar_to, *reading.similar_to) if reading.wishes.adds else reading.similar_to
            self.similar_to = tuple(dict.fromkeys(joined))
        self._take_wishes(reading.wishes)
        self.unknown_titles = _unique(*self.unknown_titles, *reading.unknown_titles)
        self.count = reading.count or self.count
        words = f"{'' if reading.names_subject else self.words} {reading.words}".split()
        self.words = " ".join(word for word in dict.fromkeys(words) if word not in reading.refused)
        if reading.named:
            self.focus = reading.named[-1]

    def forget(self) -> None:
        """Forget all that was said and shown."""
        blank = State(self.table)
        for name in (each.name for each in fields(self)):
            setattr(self, name, getattr(blank, name))

    def intent(self) -> Intent:
        """The intent after the last message that was taken in."""
        last = self.last
        if last is None:
            return Intent(kind=TurnKind.OTHER)
        by_role = {role: tuple(i for i, r in self.roles.items() if r is role) for role in Role}
        return Intent(
            kind=last.kind,
            liked=by_role[Role.LIKED],
            disliked=by_role[Role.DISLIKED],
            seen=by_role[Role.SEEN],
            rejected=by_role[Role.REJECTED],
            similar_to=self.similar_to,
            about=last.about,
            asked=last.asked,
            wishes=self.wishes,
            vetoes=self.vetoes,
            unknown_titles=self.unknown_titles,
            shown=self.shown if _asks_for_others(last) else (),
            count=self.count,
            query=self.words,
        )

    def _refuse_all(self, reading: Reading) -> None:
        """A bare "no" turns down the whole last answer."""
        if reading.kind is TurnKind.REJECT and not reading.roles:
            for item_id in self.answer:
                self.roles.setdefault(item_id, Role.REJECTED)

    def _take_wishes(self, found: Wishes) -> None:
        new = found.preferences(Polarity.WISH)
        new = with_relative(
            new, found, [self.table[item_id] for item_id in self.answer or self.similar_to], self.wishes.years
        )
        vetoed = found.preferences(Polarity.VETO)
        lifted = found.preferences(Polarity.LIFT)
        dropped = found.preferences(Polarity.IGNORE)
        self.vetoes = _joined(_without(_without(self.vetoes, new), lifted), vetoed)
        self.wishes = _without(_without(self.wishes, vetoed), dropped)
        self.wishes = _joined(self.wishes, new) if found.adds else _replaced(self.wishes, new)


def _asks_for_others(last: Reading) -> bool:
    return last.kind in (TurnKind.REFINE, TurnKind.REJECT) and not last.picks


def _unique(*values: str) -> tuple[str, ...]:
    """Each once, whatever its capitals."""
    return tuple(
        {value.casefold(): value for value in reversed(values)}[key]
        for key in dict.fromkeys(v.casefold() for v in values)
    )


def with_relative(new: Preferences, found: Wishes, items: Sequence[Item], wished: Sequence[Range] = ()) -> Preferences:
    """Put numbers to "older" and "shorter": they are measured against the items shown.

    "Even older" never means newer than was `wished` before, though some items shown may not have met that.
    """
    years = sorted(item.year for item in items if item.year)
    last = min((each.last for each in wished if each.last is not None), default=math.inf)
    first = max((each.first for each in wished if each.first is not None), default=-math.inf)
    minutes = sorted(item.numbers["minutes"] for item in items if "minutes" in item.numbers)
    if years and found.older:
        new = new.model_copy(update={"years": (Range(last=min(statistics.median_low(years), last) - 1),)})
    elif years and found.newer:
        new = new.model_copy(update={"years": (Range(first=max(statistics.median_high(years), first) + 1),)})
    if minutes and found.shorter:
        new = new.model_copy(
            update={"numbers": {**new.numbers, "minutes": Range(last=statistics.median_low(minutes) - 1)}}
        )
    elif minutes and found.longer:
        bounds = Range(first=statistics.median_high(minutes) + 1)
        new = new.model_copy(update={"numbers": {**new.numbers, "minutes": bounds}})
    return _with_relative_price(new, found, items)


def _with_relative_price(new: Preferences, found: Wishes, items: Sequence[Item]) -> Preferences:
    """The next price below the median of the items shown for "cheaper", and above it for "more expensive"."""
    prices = sorted(item.numbers["price"] for item in items if "price" in item.numbers)
    if not prices or not (found.cheaper or found.dearer) or "price" in new.numbers:
        return new
    bounds = (
        Range(last=round(statistics.median_low(prices) - 0.01, 2))
        if found.cheaper
        else Range(first=round(statistics.median_high(prices) + 0.01, 2))
    )
    return new.model_copy(update={"numbers": {**new.numbers, "price": bounds}})


def _joined(old: Preferences, new: Preferences) -> Preferences:
    changes: dict[str, object] = {
        name: tuple(dict.fromkeys((*getattr(old, name), *getattr(new, name)))) for name in _LISTS
    }
    changes["audience"] = new.audience or old.audience
    changes["numbers"] = {**old.numbers, **new.numbers}
    changes["facts"] = {
        name: tuple(dict.fromkeys((*old.facts.get(name, ()), *new.facts.get(name, ()))))
        for name in (*old.facts, *new.facts)
    }
    return old.model_copy(update=changes)


def _replaced(old: Preferences, new: Preferences) -> Preferences:
    changes: dict[str, object] = {name: getattr(new, name) or getattr(old, name) for name in _LISTS}
    changes["audience"] = new.audience or old.audience
    changes["numbers"] = {**old.numbers, **new.numbers}
    changes["facts"] = {**old.facts, **new.facts}
    return old.model_copy(update=changes)


def _without(old: Preferences, gone: Preferences) -> Preferences:
    changes: dict[str, object] = {
        name: tuple(value for value in getattr(old, name) if value not in getattr(gone, name)) for name in _LISTS
    }
    changes["audience"] = None if old.audience == gone.audience else old.audience
    changes["numbers"] = {name: bounds for name, bounds in old.numbers.items() if gone.numbers.get(name) != bounds}
    facts = {
        name: tuple(value for value in values if value not in gone.facts.get(name, ()))
        for name, values in old.facts.items()
    }
    changes["facts"] = {name: values for name, values in facts.items() if values}
    return old.model_copy(update=changes)
