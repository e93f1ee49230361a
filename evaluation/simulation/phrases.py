"""What simulated people say: several ways for everything, so that one of them gives nothing away."""

from collections.abc import Iterator, Sequence

from core.artifacts import Wording
from evaluation.simulation.facets import Facet, Kind
from index.phrases import in_prose, with_article

OPENERS = (
    "I'm looking for {}.",
    "Can you recommend {}?",
    "I'm in the mood for {} tonight.",
    "I'd like {}, please.",
    "Got {}?",
    "Please find me {}.",
)
GREETINGS = ("Hi!", "Hello there.", "Hey, can you help me?", "Good evening!", "Hi, what can you do?")
ANSWERS = ("I'd go for {}.", "Maybe {}.", "I think {}.", "Let it be {}.", "{} would be nice.")
# They add to the wish: "also" says so, where "I want something from the 90s" might as well take its place.
HINTS = (
    "No. It should also be {}.",
    "Not quite. Also {}, please.",
    "None of those. It should be {} as well.",
    "Hm, no. Also {}?",
)
REFUSALS = ("No, none of these.", "Not those.", "Nope. What else is there?", "Hm, none of them. Others?", "No.", "Nah.")
SHRUGS = ("I don't know, surprise me.", "Anything, really.", "No idea.", "I don't mind.")
THANKS = ("That's the one, thanks!", "Yes, perfect. Thank you!", "Great, I'll take it.", "Exactly right.", "Yes.")
OLDER = ("These are too new. Something older?", "Too recent for me.", "I want something older.", "Older, please.")
NEWER = ("These are too old.", "Too old for me. Anything newer?", "I'd like something newer.", "Newer, please.")
SHORTER = ("These are too long.", "Something shorter, please.", "Shorter, please.")
LONGER = ("These are too short.", "Something longer, please.", "Longer, please.")
SEEN_ONE = ("I've already seen {}. What else?", "Already seen {}.", "I know {} already, something else?")
SEEN_ALL = ("I've already seen those.", "Already seen them all. What else is there?", "Seen them.")
NOT_A = (
    "Not {a_category}, please.",
    "No {category}, please.",
    "I don't want {category} this time.",
    "Without {category}.",
)
SILENCE = "Mm."  # where every other word would give something away


def wishes(facets: Sequence[Facet], wording: Wording) -> Iterator[str]:
    """Phrases for an item with these facets: "something funny from the 90s", "a comedy film with Tom Hanks"."""
    adjectives = " ".join(facet.value for facet in facets if facet.kind in (Kind.MOOD, Kind.LENGTH))
    categories = " ".join(in_prose(facet.value) for facet in facets if facet.kind is Kind.CATEGORY)
    tail = "".join(_tail(facet) for facet in facets)
    described = " ".join(filter(None, (adjectives, categories, wording.item)))
    if not categories:
        yield " ".join(filter(None, ("something", adjectives))) + tail
    yield with_article(described) + tail
    yield f"{' '.join(filter(None, (adjectives, categories, wording.items)))}{tail}"
    if categories and not adjectives:
        yield with_article(categories) + tail
    if not (adjectives or categories):
        yield f"one{tail}"


def _tail(facet: Facet) -> str:
    if facet.kind is Kind.DECADE:
        decade = int(facet.value)
        return f" from the {decade % 100:02}s" if 1920 <= decade < 2000 else f" from the {decade}s"
    if facet.kind is Kind.PERSON:
        return f" directed by {facet.value}" if facet.role == "director" else f" with {facet.value}"
    return f" about {facet.value}" if facet.kind is Kind.WORD else ""
