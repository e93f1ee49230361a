"""What a person wants, as understood from a whole conversation: the JSON that every later step reads.

How a conversation becomes an intent (the labelled conversations in `evaluation/understanding` follow these rules):

- `kind` is what the *last* message of the person does; everything else is the state of the conversation after it.
- `recommend`: asks for items, tells a taste, or answers our question. `refine`: changes the wishes behind the last
  answer ("something older"), whether or not it also turns items down. `reject`: turns items down, or has seen them, and
  names no new wish. `ask`: asks about an item or several. `compare`: asks which of two or more. `thank`: thanks,
  accepts or takes leave. `other`: anything else, greetings and off-topic questions included.
- An item stands in at most one of `liked`, `disliked`, `seen` and `rejected`; what was said last wins. `liked` and
  `disliked` need an opinion, `seen` says only that, `rejected` are items of an answer that were turned down unseen
  ("not those" is all of the last answer), or that a wish leaves out by name ("by Leacock, but not Pandemic"), with all
  items of that title. Order is the order of first mention.
- `similar_to` are the items in "like X": a measure, not yet an opinion, so they don't also stand in `liked`.
- `about` are the items that the last message asks about or compares; empty for other kinds.
- Wishes and `similar_to` last while the person refines, rejects or asks; a fresh `recommend` after an answer with items
  starts them anew. A new value for the same wish (another decade) replaces the old one, unless it is added ("also").
  Vetoes, opinions and unknown titles last for the whole conversation; wishing for something lifts its veto.
- A `recommend` that is whole by itself, for it names the kind of item that it wants ("a crime novel in German"), starts
  anew; a fragment ("but funnier", "from the 90s", "for my kids") refines. Telling a taste starts nothing. What
  holds whatever the person looks for ("we always watch with the kids", "I only read German") outlasts both.
- `order` is what a superlative asks for ("the cheapest", "newest", "best rated"), or "cheap" by itself. It lasts as
  wishes do.
- "Something older" is relative to the item that it names ("than the second"), to the one that was just asked about,
  else to the last answer: years up to the median year of its items (the lower middle one of an
  even number) minus one; "newer" is from the median (the upper middle one) plus one; "shorter" and "longer" likewise
  for the number that the catalogue has for lengths (else it is left out), "lighter" and "heavier" for the weight,
  "cheaper" and "more expensive" for the price, by a hundredth, and "fewer" and "more" for any number that is named.
  "Even cheaper" is measured by the items that met the price wished for before, where any did.
- A decade is its ten years ("90s" is 1990 to 1999); early, mid and late are its years 0 to 4, 3 to 7 and 5 to 9. "Old"
  or "classic" is up to 1969; "recent" or "new" is the last five years of the catalogue. "Before 1980" is up to 1979,
  "after 1990" from 1991, "since 1990" from 1990. "Nothing before 1980" is a veto of the years up to 1979. Bounds on
  length ("under two hours") are wishes: minutes up to 120. "Short" is up to 95 minutes and "long" from 140; where the
  catalogue counts pages or tracks, or its items are no films, a fourth of them are short and a fourth long. Money
  bounds the price, from above where no side is named ("for 15 euros"), and so does a bare number ("under fifty") in a
  catalogue that has prices. "Around 20" is a fifth less to a fifth more.
- People stand in `people` as the catalogue writes them; a name that it doesn't have stands as the person wrote it, in
  title case.
- Facts (a country, a language, a brand) stand in `facts` as the catalogue writes them, only where it has such a fact;
  of a language or country that no item has, the English name. What an item is about ("set in France") is no fact.
- "For four" and "a 2 player game" bound `min players` from above and `max players` from below, an age bounds `min age`
  from above, in catalogues that have these numbers. An age goes where teens, adults or a date are named after it.
- A category of several kinds ("Sci-Fi & Fantasy") is also meant by one of its kinds where no other is called so.
- The bare name of a film or a book tells a taste; that of goods ("hiking boots") is searched for.
- `unknown_titles` are titles that were clearly meant as items and are not in the catalogue, as written by the person.
- `shown` is what the answers of this search have shown, where the last message refines or rejects: it asks for others,
  so these come again only where too few others meet the wishes. It is empty where a search starts anew, and where the
  person picks among what was shown ("those from the 90s", "the funny ones", "just one").
- `count` is how many were asked for; "a film" and "something" are no count, "one film" and "just one" are 1.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from core.values import Value


class TurnKind(StrEnum):
    """What the last message does."""

    RECOMMEND = "recommend"
    REFINE = "refine"
    REJECT = "reject"
    ASK = "ask"
    COMPARE = "compare"
    THANK = "thank"
    OTHER = "other"


class Mood(StrEnum):
    """How an item should feel. Categories are not moods: "a comedy" is a category, "something funny" a mood."""

    FUNNY = "funny"
    DARK = "dark"  # also: gritty, bleak
    FEEL_GOOD = "feel-good"  # also: uplifting, heart-warming, cheerful, light
    ROMANTIC = "romantic"
    SCARY = "scary"  # also: creepy, spooky
    TENSE = "tense"  # also: suspenseful, gripping, edge of the seat
    SAD = "sad"  # also: a tear-jerker
    THOUGHTFUL = "thoughtful"  # also: deep, serious, makes me think
    EXCITING = "exciting"  # also: fast-paced, action-packed, thrilling
    VIOLENT = "violent"  # also: gory, bloody
    RELAXING = "relaxing"  # also: calm, slow, easy to watch
    WEIRD = "weird"  # also: strange, surreal, quirky
    EPIC = "epic"
    CLEVER = "clever"  # also: smart, with a twist, mind-bending


class Audience(StrEnum):
    """Who will be watching, reading or using it."""

    KIDS = "kids"
    FAMILY = "family"
    TEENS = "teens"
    ADULTS = "adults"  # "no kids around", "for grown-ups"
    DATE = "date"


class Asked(StrEnum):
    """What a question about an item is after."""

    YEAR = "year"
    DIRECTOR = "director"
    CAST = "cast"
    PLOT = "plot"
    CATEGORY = "category"
    LENGTH = "length"
    PRICE = "price"
    RATING = "rating"  # what people think of it
    AUDIENCE = "audience"  # whether it suits someone, such as kids
    WHY = "why"  # why it was recommended
    WHY_NOT = "why_not"  # why it was not
    MOVE = "move"  # what moved it up or down the list
    GENERAL = "general"  # "tell me about it"; also the answer to `compare` without a named aspect


class Range(Value):
    """Numbers from `first` to `last`, both included; None is open."""

    first: float | None = None
    last: float | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.first is None and self.last is None:
            raise ValueError("a range needs a first or a last value")
        return self

    def __contains__(self, number: float) -> bool:
        return (self.first is None or number >= self.first) and (self.last is None or number <= self.last)


class Preferences(Value):
    """What items should be like, or, as a veto, must not be like."""

    categories: tuple[str, ...] = ()
    years: tuple[Range, ...] = ()
    people: tuple[str, ...] = ()
    moods: tuple[Mood, ...] = ()
    audience: Audience | None = None
    # Bounds by the name of an item's number, such as {"minutes": up to 120}.
    numbers: dict[str, Range] = Field(default_factory=dict)
    # Any of these values by the name of an item's fact, as the catalogue writes them: {"country": ("Germany",)}.
    facts: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self == Preferences()


class Order(Value):
    """Put what meets the wishes in the order of a value: "the cheapest" is {"by": "price"}."""

    by: str  # "year", "rating", "popularity", or the name of an item's number
    descending: bool = False


class Intent(Value):
    """What a conversation asks for; see the module's docstring for the meaning of each field."""

    kind: TurnKind
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    similar_to: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    asked: Asked | None = None
    wishes: Preferences = Preferences()
    vetoes: Preferences = Preferences()
    order: Order | None = None
    unknown_titles: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    count: int | None = None
    # The person's own words that are worth searching for, titles of the catalogue left out.
    query: str = ""
    # Whether the person showed a picture of what it should look like, and what is seen on it, in words.
    pictured: bool = False
    picture_words: tuple[str, ...] = ()

    @property
    def says_nothing(self) -> bool:
        """True when there is nothing to recommend from: no item, no wish, and no words that could be searched for."""
        said = self.liked or self.disliked or self.similar_to or self.query or self.pictured
        return not said and self.wishes.is_empty and self.order is None

    @property
    def excluded(self) -> frozenset[str]:
        """Items that must not be recommended now."""
        return frozenset((*self.liked, *self.disliked, *self.seen, *self.rejected, *self.similar_to))
