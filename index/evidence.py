"""Sentences about an item that are true by the catalogue and by counts, scored for one conversation.

Every sentence stands for itself behind the item's name ("It …"). A choice is not an opinion: sentences about crowds say
"chose" and give the counts. Nothing here is generated. A score is relevance × temporal decay × credibility
(`core.evidence.EvidenceScore`): relevance follows from the conversation, decay from how long ago people or the person
made the choices that a sentence rests on, credibility from how many they are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from core.artifacts import Wording
from core.evidence import Evidence, EvidenceKind, EvidenceScore
from core.intent import Asked, Audience, Intent
from core.item import Item, ItemTable
from index.bounds import in_place_of_numbers
from index.evidence_score import DECAY_PER_CHOICE, ChoiceTimes, credibility_of_mean, credibility_of_share
from index.facets import CERTIFICATE_FACTS
from index.facts import CURRENCY, values_of
from index.filters import matches
from index.graph import ItemGraph
from index.history import HistoryModel
from index.moods import AUDIENCES, MOODS
from index.order import Place, place_in_words
from index.phrases import attribute, counted, kind_of, number
from index.query import PictureLikeness
from index.sentences import MAKERS, credited, fact_clause, in_common, number_of, players_of, shortened
from index.statistics import RatingStatistics

# How many of the last choices an item is compared with, besides what the conversation names.
RECENT_CHOICES = 5
# How many of the items that the person named or liked last, which may be hundreds by their thumbs.
MOST_NAMED = 10
# Comparisons with other items that one item shows of each kind.
MAX_COMPARISONS = 3
_COMPARISONS = (EvidenceKind.GRAPH, EvidenceKind.CROWD)
# Fewer people than this who chose both are chance.
MIN_TOGETHER = 5
# How much more often than chance two items must be chosen together to be worth a sentence.
MIN_LIFT = 1.3
# A share from which on "often" is a fair word.
OFTEN = 0.25
# Relations that say little about an item, or repeat its categories.
_SILENT_RELATIONS = frozenset({"genre", "country", "language", "award", "subject", "company"})
# A fact or text that holds a word of the wish: what the person looked for, but perhaps not what they meant.
NAMED_IN_WISH = 0.85
_RELATION_WEIGHTS = {"director": 1.0, "author": 1.0, "writer": 0.8, "actor": 0.7}
# Kids, teens and adults are many.
_ONE_OF = {Audience.DATE: "a date", Audience.FAMILY: "a family"}
# Places of likeness to a picture that are told.
_PLACES = (1, 3, 10, 30)


@dataclass(frozen=True)
class _Anchor:
    """An item that the person named or chose, how much a likeness to it matters, and how long ago it was chosen."""

    item: Item
    weight: float
    decay: float = 1.0  # of what the conversation names


@dataclass(frozen=True)
class _Sentence:
    kind: EvidenceKind
    text: str
    score: EvidenceScore
    brief: str = ""
    answers: tuple[Asked, ...] = ()  # the questions that it answers


class EvidenceWriter:
    """Writes and scores sentences for items of one catalogue."""

    def __init__(
        self,
        items: ItemTable,
        statistics: RatingStatistics,
        history_model: HistoryModel,
        graph: ItemGraph,
        wording: Wording,
        times: ChoiceTimes | None = None,
    ) -> None:
        """`times` says how recent the choices of crowds are; without it they are of no age."""
        self._times = times
        self._items = items
        self._statistics = statistics
        self._history_model = history_model
        self._graph = graph
        self._wording = wording

    def write(
        self,
        item_id: str,
        intent: Intent,
        history: Sequence[str] = (),
        limit: int | None = None,
        likeness: PictureLikeness | None = None,
        place: Place | None = None,
    ) -> tuple[Evidence, ...]:
        """Evidence for an item, what matters most here first; at most `limit` sentences.

        `history` are item ids, oldest first; `likeness` is of its picture to one that was shown,
        and `place` is where it stands in an order that was asked for.
        An id is the item's id, the kind's letter and a number: "100.m1".
        Numbers are given before sorting and cutting, so a fact about an item has the same id in every turn.
        """
        item = self._items[item_id]
        anchors = self._anchors(item_id, intent, history)
        written = [
            *self._metadata(item, intent),
            *self._shared(item, anchors),
            *self._same_kind(item, anchors),
            *self._crowd(item, anchors),
            *self._ordered(item, place),
            *self._requested(item, intent),
            *_pictured(likeness),
        ]
        numbers = dict.fromkeys(EvidenceKind, 0)
        evidence = []
        for sentence in written:
            numbers[sentence.kind] += 1
            if sentence.text:
                parts = _for_question(sentence, intent.asked)
                piece = Evidence(
                    id=f"{item_id}.{sentence.kind.value[0]}{numbers[sentence.kind]}",
                    item_id=item_id,
                    kind=sentence.kind,
                    text=sentence.text,
                    brief=sentence.brief,
                    score=round(parts.value, 4),
                    parts=parts,
                )
                evidence.append(piece)
        evidence.sort(key=lambda piece: -piece.score)
        return tuple(_varied(evidence)[:limit])

    def _anchors(self, item_id: str, intent: Intent, history: Sequence[str]) -> list[_Anchor]:
        """What is named now is of no age; a choice decays with every later one (many have no time to go by)."""
        anchors: dict[str, _Anchor] = {}
        recent = enumerate(reversed(history[-RECENT_CHOICES:]))
        for anchor, weight, decay in (
            *((each, 1.0, 1.0) for each in intent.similar_to[-MOST_NAMED:]),
            *((each, 0.9, 1.0) for each in intent.liked[-MOST_NAMED:]),
            *((each, 0.7, DECAY_PER_CHOICE**age) for age, each in recent),
        ):
            if anchor in self._items and anchor != item_id and anchor not in intent.disliked:
                anchors.setdefault(anchor, _Anchor(self._items[anchor], weight, decay))
        return list(anchors.values())

    def _metadata(self, item: Item, intent: Intent) -> Iterator[_Sentence]:
        """What the catalogue says; m1 is always the kind of item and m2 the plot, whether or not they are known."""

        def sentence(text: str, weight: float, *asked: Asked) -> _Sentence:
            return _Sentence(EvidenceKind.METADATA, text, EvidenceScore(relevance=weight), answers=asked)

        kind = f"It is {kind_of(item.categories, self._wording)}." if item.categories else ""
        wished = _words(intent.query)
        yield sentence(kind, 0.4, Asked.CATEGORY, Asked.YEAR, Asked.AUDIENCE, Asked.GENERAL)
        plot = NAMED_IN_WISH if wished & _words(item.description) else 0.5
        yield sentence(shortened(item.description), plot, Asked.PLOT, Asked.GENERAL)
        for role in dict.fromkeys(credit.role for credit in item.people):
            names = [credit.name for credit in item.people if credit.role == role]
            asked = Asked.DIRECTOR if role in MAKERS else Asked.CAST
            yield sentence(credited(role, names), 0.38 if role in MAKERS else 0.35, asked, Asked.GENERAL)
        for name, value in item.numbers.items():
            yield sentence(number_of(item, name, value, self._wording), 0.2, Asked.LENGTH)
        for name, fact in item.facts.items():
            weight, asked = (0.15, Asked.AUDIENCE) if name in CERTIFICATE_FACTS else (0.1, Asked.GENERAL)
            weight = NAMED_IN_WISH if wished & _words(fact) else weight
            # A currency alone says nothing: it stands with the price. Its number stays its own.
            yield sentence("" if name == CURRENCY else attribute(name, fact), weight, asked)

    def _numbers_asked(self, item: Item, intent: Intent, met: set[str]) -> Iterator[str]:
        """Sentences on the numbers that meet their bounds; players and ages in the words that people use of them."""
        bounds = intent.wishes.numbers
        special = in_place_of_numbers(bounds)
        for words, names in special.items():
            if words in met:
                yield players_of(item) if len(names) > 1 else f"It is for ages {number(item.numbers[names[0]])} and up."
        told = {name for names in special.values() for name in names}
        for name in (name for name in bounds if name not in told):
            value = item.numbers.get(name)
            if value is not None and value in bounds[name]:
                yield number_of(item, name, value, self._wording)

    def _ordered(self, item: Item, place: Place | None) -> Iterator[_Sentence]:
        """How the item compares with all others that could be recommended, where that was asked for."""
        if place and (words := place_in_words(place, self._wording)):
            value = item.numbers.get(place.order.by)
            number = "" if value is None else f": i{number_of(item, place.order.by, value, self._wording)[1:-1]}"
            yield _Sentence(EvidenceKind.REQUEST, f"I{words[1:]}{number}.", EvidenceScore(relevance=1.0))

    def _shared(self, item: Item, anchors: Sequence[_Anchor]) -> Iterator[_Sentence]:
        for anchor in anchors:
            for link in self._graph.shared(item.id, anchor.item.id):
                if link.relation not in _SILENT_RELATIONS:
                    weight = _RELATION_WEIGHTS.get(link.relation, 0.5) * min(1.0, 0.9 + 0.1 * link.count)
                    score = EvidenceScore(relevance=0.95 * anchor.weight * weight, decay=anchor.decay)
                    yield _Sentence(EvidenceKind.GRAPH, in_common(link, anchor.item), score)

    def _same_kind(self, item: Item, anchors: Sequence[_Anchor]) -> Iterator[_Sentence]:
        """Thin, but all that is known of a new catalogue: the categories that an item shares with another."""
        for anchor in anchors:
            if shared := _among(item, frozenset(name.casefold() for name in anchor.item.categories)):
                text = f"Like {anchor.item.label}, it is {kind_of(shared, self._wording)}."
                share = len(shared) / len({*item.categories, *anchor.item.categories})
                score = EvidenceScore(relevance=anchor.weight * (0.3 + 0.3 * share), decay=anchor.decay)
                yield _Sentence(EvidenceKind.GRAPH, text, score)

    def _crowd(self, item: Item, anchors: Sequence[_Anchor]) -> Iterator[_Sentence]:
        yield self._rating(item, alone=not anchors)
        row, model = self._items.row(item.id), self._history_model
        for anchor in anchors:
            anchor_row = self._items.row(anchor.item.id)
            together, of = model.together(row, anchor_row), model.chosen(anchor_row)
            if together < MIN_TOGETHER:
                continue
            lift = together * model.people / (of * model.chosen(row))
            if lift < MIN_LIFT:
                continue
            text = f"Of {of:,} people who chose {anchor.item.label}, {together:,} also chose it."
            brief = f"Some people who chose {anchor.item.title} also chose it."
            if together >= OFTEN * of:
                text = f"People who chose {anchor.item.label} often chose it too: {together:,} of {of:,}."
                brief = f"People who chose {anchor.item.title} often chose it too."
            score = EvidenceScore(
                relevance=0.9 * anchor.weight * min(1.0, 0.5 + log2(lift) / 4),
                decay=anchor.decay * (self._times.decay_together(row, anchor_row) if self._times else 1.0),
                credibility=credibility_of_share(together, of),
            )
            yield _Sentence(EvidenceKind.CROWD, text, score, brief)

    def _rating(self, item: Item, *, alone: bool) -> _Sentence:
        """How people rated it. A poor rating is evidence too, but no reason to choose it, so it stands last."""
        row = self._items.row(item.id)
        rated, mean, top = int(self._statistics.rated[row]), self._statistics.means[row], self._statistics.top_rating
        chosen = int(self._statistics.chosen[row])
        count, text = rated, f"It is rated {mean:.1f} of {top:g} by {counted(rated, 'person')}."
        brief = f"It is rated {mean:.1f} of {top:g}."
        if rated == 0:
            count, brief, text = chosen, "", f"{counted(chosen, 'person')} chose it." if chosen else ""
        relevance = 0.75 if alone else 0.38  # what is about this person says more
        if rated and mean < 0.7 * top:
            relevance = 0.1
        score = EvidenceScore(
            relevance=relevance,
            decay=self._times.decay(row) if self._times else 1.0,
            credibility=credibility_of_mean(count),
        )
        return _Sentence(EvidenceKind.CROWD, text, score, brief, (Asked.RATING,))

    def _requested(self, item: Item, intent: Intent) -> Iterator[_Sentence]:
        """How the item meets each wish that it meets."""
        wishes = intent.wishes
        met = {words for words, is_met in matches(item, wishes).items() if is_met}
        categories = _among(item, frozenset(name.casefold() for name in wishes.categories))
        # Of its categories only those that were asked for: who wants a thriller did not ask for "a horror thriller".
        texts = [f"As you asked, it is {kind_of(categories, self._wording)}." if categories else ""]
        texts += [
            f"It suits your wish for something {mood}: it is {kind_of(item.categories, self._wording)}."
            for mood in wishes.moods
            if mood in met and _among(item, MOODS[mood].wanted)
        ]
        years = item.year is not None and any(item.year in years for years in wishes.years)
        texts.append(f"As you asked, it is from {item.year}." if years else "")
        people = {name.casefold() for name in wishes.people}
        for credit in item.people:
            if credit.name.casefold() in people:
                sentence = credited(credit.role, [credit.name])
                texts.append(f"As you asked, i{sentence[1:]}")
        texts += [f"As you asked, i{text[1:]}" for text in self._numbers_asked(item, intent, met)]
        for name, values in wishes.facts.items():
            wanted = {value.casefold() for value in values}
            if meant := [value for value in values_of(item.facts.get(name, "")) if value.casefold() in wanted]:
                texts.append(f"As you asked, {fact_clause(name, meant)}.")
        if wishes.audience:
            rule = AUDIENCES[wishes.audience]
            words = _ONE_OF.get(wishes.audience, str(wishes.audience))
            kind = kind_of(item.categories, self._wording)
            texts.append(f"It may suit {words}: it is {kind}." if _among(item, rule.wanted) else "")
        for position, text in enumerate(texts):
            yield _Sentence(EvidenceKind.REQUEST, text, EvidenceScore(relevance=max(0.5, 1.0 - 0.02 * position)))


def _for_question(sentence: _Sentence, asked: Asked | None) -> EvidenceScore:
    """What answers the person's question is worth more than all that doesn't; in between its relevance counts."""
    if asked is None:
        return sentence.score
    half = 0.5 * sentence.score.relevance
    return sentence.score.model_copy(update={"relevance": 0.5 + half if asked in sentence.answers else half})


def _varied(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence without the lower scored of many comparisons with other items."""
    taken = dict.fromkeys(EvidenceKind, 0)
    kept = []
    for piece in evidence:
        taken[piece.kind] += 1
        if piece.kind not in _COMPARISONS or taken[piece.kind] <= MAX_COMPARISONS:
            kept.append(piece)
    return kept


def _among(item: Item, wanted: frozenset[str]) -> list[str]:
    return [category for category in item.categories if category.casefold() in wanted]


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[^\W\d_]{4,}", text.casefold()))


def _pictured(likeness: PictureLikeness | None) -> Iterator[_Sentence]:
    """The likeness of pictures, in round numbers of places: nearness itself says nothing to a person."""
    if likeness is None:
        return
    place, of = likeness.place, likeness.of
    rounded = next((limit for limit in _PLACES if place <= limit), None)
    if rounded is None or of < 2 * rounded:
        return
    near = "the one" if rounded == 1 else f"one of the {rounded}"
    text = f"Its picture is {near} most like yours, of {of:,}."
    yield _Sentence(EvidenceKind.REQUEST, text, EvidenceScore(relevance=1 - 0.1 * _PLACES.index(rounded)))
