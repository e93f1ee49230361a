"""The words around the recommendations: openers, notices, questions. They follow from values; none is generated."""

from collections.abc import Sequence

from core.artifacts import Wording
from core.candidate import Shortlist
from core.intent import Audience, Intent, Preferences, Range, TurnKind
from core.item import ItemTable
from core.recommendation import Recommendation

MODEL_FAILED = "The language model stopped in the middle, so the rest of this answer comes straight from the search."
MODEL_NOT_READY = "The language model is not ready yet, so this answer comes straight from the search."


def join(words: Sequence[str], conjunction: str = "and") -> str:
    """Words as a list in prose: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def opener(intent: Intent, items: ItemTable, *, from_history: bool) -> str:
    """The first line of an answer with recommendations: what was understood, so that a mistake is seen at once."""
    wanted = describe(intent.wishes)
    if intent.similar_to:
        wanted = f"like {join(_titles(intent.similar_to, items))}" + (f", and {wanted}" if wanted else "")
    avoided = describe(intent.vetoes, conjunction="or")
    if avoided:
        wanted = f"{wanted}, but not {avoided}" if wanted else f"not {avoided}"
    start = {TurnKind.REFINE: "All right", TurnKind.REJECT: "Then something else"}.get(intent.kind, "")
    if wanted:
        return f"{start or 'Here is what I found'}: {wanted}."
    if intent.liked:
        return f"{start or 'Going'} by your taste for {join(_titles(intent.liked[-3:], items))}:".replace(
            "else by", "else, by"
        )
    if from_history:
        return f"{start or 'From what you chose before'}:"
    return f"{start or 'Here is what I found'}:"


def item_line(recommendation: Recommendation) -> str:
    """One recommendation as the answer's text has it."""
    return f"**{recommendation.title}** — {recommendation.reason}"


def notices(intent: Intent, shortlist: Shortlist | None, wording: Wording) -> tuple[str, ...]:
    """What a person should know about how the answer came about."""
    said = [
        f"I don't know “{title}”: it isn't in this catalogue. I used the words of it that I could."
        for title in intent.unknown_titles
    ]
    if shortlist is None:
        return tuple(said)
    if shortlist.relaxed:
        said.append(f"Too few {wording.items} fit everything, so I left out: {join(shortlist.relaxed)}.")
    if shortlist.weak_retrieval:
        said.append("Nothing here comes close to those words, so take these as guesses.")
    return tuple(said)


def nothing_left(wording: Wording) -> str:
    return f"No {wording.item} of this catalogue is left after everything that you ruled out. What may I allow again?"


def question(wording: Wording) -> str:
    """Asked when there is nothing to go on."""
    return (
        f"What are you in the mood for? Name a {wording.item} you loved, or a {wording.category}, a mood or a decade, "
        "and I'll take it from there."
    )


def small_talk(intent: Intent, wording: Wording) -> str:
    if intent.kind is TurnKind.THANK:
        return f"You're welcome. Come back whenever you need another {wording.item}."
    return f"I can only help with the {wording.items} of this catalogue. {question(wording)}"


def describe(preferences: Preferences, conjunction: str = "and") -> str:
    """Preferences as a phrase: "funny and romantic, Comedy, from 1980 to 1989, with Tom Hanks"."""
    parts = [
        join([str(mood) for mood in preferences.moods], conjunction),
        join(preferences.categories, conjunction),
        join([_years(years) for years in preferences.years], "or"),
        f"with or by {join(preferences.people, conjunction)}" if preferences.people else "",
        join([_bounds(name, bounds) for name, bounds in sorted(preferences.numbers.items())]),
        {Audience.DATE: "for a date", None: ""}.get(preferences.audience, f"for {preferences.audience}"),
    ]
    return ", ".join(part for part in parts if part)


def _years(years: Range) -> str:
    if years.first is None:
        return f"up to {years.last:g}"
    if years.last is None:
        return f"from {years.first:g} on"
    return f"from {years.first:g}" if years.first == years.last else f"from {years.first:g} to {years.last:g}"


def _bounds(name: str, bounds: Range) -> str:
    if bounds.first is None:
        return f"up to {bounds.last:g} {name}"
    if bounds.last is None:
        return f"at least {bounds.first:g} {name}"
    return f"{bounds.first:g} to {bounds.last:g} {name}"


def _titles(item_ids: Sequence[str], items: ItemTable) -> list[str]:
    return [items[item_id].title for item_id in item_ids if item_id in items]
