"""The opinion in the words behind an item: "was great", "? seen it", "meh". The words before it are read elsewhere."""

import re

from agent.understand.role import Role
from agent.understand.text import phrases

_GOOD = phrases("good")
_BAD = phrases("bad")
PREDICATE = re.compile(rf"(?P<good>(?<!\w){_GOOD}(?!\w))|(?P<bad>(?<!\w){_BAD}(?!\w))")
_REFUSED_AFTER = re.compile(
    r"^ ?(?:\?|,|-)? ?(?:lol |haha |hmm )?(?:(?:no|nope|nah)(?= ?(?:$|[.,!;]|thanks|way|sorry|please))|"
    r"isnt for me|is not for me|not for me|no thanks|are not for me|arent for me|appeals? to me|"
    r"(?:is|are) out(?= ?(?:$|[.,!;]))|(?:looks?|sounds?|seems?) (?:\w+ )?(?:boring|bad|awful|terrible|dull|stupid)|"
    r"(?:do not|dont|does not|doesnt|did not|didnt) (?:really )?(?:appeal|interest|look|sound|excite|tempt|convince|"
    r"grab|do it)|n?either(?= ?(?:$|[.,!;])))(?!\w)"
)
_SEEN_AFTER = re.compile(
    r"^ ?(?:\?|,|-|:|i|we|ive|weve|have|already|both|all|too|\(| )*(?:seen|saw|watched|know)(?: (?:it|"
    r"that|them|those|already|both|all|\)))*(?: |$)"
)
_SIMILAR_AFTER = re.compile(
    r"^ ?,? ?(?:or )?(?:that|those) (?:sort|kind|type) of (?:thing|stuff|film|movie)s?(?!\w)|"
    r"^ ?(?:- )?(?:but(?= (?!i |it |we |@|honestly|they|my|not |he |she |hated|loved|didnt|did |then|"
    r"thought|found|cant|never|have|ive|also|that|the|other))|type|style|vibes?|esque|ish|"
    r"kind of (?:thing|stuff|movie|film)|sort of (?:thing|film)|"
    r"with(?! (?:my|the|our|\d|two|three|four|five|subtitles|friends|kids|family))|meets|only|"
    r"just (?:funnier|older|newer))(?!\w)"
)
_OVER_AND_OVER = re.compile(r"^ (?:every (?:day|week|year)|again and again|over and over|on repeat)(?!\w)")
_SAID_YES = re.compile(r"^ ?[,?]? ?(?:yes|yeah|yep|yup)(?= ?(?:$|[.,!;]| always| definitely| please))")


def role_after(text: str, end: int, following: int) -> Role | None:
    """The role that the words right behind an item give it: "was great", "? seen it", "but funnier"."""
    rest = text[end:]
    if _REFUSED_AFTER.match(rest):
        return Role.REJECTED
    if _SAID_YES.match(rest) or _OVER_AND_OVER.match(rest) or re.match(r" (?:\w+ )?fans?(?: here)?(?!\w)", rest):
        return Role.LIKED
    if _SEEN_AFTER.match(rest) and not re.match(r" ?[,.]? ?(?:i|we|ive|weve)? ?(?:seen|saw|watched) @", rest):
        opinion = _judged(text, end, following)
        return opinion or Role.SEEN
    opinion = _judged(text, end, following)
    if opinion:
        return opinion
    if following == len(text) and (late := _LATE_VERDICT.match(rest)):
        return Role.LIKED if late["good"] else Role.DISLIKED
    if _SIMILAR_AFTER.match(rest) and not re.search(
        r"(?<!\w)(?:love|loved|liked|enjoyed|seen|watched|watch|saw|hated?|raves?|about)(?!\w)", text[:end]
    ):
        return Role.SIMILAR
    return None


_VERDICT_OPENS = re.compile(
    r"^ ?(?:,|-|:|\(|\.\.\.)? ?(?:(?:it|that|they|which|who|this|and|so|i|we|ive|honestly|thought|think|"
    r"find|found|actually|still|basically|however|now|all|both|one|just|though|ones?|really|totally|always|"
    r"movies?|films?|then|last|night|already|again|wow|too|in|me|my|used|to|old) ?,? )*?"
    r"(?:is|was|are|were|isnt|wasnt|werent|close|bored|bore|sucks?|sucked|rocks?|rocked|rules|ruled|made|"
    r"makes|moved|put|puts|has|had|still|always|not|never|blew|gets|felt|feels|could|its|theyre|"
    r"i (?:love|loved|adore|adored|enjoyed|liked|hate|hated|disliked|dislike|find|found|thought|could|"
    r"cant|couldnt)|"
    r"we (?:love|loved|adored|enjoyed|liked|hated)|(?:love|loved|adore|hate|hated|liked|enjoyed|"
    r"disliked|loving) (?:it|that|them)|awful|terrible|horrible|great|brilliant|boring|amazing|rubbish|"
    r"best|worst|didnt|did not|cant|so|also|overrated|absolute|a|an|one of|my|let|didn|did)(?!\w)"
)


# "fargo: wow", "titanic (boring)", "shine 9/10": a verdict without a verb.
_PLAIN_VERDICT = re.compile(
    rf"^ ?(?:[:=(-]|\.\.\.) ?(?:\w+ ){{0,2}}?(?:{_GOOD}|{_BAD})(?!\w)|"
    r"^ ?[:=(-]? ?(?:\d\d? / (?:10|5)|[0-5] stars?)(?!\w)"
)


# "Aladdin meh": a clause that holds an item and a verdict, and nothing else.
_ALONE = re.compile(r"(?:^|[.,!;]|(?<!\w)(?:and|but)) ?@\d+$")
_JUST_A_VERDICT = re.compile(rf"^ (?:{_GOOD}|{_BAD})(?= ?(?:$|[.,!;]))")


def _judged(text: str, end: int, following: int) -> Role | None:
    """The opinion in the rest of an item's clause."""
    rest = text[end:following]
    stop = re.search(
        (
            r"[.!?;](?! \.)|(?<!\w)(?:but|whereas|although|so (?:something|what)|and (?:i|we) (?:want|need)|"
            r"something|anything|recommend)(?!\w)"
        ),
        rest,
    )
    rest = rest[: stop.start()] if stop else rest
    if following < len(text) and not stop and not _FULL_PREDICATE.match(rest):
        # What leads over to the next item belongs to that one.
        rest = re.sub(r"(?:,| and | or )(?:(?!,| and | or ).)*$", "", rest) if re.search(r",| and | or ", rest) else ""
    opens = _VERDICT_OPENS.match(rest) or _PLAIN_VERDICT.match(rest)
    if not opens and not (_ALONE.search(text[:end]) and _JUST_A_VERDICT.match(text[end:])):
        return None
    verdicts = list(PREDICATE.finditer(rest))
    if not verdicts:
        return None
    last = verdicts[-1]
    good = last["good"] is not None
    if re.search(r"(?<!\w)(?:not|wasnt|isnt|never|werent|arent|hardly)(?: \w+){0,2} $", rest[: last.start()]) and good:
        good = False
    return Role.LIKED if good else Role.DISLIKED


# "seen @0 already, never again, so boring": a verdict without a subject.
_LATE_VERDICT = re.compile(
    r"^(?: (?!but|and|so|i |we )\w+){0,4} ?(?:,|and|-)"
    r"(?: (?:wow|omg|just|absolutely|really|so|it|man|and|i|we|such an?|what an?|,)){0,4} "
    r"(?:(?P<good>loved (?:every|all)|love it|great|brilliant|amazing|fantastic|cant get enough|loved|so good)|"
    r"(?P<bad>never again|boring|hated (?:every|all)|awful|terrible|hated|rubbish|so bad))(?! @)(?!\w)"
)
_FULL_PREDICATE = re.compile(
    r"^ ?,? ?(?:(?:which|that|it|i|we|thought|is|was|are|were|has|had|still|always|bored|sucks?|sucked|"
    r"made|moved|rocks?|not|put)(?!\w))"
)


_NOTHING_ELSE = re.compile(
    r"^ ?(?:(?:oh|yes|yeah|well|hm|hmm|honestly|actually|it was|it is|was|its|really|so|very|absolutely|quite|pretty|"
    r"just|not|i|we|wasnt|isnt|didnt|a|,|\.|!) )*$"
)


def verdict(text: str) -> Role | None:
    """The opinion in an answer to "how was it?", which names no item."""
    found = PREDICATE.search(text)
    if not found or not _NOTHING_ELSE.match(text[: found.start()]):
        return None
    is_good = found["good"] is not None and not re.search(r"(?<!\w)(?:not|wasnt|isnt|didnt) ", text[: found.start()])
    return Role.LIKED if is_good else Role.DISLIKED
