"""What a masked message does: asks, compares, thanks, requests. Its wishes and opinions are read elsewhere."""

import re

from agent.understand.masked import ITEM
from agent.understand.text import phrase_pattern, phrases
from core.intent import Asked

# A question that hangs on a statement by a comma is a sentence of its own: "seen it, who made it?".
_SENTENCE = re.compile(r"(?: , )?(?:(?! , (?:who|whos|what|whats|when|how|why) )[^.!?;\n])+[.!?;]*")
# The first aspect that fits counts: "is it any good for kids" asks about the audience.
_ASPECTS = tuple(
    (asked, re.compile(rf"(?<![\w@~]){phrases(f'asks_{asked}')}(?!\w)"))
    for asked in (
        Asked.MOVE,
        Asked.WHY_NOT,
        Asked.WHY,
        Asked.DIRECTOR,
        Asked.CAST,
        Asked.PRICE,
        Asked.LENGTH,
        Asked.YEAR,
        Asked.AUDIENCE,
        Asked.CATEGORY,
        Asked.PLOT,
        Asked.RATING,
    )
)
_QUESTION_WORDS = phrase_pattern("question_words")
_NOT_ASKING = re.compile(
    r"(?<!\w)(?:something|anything|anything else|films?|movies?|stuff|ones?|more|else|others?|comed(?:y|"
    r"ies)|there|similar|thrillers?|ideas?) (?:\w+ ){0,2}(?:like|similar to|close to|along|"
    r"in the vein)(?!\w)|"
    r"^(?: |ok|and|so|now|please|hi|hey|hello|,)*(?:(?:can|could|would) you (?:\w+ )?)?(?:recommend|"
    r"suggest|find|give|show)(?!\w)|what (?:else|next|should|can|could|shall|other)|similar to|if (?:i|"
    r"you) like|what about something|how about something|is there (?:anything|something)|whats like|what is like|"
    r"(?:something|anything|any|some|films?|movies?|ones?|stuff) (?:\w+ ){0,2}(?:\w+er|(?:more|less) \w+) than(?!\w)"
)
_TELL = phrase_pattern("tell")
_HAVE = re.compile(
    r"(?<!\w)(?:have you (?:got|seen|heard of|ever heard of)|do you (?:have|know|like|stock|carry)|"
    r"you got|got|is there|you have|do you think of|what do you think (?:of|about)|whats with|"
    r"what about|how about|is) (?:the (?:movie|film) )?@\d+"
)
_COMPARE = phrase_pattern("compare")
_SIDE_BY_SIDE = re.compile(r"@\d+ (?:\w+ )*?(?:and|with|or|to) (?:the )?@\d+ (?:\w+ )*?side by side")
_COMPLAINS = re.compile(r"(?<!\w)you (?:left out|forgot|skipped|missed|omitted|ignored|excluded) (?:the )?@\d+")
# Questions about an answer of ours rather than about an item.
_ABOUT_ANSWERS = frozenset([Asked.WHY, Asked.WHY_NOT, Asked.MOVE])
_INSTEAD_OF = re.compile(r"(?:instead of|rather than|and not|over|but not) (?:the )?@(\d+)")
_OPENS_WHY = re.compile(r" ?(?:(?:so|and|ok|okay|but|hm|hmm|,) )*(?:why|how come|how did|what moved|what made)(?!\w)")
_THANK = phrase_pattern("thank")
_REQUEST = phrase_pattern("request")
_FOR_SOMEONE = re.compile(r"^ ?for (?:my|a|the|two|us|me)(?!\w)")
# A wish in no words that are known here: "a red dress for a wedding", "the one where a doll is jealous".
_NAMES_A_THING = re.compile(
    r"^ ?(?:(?:ok|okay|well|hm|hmm|now|then|and|but|maybe|perhaps|or|please|just|,) )*"
    r"(?:(?:with |for )?(?:an?|some)|the (?:one|movie|film|book|game)s? (?:where|with|about|in which)|without) \w+"
)
_WHICH_IS = re.compile(
    r"^ ?(?:(?:ok|okay|so|and|hm|hmm|but|,) )*which(?:s| is| are|) (?:the )?(?:\w+er|\w+est|best|better|"
    r"(?:more|most|less|least) \w+) ?[?.!]* ?$"
)
_OFF_TOPIC = phrase_pattern("off_topic")
_INJECTION = phrase_pattern("injection")
_PICKS = phrase_pattern("picks")
_TURNS_DOWN_FIRST = re.compile(
    r"^ ?(?:(?:hm|hmm|well|sorry|oh|thats|,) )*"
    rf"(?:{phrases('refuses')}|(?:none|neither|not|no) (?:of )?@\d+)(?= ?[,.!;:-])"
)
_FRESH = phrase_pattern("fresh")
_CONTINUES = phrase_pattern("continues")
_ALTERS = phrase_pattern("alters")
_STRONGLY_FRESH = phrase_pattern("strongly_fresh")


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a masked text."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def asked_about(sentence: str) -> Asked | None:
    """What a sentence asks about its items, or None when it asks nothing about them."""
    marks = re.findall(ITEM, sentence)
    if not marks or _NOT_ASKING.search(sentence):
        return None
    if _COMPLAINS.search(sentence):
        return Asked.WHY_NOT
    if _TELL.search(sentence):
        found = aspect(sentence)
        return found if found in _ABOUT_ANSWERS else Asked.GENERAL
    opens = _QUESTION_WORDS.search(sentence)
    if not opens or (not sentence.rstrip().endswith("?") and not _opens_question(sentence)):
        return None
    if re.search(
        (
            r"(?<!\w)(?:(?:i|we|they) (?:\w+ )?(?:love|like|hate)|loved|hate|hated|liked|enjoyed|"
            r"(?<!havent )(?<!never )(?<!not )seen|watched|cant stand|did not|do not)(?!\w)"
        ),
        sentence,
    ) and not re.match(r" ?(?:so |and |ok |but )?(?:who|what|when|why|which|how|have you|whos|whats)(?!\w)", sentence):
        return None
    return aspect(sentence) or (
        Asked.GENERAL
        if _HAVE.search(sentence) or re.match(r" ?(?:what|who|how|is|are|does|do|did|was)", sentence)
        else None
    )


def asks_about_answer(sentence: str) -> Asked | None:
    """What a question without a title asks about our last answer, such as "why did they move?"."""
    found = aspect(sentence) if _OPENS_WHY.match(sentence) else None
    return found if found in (Asked.MOVE, Asked.WHY_NOT) else None


def preferred_mark(sentence: str) -> int | None:
    """The mark of the item that was passed over: "why these instead of @3?"."""
    found = _INSTEAD_OF.search(sentence)
    return int(found[1]) if found else None


def aspect(sentence: str) -> Asked | None:
    """The first aspect of an item that a sentence names."""
    return next((asked for asked, pattern in _ASPECTS if pattern.search(sentence)), None)


def _opens_question(sentence: str) -> bool:
    return bool(
        re.match(
            (
                r" ?(?:(?:so|and|ok|okay|but|hm|hmm|well|hey|hi|also|btw|by the way|wait|oh|now|please|,|"
                r"one question|question|:) )*"
                r"(?:who|whos|what|whats|when|whens|why|which|how|is|are|was|were|does|did(?! not)|do(?! not)|can|"
                r"could|would|should|have you|has|explain|do you|got)(?!\w)"
            ),
            sentence,
        )
    )


def compares(sentence: str) -> bool:
    """Whether a sentence asks which of its items to take; it must name two items, or a reference to several."""
    if not re.search(ITEM, sentence) and not re.search(r"(?<!\w)which (?:one|of)", sentence):
        return bool(_WHICH_IS.match(sentence))
    if _SIDE_BY_SIDE.search(sentence):
        return True
    if _NOT_ASKING.search(sentence) or re.search(
        r"(?<!\w)(?:like|loved|love|hated|hate|seen|watched|similar)(?!\w)(?! better)", sentence
    ):
        return False
    if re.match(
        r"^ ?(?:the )?@\d+ (?:or|vs|versus) (?:the )?@\d+(?: (?:tonight|then|today|first|for \w+(?: \w+)?))? ?[?]* ?$",
        sentence,
    ):
        return True
    asking = (
        sentence.rstrip().endswith("?")
        or _opens_question(sentence)
        or bool(re.search(r"(?<!\w)(?<!\d )(?:which|whats better)(?!\w)", sentence))
    )
    if re.search(r"(?<!\w)(?:what|which) (?:kind|genre|year|sort|type)(?!\w)", sentence):
        return False
    return (asking and bool(_COMPARE.search(sentence))) or bool(
        re.search(r"(?<!\w)(?:compare|(?:difference|decide|torn|choose) between|which (?:one|of))(?!\w)", sentence)
    )


def thanks(text: str) -> bool:
    """Whether a message thanks, accepts or takes leave."""
    return bool(_THANK.search(text))


def requests(text: str) -> bool:
    """Whether a message asks for items in some words."""
    named = _NAMES_A_THING.match(text) and "?" not in text
    return bool(_FOR_SOMEONE.match(text) or named or _REQUEST.search(text)) and not is_off_topic(text)


def adds(text: str) -> bool:
    """Whether a wish joins the ones before it: "now with a dog", "without a dog"."""
    return bool(re.match(r" ?(?:(?:ok|okay|now|and|but|maybe|then|,) )*with(?:out)?(?!\w)", text))


def is_off_topic(text: str) -> bool:
    return bool(_OFF_TOPIC.search(text))


def is_injection(text: str) -> bool:
    """Whether a sentence tries to give orders to the program; it is data like the rest, and holds no request."""
    return bool(_INJECTION.search(text))


def alters(text: str) -> bool:
    """Whether a request only makes sense beside the one before it: "another one", "a comedy instead"."""
    return bool(_ALTERS.search(text))


def picks(text: str) -> bool:
    """Whether a request chooses among what was shown instead of asking for more: "only those from the 90s"."""
    return bool(_PICKS.search(text))


def turns_down_first(text: str) -> bool:
    """Whether a message begins by turning down what was shown, and goes on: "no, …", "not quite. …"."""
    return bool(_TURNS_DOWN_FIRST.match(text))


def starts_anew(text: str) -> bool:
    """Whether a request stands on its own rather than changing the wishes behind the last answer.

    Whoever turns the answer down first ("not quite, I want …") still wants what they asked for.
    """
    if _STRONGLY_FRESH.search(text):
        return True
    return bool(_FRESH.search(text)) and not (_CONTINUES.search(text) or turns_down_first(text))
