"""What is said to someone who neither asks for items nor about them: greetings, thanks, questions about the program.

Each answer follows from the message's words and from what is known of the person; none is generated.
"""

from agent.limits import unknown_facts
from agent.phrases import describe, question
from agent.understand.languages import foreign_language
from agent.understand.short_messages import forgets
from agent.understand.text import fold, phrase_pattern
from core.artifacts import Wording
from core.intent import Intent, TurnKind
from core.item import ItemTable
from core.turn import TurnRequest
from index.phrases import join

MOST_TITLES = 8
_GREETS = phrase_pattern("greets")
_WHO = phrase_pattern("asks_who_you_are")
_WHAT = phrase_pattern("asks_what_you_can")
_KNOWS = phrase_pattern("asks_what_you_know")
_OFF_TOPIC = phrase_pattern("off_topic")
_ONLY_ENGLISH = {
    "german": "Ich verstehe leider nur Englisch.",
    "spanish": "Lo siento, solo entiendo inglés.",
    "french": "Désolé, je ne comprends que l'anglais.",
    "italian": "Mi dispiace, capisco solo l'inglese.",
    "portuguese": "Desculpe, só entendo inglês.",
    "dutch": "Sorry, ik begrijp alleen Engels.",
}


def small_talk(intent: Intent, request: TurnRequest, wording: Wording, items: ItemTable) -> str:
    """The answer to the last message of a conversation."""
    text = request.said
    return _of_the_person(text, intent, request, wording, items) or _of_other_things(text, request, wording, items)


def _of_the_person(text: str, intent: Intent, request: TurnRequest, wording: Wording, items: ItemTable) -> str:
    if forgets(text):
        return f"{_forgotten(request, wording)} {question(wording, items)}"
    if _KNOWS.search(fold(text)):
        return _known(intent, request, wording, items)
    if intent.kind is TurnKind.THANK and "?" not in text:
        return f"You're welcome. Come back whenever you need another {wording.item}."
    return ""


def _of_other_things(text: str, request: TurnRequest, wording: Wording, items: ItemTable) -> str:
    plain = fold(text)
    if missing := unknown_facts(text, items, wording):
        return f"{missing[0]} {_next(request, wording, items)}"
    if foreign := only_english(text):
        return f"{foreign} {question(wording, items)}"
    if _WHAT.search(plain) or _WHO.search(plain):
        about_us = _ABILITIES if _WHAT.search(plain) else _NATURE
        told = about_us.format(item=wording.item, items=wording.items, count=len(items))
        return f"{told} {question(wording, items)}"
    if _OFF_TOPIC.search(plain):
        only = f"I can't help with that: I know only the {wording.items} of this catalogue."
        return f"{only} {_next(request, wording, items)}"
    if _GREETS.match(plain.strip()):
        return f"Hello! I'm here to find you {wording.items} from this catalogue. {question(wording, items)}"
    if any(letter.isalpha() for letter in text) and len(request.messages) > 1:
        return f"Sorry, I didn't understand that. {_next(request, wording, items)}"
    return f"I'm here to find you {wording.items} from this catalogue. {question(wording, items)}"


def only_english(text: str) -> str:
    """Says, in the language of a message where it isn't English, that only English is understood; empty else."""
    language = foreign_language(text)
    return f"{_ONLY_ENGLISH.get(language, '')} I understand only English so far.".strip() if language else ""


_NATURE = (
    "I'm Tastemaker, a program and no person. I recommend from the {count:,} {items} of this catalogue and from "
    "nothing else, and each reason that I give rests on its data."
)
_ABILITIES = (
    "I find you {items} from this catalogue by what you like, don't like and are in the mood for. Then you can say "
    "what to change (“older”, “funnier”, “not the second one”), ask about a {item} (“why that one?”, "
    "“compare 1 and 2”), or ask what I know about you."
)


def _next(request: TurnRequest, wording: Wording, items: ItemTable) -> str:
    """What can be said now: of the answer that there is, where there is one."""
    if any(message.item_ids for message in request.messages):
        return (
            f"Say what to change, such as “older”, “funnier” or “no horror”, or ask about one of the {wording.items}."
        )
    return question(wording, items)


def _forgotten(request: TurnRequest, wording: Wording) -> str:
    kept = [f"the {wording.items} that you chose before"] if request.history else []
    kept += ["your thumbs"] if request.feedback else []
    still = f" I still go by {join(kept)}." if kept else ""
    return f"I go by nothing of what you said in this chat any more.{still}"


def _known(intent: Intent, request: TurnRequest, wording: Wording, items: ItemTable) -> str:
    """All that answers go by, in the person's words."""
    by_title = (
        ("you like", intent.liked),
        ("you don't like", intent.disliked),
        ("you have seen", intent.seen),
        ("you turned down", intent.rejected),
        ("you look for something like", intent.similar_to),
    )
    said = [f"{words} {_titles(item_ids, items)}" for words, item_ids in by_title if item_ids]
    if wishes := describe(intent.wishes, order=intent.order):
        said.append(f"you want: {wishes}")
    if vetoes := describe(intent.vetoes, conjunction="or"):
        said.append(f"you don't want: {vetoes}")
    if intent.query:
        said.append(f"you said “{intent.query}”")
    if request.history:
        noun = wording.item if len(request.history) == 1 else wording.items
        said.append(f"you chose {len(request.history)} {noun} before")
    if not said:
        return f"Nothing yet. {question(wording, items)}"
    listed = "; ".join(said)
    return f"This is all that I go by: {listed}. Say “forget what I said” and I drop what comes from this chat."


def _titles(item_ids: tuple[str, ...], items: ItemTable) -> str:
    titles = [items[item_id].title for item_id in item_ids if item_id in items]
    more = len(titles) - MOST_TITLES
    return join([*titles[:MOST_TITLES], *([f"{more} more"] if more > 0 else [])])
