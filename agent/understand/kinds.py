"""What a message does, from all that was found in it. Its questions, requests and opinions are read elsewhere."""

import re

from agent.understand import requests, short_messages
from agent.understand.context import Context
from agent.understand.counts import only_counts
from agent.understand.reading import Reading
from agent.understand.role import Role
from agent.understand.search_words import names_subject
from agent.understand.text import phrase_pattern, phrases
from core.intent import TurnKind

_THANK = phrase_pattern("thank")
_INJECTION = phrase_pattern("injection")
_REFUSES = re.compile(
    rf"^ ?(?:(?:hm|hmm|well|sorry|oh|,) )*{phrases('refuses')}"
    r"(?: (?:thanks?|thank you|sorry|way|please|none|next|no|on that|,|\.))*(?: |[.!,?]|$)+$|"
    r"(?<!\w)(?:already seen|seen (?:them|those|these|all)|not (?:those|these)|none of)(?!\w)"
)
# "Something with dogs" says nothing of the kind of item, so it adds to what was said.
_SOMETHING = re.compile(r"^ ?(?:(?:ok|okay|hm|hmm|well|maybe|perhaps|and|but|now|,) )*(?:something|anything)(?! else)")
# "About dogs", "in red": more of what was asked for, and nothing by itself.
_QUALIFIES = re.compile(
    r"^ ?(?:(?:ok|okay|and|but|maybe|now|,) )*(?:in|of|about|on|at|near|made of|set in|for) (?:an? |the )?"
)
_MORE = re.compile(r"(?<!\w)(?:more|others?|another|next|else|different ones?)(?!\w)")


def thanks(text: str) -> bool:
    """Whether a message thanks, accepts or takes leave."""
    return bool(_THANK.search(text))


def is_injection(text: str) -> bool:
    """Whether a sentence tries to give orders to the program; it is data like the rest, and holds no request."""
    return bool(_INJECTION.search(text))


def wants_others(text: str) -> bool:
    """Whether a message asks for more, or for others than were shown."""
    return bool(_MORE.search(text))


def kind_of(rest: str, reading: Reading, context: Context, *, stands_alone: bool) -> TurnKind:
    """What a message does that asks nothing about items; `rest` is its text without questions.

    `stands_alone`: it is a request that leans on nothing before it (`requests.starts_anew`).
    """
    recommend = TurnKind.REFINE if context.has_answer else TurnKind.RECOMMEND
    roles = {role for _, role in reading.roles}
    if reading.wants:
        # "Give me 7" alone is about the answer there is, though "give me" else begins something new.
        only_count = not reading.wishes.changes and not reading.similar_to and not roles and only_counts(rest)
        return TurnKind.RECOMMEND if stands_alone and not only_count else recommend
    about_answer = any(item_id in context.shown.answer for item_id, _ in reading.roles)
    if context.has_answer and (about_answer or Role.REJECTED in roles or Role.SEEN in roles):
        return TurnKind.REJECT
    if roles or reading.unknown_titles:
        return TurnKind.RECOMMEND
    return _kind_of_words(rest, context, recommend, stands_alone=stands_alone)


def _kind_of_words(rest: str, context: Context, recommend: TurnKind, *, stands_alone: bool) -> TurnKind:
    """What a message does that names no item and no wish that is known."""
    if context.has_answer and _REFUSES.search(rest):
        return TurnKind.REJECT
    if thanks(rest) and not stands_alone:
        return TurnKind.THANK
    if requests.requests(rest):
        leans = requests.adds(rest) or requests.turns_down_first(rest) or _SOMETHING.match(rest)
        continues = leans or wants_others(rest) or only_counts(rest) or requests.says_for_what(rest)  # "a few"
        return recommend if continues else TurnKind.RECOMMEND
    if context.has_answer and short_messages.complains(rest):
        return TurnKind.REJECT
    subject = _QUALIFIES.sub("", rest) if context.has_answer else rest
    if short_messages.tells_taste(rest) or (names_subject(subject) and not requests.is_off_topic(rest)):
        return recommend
    return TurnKind.OTHER
