"""How many items a message asks for: "five comedies", "just one", "a couple", "three of them"."""

import re

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "a dozen": 12, "a pair of": 2,
    "a single": 1, "half a dozen": 6, "a pair": 2, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_MOST = 50  # more are no wish for so many items
_SPREAD = 5  # between the numbers of "five or ten"
_SPELLED = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_NUMBER = rf"{_SPELLED}|\d{{1,2}}"
# Things of which a number may be asked; "@" and "~" are never among them.
_THING = (
    r"(?:movies?|films?|flicks?|books?|titles?|recommendations?|recs?|suggestions?|ideas?|options?|picks?|items?|novels?|"
    r"comed(?:y|ies)|thrillers?|westerns?|dramas?|musicals?|cartoons?|documentar(?:y|ies)|romances?|ones?|"
    r"coats?|songs?|albums?|games?|classics?|horrors?|things?|choices?|stories)"
)
_JUST_ONE = re.compile(
    r"(?<![\w@~])(?:just|only|exactly) (?:give me |show me |need |want )?one(?!\w)|"
    r"(?<![\w@~])one (?:movie|film|book|title|recommendation|suggestion|pick|item|game|album|product|place|restaurant)"
    r"(?!\w)|(?<!\w)a single (?:movie|film|book|one|title|recommendation|suggestion|item|game|album|product|place)|"
    r"^ ?one (?:will do|would do|is (?:enough|fine)|suffices)(?!\w)|(?<!\w)only (?:need|want) one(?!\w)"
)
_COUNTED = re.compile(
    rf"(?<![\w@~.#])(?<!the )(?<!last )(?<!first )(?<!those )(?<!these )({_NUMBER}) (?:(?!of|or|and|year|"
    rf"years|yr|hours?|minutes?|stars?|day|days|nights?|people|kids|pages|euros?|"
    rf"dollars?|pounds?|bucks)[a-z]+ ){{0,3}}?{_THING}(?!\w)"
)
_GIVEN = re.compile(
    r"(?:give me|gimme|show me|recommend(?: me)?|suggest(?: me)?|name|list|(?<!my )(?<!our )top|want|need|just|only|"
    r"send me|pick(?: me)?|(?<!i )(?<!we )(?<!dont )(?<!didnt )like|find me) "
    rf"(?:the |a |another |about |around )?({_NUMBER})(?: more| others?| instead)?"
    r"(?= ?(?:please|pls|$|[.,!?]|of|to|that|with|from|for|like|good|great|more|"
    r"others?|instead|similar))"
)
_BARE = re.compile(
    rf"(?:^|[.,!?] )(?:ok|okay|say|like|about|maybe|around|just|only|make it) ({_NUMBER})(?: or so)?(?= ?(?:$|[.,!?]))"
)
_MORE = re.compile(rf"(?<![\w@~])(?:another )?({_NUMBER}) (?:more|others?|different|new ones|please|pls)(?!\w)")
# "Comedies, three of them", but not "I have seen three of them".
_OF_THEM = re.compile(rf"(?:^|[.,;:!?]) ?(?:(?:just|only|maybe|say|and) )*({_NUMBER}) of (?:them|those|these|@)(?!\w)")
_ONLY_COUNTS = re.compile(
    r"^ ?(?:(?:ok|okay|now|and|so|please|pls|just|only|can|could|you|give|gimme|show|send|find|pick|name|list|me|us|"
    r"i|we|want|need|have|make|it|id|like|say|about|maybe|the|then|well|a|few|pair|,|\d{1,2}|one|two|three|four|five|"
    r"six|seven|eight|nine|ten|twelve|fifteen|twenty|dozen|half|couple|or|more|another|thanks|of|of @\d*|them|"
    r"those|these|at least|top|best|instead)(?: |(?=[.!?]|$)))+[.!?]* ?$"
)
# "Comedies, a couple".
_LAST = re.compile(rf"[,;:] ?(?:(?:just|only|maybe|say) )?({_SPELLED}) ?[.!]* ?$")
_ANY = re.compile(rf"(?<!\w)({_NUMBER})(?!\w)")


def find_count(text: str) -> int | None:
    """How many items folded text asks for."""
    if _JUST_ONE.search(text):
        return 1
    for pattern in (_COUNTED, _GIVEN, _MORE, _OF_THEM, _BARE, _LAST):
        for match in pattern.finditer(text):
            number = _value(match[1])
            if number == 1 and pattern not in (_MORE, _OF_THEM):
                continue
            if 0 < number <= _MOST:
                return number
    # "Two or three" are three; "20-40" is about something else.
    said = [_value(match[1]) for match in _ANY.finditer(text)] if only_counts(text) else []
    return max(said) if said and 1 < max(said) <= _MOST and max(said) - min(said) <= _SPREAD else None


def only_counts(text: str) -> bool:
    """Whether a message asks for a number of items and says nothing else: "give me 7", "just three please"."""
    return bool(_ONLY_COUNTS.match(text))


def _value(word: str) -> int:
    return _NUMBERS.get(word) or (int(word) if word.isdigit() else 0)
