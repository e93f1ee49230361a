"""Why an item was not recommended: read off the steps that left it out, in the order in which they do. No model."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.phrases import describe
from agent.score_words import differences, parts_in_words, telling
from core.artifacts import Wording
from core.candidate import Standing
from core.generator import Choice
from core.intent import Intent, Preferences
from core.item import Item, ItemTable
from core.markdown import bold, escaped
from index.facets import certificate_of
from index.filters import matches, unsuitable, violates
from index.franchise import same_work
from index.order import order_in_words
from index.phrases import join, kind_of, number, with_article
from index.query import Query


@dataclass(frozen=True)
class Considered:
    """An earlier answer as it was made: what was asked, what it showed, and where items stood."""

    query: Query
    shown: tuple[str, ...] = ()  # best first
    standings: dict[str, Standing] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()  # what the language model could choose among, as they were offered
    choice: Choice | None = None  # how it ranked them, where it did
    in_order: bool = False  # it was put in the order that was asked for, whatever the scores
    thumbs_down: frozenset[str] = frozenset()  # what the person turned down so, before this answer or after it

    @property
    def intent(self) -> Intent:
        return self.query.intent


def why_not(item: Item, answer: Considered, items: ItemTable, wording: Wording) -> str:
    """A paragraph that says why the item is not in the answer, or that it is."""
    name = bold(item.label)
    if item.id in answer.shown:
        shown = f"{name} is in my last answer, at place {1 + answer.shown.index(item.id)}"
        turned_down = " You gave it a thumbs-down since, so I won't show it again."
        return f"{shown}.{turned_down if item.id in answer.thumbs_down else ''}"
    standing = answer.standings.get(item.id)
    ruled_out = (
        _excluded(item, name, answer, items)
        or _vetoed(item, name, answer.intent, wording)
        or _unsuitable(item, name, answer.intent, wording)
        or (_unmet(item, name, answer.intent, wording) if standing is None or not standing.is_eligible else "")
        or (f"I showed {name} before, and you asked for something else." if item.id in answer.intent.shown else "")
    )
    if ruled_out:
        return ruled_out
    if standing is None:
        return (
            f"Nothing speaks against {name}, but I have compared it with nothing yet. Ask me for {wording.items} first."
        )
    placed = (
        _held_back(name, standing, wording)
        or (_outranked(name, standing, answer, items, wording) if answer.in_order else "")
        or _put_lower_by_model(name, standing, answer, wording)
        or _passed_over_by_model(name, standing, answer, items, wording)
        or _outranked(name, standing, answer, items, wording)
    )
    return f"{placed} {_pictured(item, answer.query, items)}".rstrip()


def _excluded(item: Item, name: str, answer: Considered, items: ItemTable) -> str:
    """The person named, judged or chose it, or another version of it, so it is no news to them."""
    intent = answer.intent
    for reason, item_ids in (
        ("you said that you like {it}, and I look for something new", intent.liked),
        ("you gave {it} a thumbs-down", answer.thumbs_down),
        ("you said that you don't like {it}", intent.disliked),
        ("you have seen {it}", intent.seen),
        ("you turned {it} down", intent.rejected),
        ("you asked for something like {it}, so it is the measure and not an answer", intent.similar_to),
        ("you chose {it} before", answer.query.history),
    ):
        if item.id in item_ids:
            return f"I left {name} out because {reason.format(it='it')}."
        twin = next((each for each in item_ids if each in items and same_work(items[each]) == same_work(item)), None)
        if twin is not None:
            version = f"{escaped(items[twin].label)}, another version of it,"
            return f"I left {name} out because {reason.format(it=version).rstrip(',').replace(',,', ',')}."
    return ""


def _vetoed(item: Item, name: str, intent: Intent, wording: Wording) -> str:
    ruled_out = [describe(veto, "or") for veto in _single(intent.vetoes) if violates(item, veto, intent.wishes)]
    if not ruled_out:
        return ""
    return f"I left {name} out because you ruled out {join(ruled_out)}: {_facts(item, intent.vetoes, wording)}."


def _unsuitable(item: Item, name: str, intent: Intent, wording: Wording) -> str:
    if not unsuitable(item, intent.wishes):
        return ""
    why = f"you asked for something for {intent.wishes.audience}"
    return f"I left {name} out because {why}: {_facts(item, intent.wishes, wording)}."


def _unmet(item: Item, name: str, intent: Intent, wording: Wording) -> str:
    missed = [words for words, is_met in matches(item, intent.wishes).items() if not is_met]
    # "Crime and drama at once" says no more than "crime or drama" where both are missed.
    missed = [words for words in missed if not (words.endswith(" at once") and len(missed) > 1)]
    if not missed:
        return ""
    wishes = join([f"“{words}”" for words in missed])
    return f"{name} does not meet your wish for {wishes}: {_facts(item, intent.wishes, wording)}."


def _held_back(name: str, standing: Standing, wording: Wording) -> str:
    place = _ordinal(standing.place)
    return {
        "version": f"Another version of {name} is in the list, and I show only one.",
        "series": f"{name} would have come {place}, but enough {wording.items} of its series are in the list.",
    }.get(standing.held_back, "")


def _by_score(name: str, standing: Standing, wording: Wording) -> str:
    return f"{name} came {_ordinal(standing.place)} of {standing.of:,} {wording.items} by its score"


def _put_lower_by_model(name: str, standing: Standing, answer: Considered, wording: Wording) -> str:
    """The places that the language model's adapter gave it, by itself and together with the score."""
    if answer.choice is None or standing.item_id not in answer.choice.scores:
        return ""
    likelihoods, own = answer.choice.log_probabilities, answer.choice.log_probabilities[standing.item_id]
    place = 1 + sum(other > own for other in likelihoods.values())
    together = 1 + list(answer.choice.scores).index(standing.item_id)
    ranked = f"the language model put it {_ordinal(place)} of the {len(likelihoods)} that it ranked"
    return (
        f"{_by_score(name, standing, wording)}; {ranked}, and both together {_ordinal(together)}. "
        f"I showed the first {len(answer.shown)}."
    )


def _passed_over_by_model(name: str, standing: Standing, answer: Considered, items: ItemTable, wording: Wording) -> str:
    """It was on offer, and the language model took others that stood behind it."""
    if answer.choice or standing.item_id not in answer.candidates:
        return ""
    behind = answer.candidates[1 + answer.candidates.index(standing.item_id) :]
    taken = next((item_id for item_id in answer.shown if item_id in behind), None)
    if taken is None:
        return ""
    offer = f"so it was among the {len(answer.candidates)} that the language model could choose from"
    return f"{_by_score(name, standing, wording)}, {offer}. It took others, such as {escaped(items[taken].label)}."


def _pictured(item: Item, query: Query, items: ItemTable) -> str:
    """How its picture compares with the one that the person showed, where they did."""
    pictures = query.pictures
    if not len(pictures.rows):
        return ""
    likeness = pictures.likeness(items.row(item.id))
    if likeness:
        return f"Its picture is the {_ordinal(likeness.place)} most like yours, of {likeness.of:,}."
    if item.image is None:
        return "It has no picture that could be compared with yours."
    return f"Its picture is not among the {len(pictures.rows)} most like yours."


def _outranked(name: str, standing: Standing, answer: Considered, items: ItemTable, wording: Wording) -> str:
    """Its place, and the parts of the score that it lacked against the last item that was shown."""
    place = (
        f"{name} fits what you asked for, but it came {_ordinal(standing.place)} of {standing.of:,} {wording.items}."
    )
    if standing.of == 1:
        place = f"{name} fits what you asked for."
    if answer.in_order and answer.intent.order:
        return f"{place} You asked for {order_in_words(answer.intent.order)}."
    shown = [each for each in answer.shown if each in answer.standings and answer.standings[each].is_eligible]
    if not shown:
        return place
    last = min((answer.standings[each] for each in shown), key=lambda each: each.score)
    against = f"{escaped(items[last.item_id].label)}, the last one that I showed"
    gaps = differences(last, standing)
    lacks, leads = telling(gaps), telling(gaps, sign=-1)
    if last.score <= standing.score or not lacks:
        return f"{place} By now it scores no worse than {against}: {standing.score:.2f} against {last.score:.2f}."
    said = f"{place} Against {against}, it lacks most in {parts_in_words(lacks, answer.intent, items)}"
    scores = f"(its score is {standing.score:.2f}, that of {escaped(items[last.item_id].title)} {last.score:.2f})"
    ahead = f" It leads in {parts_in_words(leads, answer.intent, items)}, but not by enough." if leads else ""
    return f"{said} {scores}.{ahead}"


def _single(preferences: Preferences) -> Iterator[Preferences]:
    """Each preference alone."""
    for kind in ("categories", "years", "people", "moods"):
        for value in getattr(preferences, kind):
            yield Preferences.model_validate({kind: (value,)})
    for name, bounds in preferences.numbers.items():
        yield Preferences(numbers={name: bounds})
    for name, values in preferences.facts.items():
        yield Preferences(facts={name: values})
    if preferences.audience:
        yield Preferences(audience=preferences.audience)


def _facts(item: Item, concerned: Preferences, wording: Wording) -> str:
    """What the item is in what the preferences are about: "it is a horror film, from 1979"."""
    known: list[str] = []
    if item.categories and (concerned.categories or concerned.moods or concerned.audience):
        known.append(f"it is {kind_of(item.categories, wording)}")
    if concerned.years:
        known.append(f"it is from {item.year}" if item.year else "its year is not known")
    if concerned.people:
        names = [credit.name for credit in item.people]
        known.append(f"it is with or by {join(list(dict.fromkeys(names))[:4])}" if names else "nobody in it is known")
    for name in concerned.numbers:
        value = item.numbers.get(name)
        known.append(f"its {name} are not known" if value is None else f"it has {number(value)} {name}")
    known += [
        f"its {name} is {item.facts[name]}" if name in item.facts else f"its {name} is not known"
        for name in concerned.facts
    ]
    if concerned.audience and certificate_of(item):
        known.append(f"it is rated {certificate_of(item)}")
    return join(known) or f"I know it only as {with_article(wording.item)}"


def _ordinal(place: int | None) -> str:
    if place is None:
        return "last"
    ending = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending}"
