"""What messages do that are short and lean on what came before: "similar ones", "nah, too cheesy"."""

import re

from agent.understand.asking import aspect
from agent.understand.requests import is_off_topic
from agent.understand.text import fold, phrase_pattern
from core.intent import Asked

# A question of an item that names none: "how long?", "who directed".
_BARE_QUESTION = re.compile(
    r"^ ?(?:(?:ok|okay|so|and|hm|hmm|but|,) )*(?:how long|(?:what|which) (?:year|genre)|"
    r"who (?:directed|made|stars?|plays)|any good|what kind|how much(?: money)?|"
    r"(?:whats |what is )?(?:the |its )?(?:plot|story|runtime|director|cast|genre|rating|price|cost)) ?\?* ?$"
)
_FORGETS = phrase_pattern("forgets")
_LEAVES_CHOICE = phrase_pattern("leaves_choice")
_SIMILAR_ONES = re.compile(
    r"^ ?(?:(?:ok|okay|and|so|now|any|some|more|other|others|show|give|find|recommend|suggest|me|us|got|have|you|do|"
    r"is|there|are|can|could|i|we|want|need|something|anything|stuff|films?|movies?|books?|ones?|,) )*"
    r"(?:similar|like (?:that|it|this)(?: one)?)(?: (?:ones?|films?|movies?|books?|stuff|things?|items?|please|pls|"
    r"thanks|there|,))* ?(?:[.!?]* ?$|(?:, )?but )"
)
_SAME_OF_ANOTHER = re.compile(
    r"^ ?(?:(?:ok|okay|so|hm|hmm|then|now|but|well|,) )*"
    r"(?:(?:and |or )?(?:what|how) (?:about|of) (?:the )?@\d+(?: then)? ?[?.!]* ?$|"
    r"(?:and|or) (?:the )?@\d+(?: then)? ?\? ?$)"
)
_PICKS_ONE = re.compile(
    r"^ ?(?:(?:ok|okay|so|and|hm|hmm|well|maybe|then|yes|yeah|,) )*(?:the )?@\d+"
    r"(?: (?:then|please|pls|maybe|i guess))* ?[.!?]* ?$"
)
_COMPLAINS_OF_ALL = re.compile(
    r"^ ?(?:(?:hm|hmm|well|sorry|oh|ugh|but|its|theyre|these are|those are|they are|all|a bit|way|still|,) )*"
    r"(?:no|nope|nah|meh|ugh|yuck|boring|too|not)(?! (?:idea|problem|worries|one|sure|bad|yet|really sure|now))(?!\w)"
)
_TASTE = re.compile(
    r"^ ?(?:(?:well|hm|hmm|and|also|but|because|so|she|he|they|we|i|my|our|\w+) ){1,4}?"
    r"(?:really |also |just |do |does )?(?:loves?|likes?|adores?|enjoys?|(?:is|are|am|im|shes|hes|were|theyre) into)"
    r" (?!to |it|that|this|them|those|these|you|your|how|what|the (?:first|second|third|last))\w+"
)


def bare_aspect(sentence: str) -> Asked | None:
    """What a whole sentence asks about the item that was last spoken of, without a word for it: "how long?"."""
    return aspect(sentence) if _BARE_QUESTION.match(sentence) else None


def forgets(text: str) -> bool:
    """Whether a message, as it was typed, asks to forget what the person said; not what the program was told."""
    plain = fold(text)
    return bool(_FORGETS.search(plain)) and not re.search(
        r"(?<!\w)(?:instructions?|prompts?|rules|system)(?!\w)", plain
    )


def without_forgetting(text: str) -> str:
    """What a message says beside asking to forget: the clauses that don't."""
    return "".join(part for part in re.split(r"(?<=[,.;!?])", text) if not _FORGETS.search(fold(part)))


def leaves_choice(text: str) -> bool:
    """Whether a message, as it was typed, leaves the choice to us: "surprise me", "the best you have"."""
    return bool(_LEAVES_CHOICE.search(fold(text)))


def asks_for_similar(text: str) -> bool:
    """Whether a message asks for others like what it doesn't name: "similar ones", "anything similar?"."""
    return bool(_SIMILAR_ONES.match(text))


def asks_the_same(sentence: str) -> bool:
    """Whether a sentence only puts another item into the question before it: "and @0?", "what about @0"."""
    return bool(_SAME_OF_ANOTHER.match(sentence))


def picks_one(text: str) -> bool:
    """Whether a message is nothing but an item: "the middle one", "the first one then"."""
    return bool(_PICKS_ONE.match(text))


def complains(text: str) -> bool:
    """Whether a message turns down what was shown in words of its own: "nah, too cheesy", "too predictable"."""
    return bool(_COMPLAINS_OF_ALL.match(text)) and not is_off_topic(text) and "?" not in text


def tells_taste(text: str) -> bool:
    """Whether a message says what someone likes, in words that are no title: "she loves animals"."""
    return bool(_TASTE.match(text)) and not is_off_topic(text) and "?" not in text
