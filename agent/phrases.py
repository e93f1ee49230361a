"""The words around the recommendations: openers, notices, questions. They follow from values; none is generated."""

from collections.abc import Sequence

import numpy as np

from agent.limits import unknown_order, unknown_wishes, unmeetable
from core.artifacts import Wording
from core.candidate import Move, Shortlist
from core.intent import Audience, Intent, Order, Preferences, TurnKind
from core.item import ItemTable
from core.markdown import bold, escaped
from core.recommendation import Recommendation
from index.bounds import in_place_of_numbers, number_in_words, years_in_words
from index.facts import fact_in_words
from index.order import order_in_words
from index.phrases import in_prose, join, with_article

MODEL_FAILED = "The language model stopped in the middle, so the rest of this answer comes straight from the search."
MODEL_NOT_READY = "The language model is not ready yet, so this answer comes straight from the search."


def opener(intent: Intent, items: ItemTable, *, from_history: bool, relaxed: bool = False) -> str:
    """The first line of an answer with recommendations: what was understood, so that a mistake is seen at once.

    `relaxed`: some of these items don't meet every wish.
    """
    start = {TurnKind.REFINE: "All right", TurnKind.REJECT: "Then something else"}.get(intent.kind, "")
    wanted = ", ".join(part for part in (_like(intent, items), describe(intent.wishes, order=intent.order)) if part)
    # That a number is unknown here stands in a notice; nothing was left out by it.
    known = {name: bounds for name, bounds in intent.vetoes.numbers.items() if name in items.numbers}
    avoided = describe(intent.vetoes.model_copy(update={"numbers": known}), conjunction="or")
    if avoided and not wanted and intent.liked and not relaxed:
        going = f"{start}, going" if start else "Going"
        return f"{going} by your taste for {_last(intent.liked, items)}, but not {avoided}:"
    if avoided:
        wanted = f"{wanted}, but not {avoided}" if wanted else f"not {avoided}"
    if wanted and relaxed:
        return f"{f'{start}, the' if start else 'The'} closest to what you asked for ({wanted}):"
    if wanted:
        return f"{start or 'Here is what I found'}: {wanted}."
    if intent.liked:
        return f"{f'{start}, going' if start else 'Going'} by your taste for {_last(intent.liked, items)}:"
    if from_history:
        return f"{f'{start}, going' if start else 'Going'} by what you chose before:"
    return f"{start or 'Here is what I found'}:"


def item_line(recommendation: Recommendation) -> str:
    """One recommendation in Markdown, as the answer's text has it; of an item of which nothing is known, its title."""
    return bold(recommendation.title) + (f" — {escaped(recommendation.reason)}" if recommendation.reason else "")


def moved(move: Move | None, wording: Wording) -> str:
    """What corrections did to an item's place among the candidates; empty where they did nothing to it."""
    if move is None or move.before == move.after:
        return ""
    names = join([f"for {name}" for name in move.shifts])
    start = f"The correction{'s' if len(move.shifts) > 1 else ''} {names} moved it"
    if move.before is None:
        way = f"up to place {move.after} from far down the list"
    else:
        way = f"{'up' if move.after < move.before else 'down'} from place {move.before} to place {move.after}"
    if set(move.shifts) != {"popularity"}:
        return f"{start} {way}."
    # Popularity alone lets an item pass only those that more people chose.
    if move.before is None or move.after < move.before:
        return f"{start} {way}: {wording.items} that more people chose lost places."
    return f"{start} {way}: {wording.items} that fewer people chose gained places."


def moved_by_model(places: tuple[int, int] | None) -> str:
    """What the language model's ranking did to an item's place among the candidates; empty where it did nothing."""
    if places is None or places[0] == places[1]:
        return ""
    before, after = places
    way = "up" if after < before else "down"
    return f"The language model's ranking moved it {way} from place {before} to place {after}."


def notices(
    intent: Intent, shortlist: Shortlist | None, wording: Wording, items: ItemTable | None = None, told: str = ""
) -> tuple[str, ...]:
    """What a person should know about how the answer came about; `items` say what the catalogue can't tell at all.

    What the catalogue lacks is said once: not where `told`, the text of the answers before, has it already.
    """
    lacks = [_unknown(title, intent.query) for title in intent.unknown_titles]
    lacks += unknown_wishes(intent.wishes, intent.vetoes, items, wording) if items else ()
    said = [sentence for sentence in lacks if sentence.rstrip(".") not in told]
    if shortlist is None:
        return tuple(said)
    hopeless = unmeetable(intent.wishes, items) if items else frozenset()
    if given_up := [wish for wish in shortlist.relaxed if wish not in hopeless]:
        said += _given_up(given_up, intent, len(shortlist.fitting), wording)
    if shortlist.unordered and intent.order and (sentence := unknown_order(intent.order, wording)) not in told:
        said.append(sentence)
    if shortlist.again:
        if len(shortlist.again) == len(shortlist.candidates) and not given_up:
            said.append(f"No other {wording.item} fits all of this, so what fits comes again.")
        else:
            said.append(f"Few other {wording.items} fit all of this, so some come again.")
    if shortlist.weak_retrieval and shortlist.candidates:
        said.append("Nothing here comes close to those words, so take these as guesses.")
    return tuple(said)


def _given_up(wishes: Sequence[str], intent: Intent, fitting: int, wording: Wording) -> list[str]:
    """That wishes were relaxed: for all that is shown, or for what follows the few that meet them all."""
    kind = join([in_prose(name) for name in intent.wishes.categories], "or")
    others = [wish for wish in wishes if wish != kind]
    relaxed = f"I did not insist on {join([f'“{wish}”' for wish in others])}."
    if fitting:
        few = f"one {wording.item} fits" if fitting == 1 else f"{fitting} {wording.items} fit"
        return [f"Only {few} all of this, first below. For the rest {relaxed}"]
    said = [f"I have nothing {'else ' if intent.shown else ''}of “{kind}”, so this is of another kind."]
    none = f"No {'other ' if intent.shown else ''}{wording.item} fits everything, so {relaxed}"
    return [*(said if kind in wishes else ()), *([none] if others else ())]


def nothing_left(wording: Wording) -> str:
    return f"No {wording.item} of this catalogue is left after everything that you ruled out. What may I allow again?"


def question(wording: Wording, items: ItemTable) -> str:
    """Asked when there is nothing to go on; offers only what the catalogue can answer."""
    offers = [f"{with_article(wording.item)} that you liked"]
    if common := _common(items):
        offers.append(f"{with_article(wording.category)} such as {join([in_prose(name) for name in common], 'or')}")
    if items.years:
        return (
            f"What are you in the mood for? Name {', '.join(offers)}, a mood or a decade, and I'll take it from there."
        )
    return f"What are you looking for? Name {join(offers, 'or')}, or say what it is for, and I'll take it from there."


def describe(preferences: Preferences, conjunction: str = "and", order: Order | None = None) -> str:
    """Preferences as a phrase: "funny and romantic, comedy, from 1980 to 1989, by Tom Hanks, the newest first"."""
    parts = [
        join([str(mood) for mood in preferences.moods], conjunction),
        join([in_prose(name) for name in preferences.categories], conjunction),
        join([years_in_words(years) for years in preferences.years], "or"),
        f"with or by {join(preferences.people, conjunction)}" if preferences.people else "",
        *(fact_in_words(name, values) for name, values in preferences.facts.items()),
        join(_numbers(preferences), conjunction),
        {Audience.DATE: "for a date", None: ""}.get(preferences.audience, f"for {preferences.audience}"),
        order_in_words(order) if order else "",
    ]
    return (f" {conjunction} " if conjunction == "or" else ", ").join(part for part in parts if part)


def _numbers(preferences: Preferences) -> list[str]:
    said = in_place_of_numbers(preferences.numbers)
    told = {name for names in said.values() for name in names}
    others = sorted((name, bounds) for name, bounds in preferences.numbers.items() if name not in told)
    return [*said, *(number_in_words(name, bounds) for name, bounds in others)]


def _unknown(title: str, query: str) -> str:
    used = {word for word in title.casefold().split() if len(word) > 3} & set(query.casefold().split())
    return f"I found no “{title}” in this catalogue{', so I went by its words' if used else ''}."


def _like(intent: Intent, items: ItemTable) -> str:
    models = [*_titles(intent.similar_to, items), *(["your picture"] if intent.pictured else [])]
    return f"like {join(models)}" if models else ""


def _last(item_ids: Sequence[str], items: ItemTable, most: int = 3) -> str:
    return join(_titles(item_ids[-most:], items))


def _common(items: ItemTable, most: int = 3) -> list[str]:
    """The categories of most items, as examples."""
    order = np.argsort(-items.category_matrix.sum(axis=0), kind="stable")
    return [items.categories[place] for place in order[:most]]


def _titles(item_ids: Sequence[str], items: ItemTable) -> list[str]:
    return [items[item_id].title for item_id in item_ids if item_id in items]
