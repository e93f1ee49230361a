"""Folds the readings of a conversation's messages into its intent. It reads no text itself."""

from dataclasses import dataclass, field, fields

from agent.understand.numbers import AGE
from agent.understand.polarity import Polarity
from agent.understand.reading import Reading
from agent.understand.relative import with_moves
from agent.understand.role import Role
from core.intent import Audience, Intent, Order, Preferences, TurnKind
from core.item import ItemTable

_LISTS = ("categories", "years", "people", "moods")
_NO_CHILDREN = frozenset({Audience.TEENS, Audience.ADULTS, Audience.DATE})


@dataclass(slots=True)
class State:
    """What is known after some messages of a conversation."""

    table: ItemTable
    roles: dict[str, Role] = field(default_factory=dict)  # in the order of first mention
    similar_to: tuple[str, ...] = ()
    wishes: Preferences = field(default_factory=Preferences)
    vetoes: Preferences = field(default_factory=Preferences)
    standing: Preferences = field(default_factory=Preferences)  # wishes that a new search begins with
    order: Order | None = None
    unknown_titles: tuple[str, ...] = ()
    count: int | None = None
    words: str = ""
    answer: tuple[str, ...] = ()  # the items of the last answer
    answered: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()  # by the answers since the search began
    focus: str | None = None
    last: Reading | None = None
    asks: bool = False  # whether the message before the last one asked about items

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
        self.asks = self.last is not None and self.last.kind in (TurnKind.ASK, TurnKind.COMPARE)
        self.last = reading
        if reading.starts_anew:
            self._start_anew()
        for item_id, role in reading.roles:
            # "Not those" doesn't undo an opinion.
            if role is not Role.REJECTED or self.roles.get(item_id) in {None, Role.REJECTED}:
                weaker = role is Role.SEEN and self.roles.get(item_id) in {Role.LIKED, Role.DISLIKED}
                self.roles[item_id] = self.roles[item_id] if weaker else role
        self._refuse_all(reading)
        if reading.similar_to:
            joined = (*self.similar_to, *reading.similar_to) if reading.wishes.adds else reading.similar_to
            self.similar_to = tuple(dict.fromkeys(joined))
        self._take_wishes(reading)
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
            order=self.order,
            unknown_titles=self.unknown_titles,
            shown=self.shown if self._asks_for_others(last) else (),
            count=self.count,
            query=self.words,
        )

    def _refuse_all(self, reading: Reading) -> None:
        """A bare "no" turns down the whole last answer."""
        if reading.kind is TurnKind.REJECT and not reading.roles:
            for item_id in self.answer:
                self.roles.setdefault(item_id, Role.REJECTED)

    def _start_anew(self) -> None:
        """Begin a search with nothing but what always holds."""
        self.similar_to, self.wishes, self.order, self.count = (), self.standing, None, None
        self.words, self.shown = "", ()

    def _take_wishes(self, reading: Reading) -> None:
        found = reading.wishes
        measures = [self.table[item_id] for item_id in reading.measures or self._measures()]
        new = with_moves(found.preferences(Polarity.WISH), found.moves, measures, self.wishes)
        vetoed = found.preferences(Polarity.VETO)
        lifted = found.preferences(Polarity.LIFT)
        dropped = found.preferences(Polarity.IGNORE)
        self.vetoes = _joined(_without(_without(self.vetoes, new), lifted), vetoed)
        self.standing = _replaced(_without(self.standing, vetoed), found.preferences(Polarity.WISH, standing=True))
        self.wishes = _without(_without(self.wishes, vetoed), dropped)
        self.wishes = _joined(self.wishes, new) if found.adds else _replaced(_grown(self.wishes, new), new)
        if reading.goods and not (found.adds or new.categories):  # "toaster" after "lamps" is another kind
            self.wishes = self.wishes.model_copy(update={"categories": ()})
        self.wishes = self.wishes.model_copy(
            update={"categories": tuple(dict.fromkeys((*self.standing.categories, *self.wishes.categories)))}
        )
        self.order = found.order or (None if found.drops_order else self.order)

    def _asks_for_others(self, last: Reading) -> bool:
        """Whether others are wanted than were shown; of all there are, one of those may be cheaper than another."""
        narrows = self.order is not None and bool(last.wishes.found) and not last.wishes.is_relative
        compares = last.wishes.order or narrows or (last.wishes.is_relative and (last.measures or self._asked_about()))
        return last.kind in (TurnKind.REFINE, TurnKind.REJECT) and not last.picks and not compares

    def _asked_about(self) -> tuple[str, ...]:
        """The item that the message before the last one asked about."""
        return (self.focus,) if self.focus and self.asks else ()

    def _measures(self) -> tuple[str, ...]:
        """What "cheaper" is measured by: the item that was just asked about, else the last answer."""
        return self._asked_about() or self.answer or self.similar_to


def _unique(*values: str) -> tuple[str, ...]:
    """Each once, whatever its capitals."""
    return tuple(
        {value.casefold(): value for value in reversed(values)}[key]
        for key in dict.fromkeys(v.casefold() for v in values)
    )


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


def _grown(old: Preferences, new: Preferences) -> Preferences:
    """The old wishes without the age of a child where others than children are named now, or the other way round."""
    if new.audience in _NO_CHILDREN and AGE not in new.numbers:
        return old.model_copy(update={"numbers": {name: each for name, each in old.numbers.items() if name != AGE}})
    if AGE in new.numbers and old.audience in _NO_CHILDREN:
        return old.model_copy(update={"audience": None})
    return old


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
