"""The words of questions about items: what a masked sentence asks, and whether it compares."""

import re

from agent.understand.masked import ITEM
from agent.understand.text import phrase_pattern, phrases
from core.intent import Asked

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
_FARTHEST_OF = re.compile(
    r"(?<!\w)(?:\w+est|(?:most|least) \w+|(?:best|worst|highest) rated)(?: one)?,? (?:(?:of|among|from) )?@\d+"
)
_INSTEAD_OF = re.compile(r"(?:instead of|rather than|and not|over|but not) (?:the )?@(\d+)")
_OPENS_WHY = re.compile(r" ?(?:(?:so|and|ok|okay|but|hm|hmm|,) )*(?:why|how come|how did|what moved|what made)(?!\w)")
_WHICH_IS = re.compile(
    r"^ ?(?:(?:ok|okay|so|and|hm|hmm|but|,) )*which(?:s| is| are|) (?:the )?(?:\w+er|\w+est|best|better|"
    r"(?:more|most|less|least) \w+) ?[?.!]* ?$"
)


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
    if _SIDE_BY_SIDE.search(sentence) or _FARTHEST_OF.search(sentence):
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
