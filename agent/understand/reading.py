"""What one message of the person says, in the light of what was shown before it."""

from dataclasses import dataclass, field

from agent.understand.role import Role
from agent.understand.wishes import Wishes
from core.intent import Asked, TurnKind


@dataclass(slots=True)
class Reading:
    """One message, understood. Folding the readings of a conversation gives its intent."""

    kind: TurnKind
    asked: Asked | None = None
    about: tuple[str, ...] = ()
    roles: list[tuple[str, Role]] = field(default_factory=list)  # in the order of the text
    similar_to: tuple[str, ...] = ()
    unknown_titles: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()  # the items behind "than", for "cheaper than the second one"
    wishes: Wishes = field(default_factory=Wishes)
    count: int | None = None
    starts_anew: bool = False
    forgets: bool = False  # asks to forget what was said before
    picks: bool = False  # among what was shown: "only those from the 90s"
    words: str = ""  # worth searching for
    names_subject: bool = False  # nothing but what it should be about, instead of what was searched for before
    goods: bool = False  # asks for a kind of goods by the name of one
    refused: frozenset[str] = frozenset()  # words that a negation reaches
    named: tuple[str, ...] = ()  # every item of the text, for "it" in the next message
    is_certain: bool = True  # False: the rules found nothing that they know

    @property
    def wants(self) -> bool:
        """Whether it wishes, forbids or measures anything, or says how many."""
        return self.wishes.changes or bool(self.similar_to) or self.count is not None or self.goods
