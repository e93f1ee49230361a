"""Answers about items: read from the catalogue, never generated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent.comparison import comparison, in_common, verdict
from agent.phrases import moved, moved_by_model
from agent.why_not import Considered, why_not
from core.artifacts import Wording
from core.candidate import Move, Standing
from core.evidence import Evidence, EvidenceKind
from core.intent import Asked, Audience, Intent, Order, Preferences, TurnKind
from core.item import Item, ItemTable
from core.markdown import bold, escaped
from index.facets import Facets, certificate_of
from index.facts import LENGTHS, PRICES
from index.filters import unsuitable
from index.moods import AUDIENCES
from index.order import YEAR, superlative, value_of
from index.phrases import join, kind_of, money, number
from index.sentences import credits_of

MAKERS = ("director", "author", "creator", "writer", "artist", "designer", "composer")
PERFORMERS = ("actor", "performer", "narrator")
CURRENCIES = ("currency", "währung")
MOST_REASONS = 4

Pieces = dict[str, tuple[Evidence, ...]]


@dataclass(frozen=True)
class Computed:
    """What was computed for a question: nothing of it where nothing was asked that needs it.

    `moves` say by item id what corrections did to it, and `ranked` from which place among the candidates to which the
    language model's ranking brought it; `standings` where items stand for this person now, and `chosen`
    what they chose before; `answer` is the earlier answer that a "why not" is about.
    """

    items: ItemTable = field(default_factory=lambda: ItemTable([]))
    moves: Mapping[str, Move] = field(default_factory=dict)
    ranked: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    answer: Considered | None = None


NOTHING_COMPUTED = Computed()


def information(
    intent: Intent, about: Sequence[Item], evidence: Pieces, wording: Wording, computed: Computed = NOTHING_COMPUTED
) -> str:
    """The answer to a question about items, in Markdown. What the catalogue lacks is called missing, not guessed."""
    if not about:
        missing = join([f"“{title}”" for title in intent.unknown_titles], "or")
        if missing:
            return escaped(f"I found no {missing} in this catalogue, so I won't guess.")
        return f"Which {wording.item} do you mean? Tell me its title."
    asked = intent.asked or Asked.GENERAL
    if intent.kind is TurnKind.COMPARE and len(about) > 1:
        return _compared(asked, intent, about, evidence, wording, computed)
    if asked is Asked.WHY_NOT and computed.answer:
        return "\n\n".join(why_not(item, computed.answer, computed.items, wording) for item in about)
    if asked is Asked.MOVE:
        return "\n\n".join(_moved(item, computed, wording) for item in about)
    return "\n\n".join(
        f"{_about_one(asked, item, evidence, wording)} {escaped(_movements(item, computed, wording))}".rstrip()
        for item in about
    )


def _compared(
    asked: Asked, intent: Intent, about: Sequence[Item], evidence: Pieces, wording: Wording, computed: Computed
) -> str:
    """All that is known side by side, or the one thing that was asked about; then which fits better."""
    if asked in (Asked.GENERAL, Asked.WHY, Asked.WHY_NOT, Asked.MOVE, Asked.RATING):
        return comparison(about, evidence, wording, intent, computed.items, computed.standings, computed.chosen)
    if order := _order_of(asked, about):
        about = sorted(about, key=lambda item: value_of(order, item) or 0)
    lines = [f"- {_about_one(asked, item, evidence, wording)}" for item in about]
    fits = verdict(about, intent, computed.items, computed.standings, computed.chosen)
    said = [in_common(about, wording), _extremes(about, order) if order else fits]
    return "\n".join([*lines, "", escaped(" ".join(part for part in said if part))])


def _order_of(asked: Asked, about: Sequence[Item]) -> Order | None:
    """What a question compares items by, where all of them have it."""
    names = {Asked.PRICE: PRICES, Asked.LENGTH: LENGTHS, Asked.YEAR: (YEAR,)}.get(asked, ())
    orders = (Order(by=name) for name in names)
    return next((order for order in orders if all(value_of(order, item) is not None for item in about)), None)


def _extremes(about: Sequence[Item], order: Order) -> str:
    """Which of the items are lowest and which highest; a question may be after either."""
    values = [value_of(order, item) or 0 for item in about]
    if min(values) == max(values):
        return ""
    opposite = order.model_copy(update={"descending": True})
    said = []
    for end, name in ((min(values), superlative(order)), (max(values), superlative(opposite))):
        titles = [item.title for item, value in zip(about, values, strict=True) if value == end]
        said.append(f"{join(titles)} {'is' if len(titles) == 1 else 'are'} the {name}")
    return f"{join(said)}."


def _movements(item: Item, computed: Computed, wording: Wording) -> str:
    """What corrections and then the language model's ranking did to an item's place; empty where they did nothing."""
    told = moved(computed.moves.get(item.id), wording), moved_by_model(computed.ranked.get(item.id))
    return " ".join(each for each in told if each)


def _moved(item: Item, computed: Computed, wording: Wording) -> str:
    """What moved an item, or that nothing did."""
    move = computed.moves.get(item.id)
    if told := _movements(item, computed, wording):
        return f"{bold(item.label)} — {escaped(told)}"
    if move is None:
        return f"{bold(item.label)} — No correction was on when I recommended it, so nothing moved it."
    return f"{bold(item.label)} — No correction moved it: it is at place {move.after} with and without them."


def _about_one(asked: Asked, item: Item, evidence: Pieces, wording: Wording) -> str:
    pieces = evidence.get(item.id, ())
    if asked is Asked.GENERAL:
        fact = _portrait(pieces) or "I know nothing but its title."
    elif asked is Asked.WHY:
        fact = " ".join(piece.text for piece in _reasons(pieces)) or "I know nothing but its title."
    else:
        fact = _fact(asked, item, pieces, wording) or f"This catalogue doesn't say {_QUESTIONS[asked]}."
    return f"{bold(item.label)} — {escaped(fact)}"


def _portrait(pieces: Sequence[Evidence]) -> str:
    """What is true of the item whoever asks: its metadata in the catalogue's order, then what people think."""
    metadata = [piece for piece in pieces if piece.kind is EvidenceKind.METADATA]
    metadata.sort(key=lambda piece: int(piece.id.rpartition(".m")[2]))
    return " ".join(piece.text for piece in (*metadata, *_rating(pieces)))


def _reasons(pieces: Sequence[Evidence]) -> list[Evidence]:
    """What speaks for the item in this conversation; its metadata where nothing else does."""
    personal = [piece for piece in pieces if piece.kind is not EvidenceKind.METADATA]
    return (personal or list(pieces))[:MOST_REASONS]


def _rating(pieces: Sequence[Evidence]) -> list[Evidence]:
    """The first sentence about a crowd is how people rated it; the others compare."""
    return [piece for piece in pieces if piece.id.endswith(".c1")]


def _fact(asked: Asked, item: Item, pieces: Sequence[Evidence], wording: Wording) -> str:
    if asked in (Asked.DIRECTOR, Asked.CAST):
        return credits_of(item, MAKERS if asked is Asked.DIRECTOR else PERFORMERS)
    if asked is Asked.RATING:
        return " ".join(piece.text for piece in _rating(pieces))
    if asked is Asked.PRICE:
        return _price(item)
    if asked is Asked.LENGTH:
        return next((f"{number(item.numbers[name])} {name}." for name in LENGTHS if name in item.numbers), "")
    if asked is Asked.AUDIENCE:
        return _suitability(item, wording)
    if asked is Asked.CATEGORY:
        return f"It is {kind_of(item.categories, wording)}." if item.categories else ""
    if asked is Asked.YEAR:
        return f"It is from {item.year}." if item.year else ""
    return item.description


def _price(item: Item) -> str:
    """What it costs, in the currency that the catalogue names."""
    name = next((name for name in PRICES if name in item.numbers), None)
    if name is None:
        return next((f"It costs {item.facts[name]}." for name in PRICES if name in item.facts), "")
    currency = next((f" {item.facts[each]}" for each in CURRENCIES if each in item.facts), "")
    return f"It costs {money(item.numbers[name])}{currency}."


def _suitability(item: Item, wording: Wording) -> str:
    """For children, whom people ask for: what the categories and the age rating say, and no more."""
    certificate = certificate_of(item)
    known = [kind_of(item.categories, wording)] if item.categories else []
    known += [f"rated {certificate}"] if certificate else []
    if not known:
        return ""
    rule, facets = AUDIENCES[Audience.KIDS], Facets.of([item])
    verdict = ". Whether that suits, you know best"
    if unsuitable(item, Preferences(audience=Audience.KIDS)):
        verdict = ", so I would not show it to children"
    elif facets.kinds.keys() & rule.wanted or facets.certificates.keys() & rule.wanted_certificates:
        verdict = ", so it should suit children"
    return f"It is {', '.join(known)}{verdict}."


_QUESTIONS = {
    Asked.YEAR: "from when it is",
    Asked.DIRECTOR: "who made it",
    Asked.CAST: "who is in it",
    Asked.PLOT: "what it is about",
    Asked.CATEGORY: "of what kind it is",
    Asked.PRICE: "what it costs",
    Asked.LENGTH: "how long it is",
    Asked.RATING: "what people think of it",
    Asked.AUDIENCE: "for whom it is",
    Asked.WHY_NOT: "why it was not recommended",
    Asked.MOVE: "what moved it",
}
