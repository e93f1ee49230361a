"""All that one message wishes for or forbids, as values; how it is found stands in `wish_finder`."""

from dataclasses import dataclass, field

from agent.understand.polarity import Polarity
from agent.understand.scales import Move
from core.intent import Audience, Mood, Order, Preferences, Range


@dataclass(frozen=True, slots=True)
class Wish:
    """One value of one field of `Preferences`; `name` is the number's where `field` is "numbers", and the fact's."""

    start: int
    field: str
    value: str | Mood | Audience | Range | tuple[str, ...]
    polarity: Polarity
    name: str = ""
    stands: bool = False  # true of the person whatever they look for: "I only read German"


@dataclass(slots=True)
class Wishes:
    """All that a message wishes for or forbids, and how it changes what was said before."""

    found: list[Wish] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)  # relative to what was shown: "older", "cheaper"
    order: Order | None = None
    drops_order: bool = False  # "not the cheapest", "the price doesn't matter"
    adds: bool = False  # "also": new values join the old ones
    spans: list[tuple[int, int]] = field(default_factory=list)  # the stretches of the text that were read
    counts: list[tuple[int, int]] = field(default_factory=list)  # the stretches that count players, years or euros
    refused: list[tuple[int, int]] = field(default_factory=list)  # the stretches that a negation reaches

    @property
    def is_relative(self) -> bool:
        return bool(self.moves)

    @property
    def changes(self) -> bool:
        """Whether the message wishes, forbids or allows anything."""
        said = any(wish.polarity is not Polarity.IGNORE for wish in self.found)
        return said or self.is_relative or self.order is not None or self.drops_order

    @property
    def count(self) -> int:
        """How many wishes it has."""
        return sum(wish.polarity is Polarity.WISH for wish in self.found)

    def preferences(self, polarity: Polarity, *, standing: bool = False) -> Preferences:
        """The values of one polarity in the order of the text; `standing`: only those that always hold."""
        values: dict[str, list[object]] = {"categories": [], "years": [], "people": [], "moods": []}
        audience: Audience | None = None
        numbers: dict[str, Range] = {}
        facts: dict[str, tuple[str, ...]] = {}
        for wish in self.found:
            if wish.polarity is not polarity or (standing and not wish.stands):
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
