"""How a masked message asks for items: whether it stands by itself, or changes, adds to or picks from what there was.

A message that names the kind of item that it wants ("a crime novel in German", "recommend me a comedy") is a search of
its own. One that leans on what was said ("but funnier", "from the 90s", "one with Tom Hanks") changes the search.
"""

import re
from collections.abc import Iterable

from agent.understand.text import phrase_pattern, phrases

_REQUEST = phrase_pattern("request")
_FOR_SOMEONE = re.compile(r"^ ?for (?:my|a|the|two|us|me)(?!\w)")
_ONLY_FOR_WHAT = re.compile(r"^ ?for the(?: [\w-]+){1,3} ?[.!]*$")
# A wish in no words that are known here: "a red dress for a wedding", "the one where a doll is jealous".
_NAMES_A_THING = re.compile(
    r"^ ?(?:(?:ok|okay|well|hm|hmm|now|then|and|but|maybe|perhaps|or|please|just|,) )*"
    r"(?:(?:with |for )?(?:an?|some)|the (?:one|movie|film|book|game)s? (?:where|with|about|in which)|without) \w+"
)
_OFF_TOPIC = phrase_pattern("off_topic")
_PICKS = phrase_pattern("picks")
_TURNS_DOWN_FIRST = re.compile(
    r"^ ?(?:(?:hm|hmm|well|sorry|oh|thats|,) )*"
    rf"(?:{phrases('refuses')}|(?:none|neither|not|no) (?:of )?@\d+)(?= ?[,.!;:-])"
)
_FRESH = phrase_pattern("fresh")
_CONTINUES = phrase_pattern("continues")
_ALTERS = phrase_pattern("alters")
_STRONGLY_FRESH = phrase_pattern("strongly_fresh")
_SENTENCE = re.compile(r"[^.!?;:\n]+")
# Said before what is asked for; "how about" only proposes a change, unless more is said than a kind.
_LEAD = phrases("asks_for")
_PROPOSES = re.compile(r"(?<!\w)(?:how|what) about (?!\w*s )")
_KIND = "¤"  # a word for a kind of item, whichever it was
_THINGS = re.compile(rf"(?<![\w@~]){phrases('things')}(?!\w)")
_NO_ADJECTIVE = "(?:no|not|nothing|and|but|or|with|without|only|just|from|in|on|by|of)"
_THE_FARTHEST = r"(?:what(?:s| is| are) )?(?:the|your) (?:(?:most|least|best|worst|highest|lowest|top) \w+|\w+est)"
# A noun phrase that opens its sentence: "a crime novel", "any good westerns", "3 funny thrillers", "war films".
_WHOLE = re.compile(
    rf"^ ?(?:{_LEAD} |, )*(?:(?:an?|some|any|two|three|four|five|\d\d?|{_THE_FARTHEST})"
    rf"(?: (?P<between>(?:[\w~-]+ ){{0,5}}?))??|"
    rf"(?P<bare>)(?:(?!{_NO_ADJECTIVE} )[\w~]+ ){{0,2}}?) ?{_KIND}"
)
_COMPARED = re.compile(
    r"(?<!\w)(?:more|less|different|similar|other|bit|little|(?:old|new|short|long|dark|light|cheap|few|small|larg|larger|"
    r"bigg|great|strong|fast|slow|smart|weird|sad|warm|sweet|clever|strang)er|\w+ier)(?!\w)"
)
# What ties a sentence to the one before, whatever kind of item it names.
_LEANS = re.compile(
    r"(?<!\w)(?:instead|also|as well|another|others?|same|again|else|either|ones?|those|these|them|similar|"
    r"more like|(?<!too )too(?= ?(?:$|[.,!?])))(?!\w)"
)
_CORRECTS = re.compile(r"^ ?(?:(?:hm|hmm|well|sorry|no|thats|,) )*not (?:quite|exactly|really|what)(?!\w)")


def requests(text: str) -> bool:
    """Whether a message asks for items in some words."""
    named = _NAMES_A_THING.match(text) and "?" not in text
    return bool(_FOR_SOMEONE.match(text) or named or _REQUEST.search(text)) and not is_off_topic(text)


def says_for_what(text: str) -> bool:
    """Whether a message only says what items are for: "for the bedroom"."""
    return bool(_ONLY_FOR_WHAT.match(text))


def adds(text: str) -> bool:
    """Whether a wish joins the ones before it: "now with a dog", "without a dog"."""
    return bool(re.match(r" ?(?:(?:ok|okay|now|and|but|maybe|then|,) )*with(?:out)?(?!\w)", text))


def is_off_topic(text: str) -> bool:
    """Whether a message is about what no item can be, such as the weather."""
    return bool(_OFF_TOPIC.search(text))


def alters(text: str) -> bool:
    """Whether a request only makes sense beside the one before it: "another one", "a comedy instead"."""
    return bool(_ALTERS.search(text))


def picks(text: str) -> bool:
    """Whether a request chooses among what was shown instead of asking for more: "only those from the 90s"."""
    return bool(_PICKS.search(text))


def turns_down_first(text: str) -> bool:
    """Whether a message begins by turning down what was shown, and goes on: "no, …", "not quite. …"."""
    return bool(_TURNS_DOWN_FIRST.match(text))


def starts_anew(text: str, categories: Iterable[tuple[int, int]], *, wishes: int) -> bool:
    """Whether a request stands on its own rather than changing the wishes behind the last answer.

    `categories` are the stretches of the text that name one, and `wishes` says how many wishes it holds.
    Whoever turns the answer down first ("not quite, I want …") still wants what they asked for.
    """
    if _STRONGLY_FRESH.search(text):
        return True
    if _names_a_kind(text, categories, wishes):
        return True
    # "Too scary, recommend me …": what is said of the last answer before the request doesn't continue it.
    # "For my kids" by itself only says for whom.
    asks = next((cue for cue in _FRESH.finditer(text) if cue.start() > 1 or not _FOR_SOMEONE.match(text)), None)
    start = max((text.rfind(sign, 0, asks.start()) for sign in ".!?;,"), default=-1) + 1 if asks else 0
    return bool(asks) and not (_CONTINUES.search(text, start) or turns_down_first(text))


def _names_a_kind(text: str, categories: Iterable[tuple[int, int]], wishes: int) -> bool:
    """Whether a sentence asks for a kind of item by name, and leans on nothing before it."""
    if _CORRECTS.match(text):
        return False
    for start, end in categories:
        kind = f"{_KIND}s" if text[start:end].endswith("s") else _KIND
        text = text[:start] + kind.ljust(end - start, "\0") + text[end:]
    text = _THINGS.sub(lambda match: f"{_KIND}s" if match.group().endswith("s") else _KIND, text).replace("\0", "")
    return any(_is_whole(match.group(), wishes) for match in _SENTENCE.finditer(text))


def _is_whole(sentence: str, wishes: int) -> bool:
    found = _WHOLE.match(sentence)
    if found is None or _LEANS.search(sentence) or turns_down_first(sentence):
        return False
    if found["between"] and _COMPARED.search(found["between"]):
        return False
    # "Comedies" alone, and "how about a comedy", may only change the kind; with more beside it they say it all.
    alone = wishes < 2
    return not (alone and (found["bare"] is not None or _PROPOSES.search(sentence)))
