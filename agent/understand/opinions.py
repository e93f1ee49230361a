"""What a masked message says of its items: liked, disliked, seen, turned down, or a measure for something like it."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from agent.understand.masked import ITEM, Masked
from agent.understand.text import phrases


class Role(StrEnum):
    """The part that an item plays in a message."""

    LIKED = "liked"
    DISLIKED = "disliked"
    SEEN = "seen"
    REJECTED = "rejected"
    SIMILAR = "similar_to"


@dataclass(slots=True)
class Opinions:
    """Roles by mark. An item without a role was only named."""

    roles: dict[int, Role] = field(default_factory=dict)
    similar_too: set[int] = field(default_factory=set)  # liked, and also a measure: "loved it, anything like it?"


_WHO = (
    r"(?:i|we|you|they|he|she|who|also|really|both|wife|husband|mum|mom|dad|son|daughter|brother|sister|friends?|"
    r"parents|kids|boys|girls|grandma|grandpa|did|do|much|always|quite|just|ive always|family|"
    r"girlfriend|boyfriend|children)"
)
_DISLIKED = phrases("disliked")
_LIKED = phrases("liked")
_SEEN = phrases("seen")
_SIMILAR = phrases("similar")
_TURNED_DOWN = phrases("turned_down")
_UNSEEN = (
    r"(?:havent|have not|hasnt|never|(?<!rather )not|want to|wanted to|going to|should|could|would|ill|well|"
    r"lets)(?: \w+)? (?:seen|watched|see|watch|saw)"
)


def _trigger(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@~])(?:{pattern})(?![\w@])")


# Python's look-behind needs one width, so "like" as a verb has a pattern of its own.
_VERB_LIKE = _trigger(
    rf"{_WHO} (?:really |also |do |quite |very much |still |both )?like(?! to\b| a\b| something\b|"
    r" an\b)(?: very much| a lot)?"
)
_WOULD_LIKE = re.compile(r"(?:would|id|wed|you) (?:\w+ )?like$|something i like$|if you like$")
_PREFIXES: tuple[tuple[Role | None, re.Pattern[str]], ...] = (
    (None, _trigger(_UNSEEN)),
    (Role.DISLIKED, _trigger(_DISLIKED)),
    (Role.LIKED, _VERB_LIKE),
    (
        Role.LIKED,
        _trigger(_LIKED),
    ),
    (Role.SEEN, _trigger(_SEEN)),
    (Role.REJECTED, _trigger(_TURNED_DOWN)),
    (Role.SIMILAR, _trigger(_SIMILAR)),
)
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
_CLAUSE_END = re.compile(r"[.!?;]|(?<!\w)(?:but|whereas|while|although|on the other hand)(?!\w)")
_GLUE = re.compile(
    r"^(?: |,|\"|“|”|'|\*|:|any|none|all|and|or|&|/|\+|the|a|also|both|plus|as well as|too|nor|neither|"
    r"either|of|maybe|even|especially|like|with|movies?|films?)*$"
)


def find_opinions(masked: Masked, skip: list[tuple[int, int]], answered: frozenset[str]) -> Opinions:
    """The role of each mark; marks within `skip` (questions) have none. `answered` holds the items of our answers."""
    text = masked.text
    triggers = _triggers(text)
    opinions = Opinions()
    marks = list(re.finditer(ITEM, text))
    for place, match in enumerate(marks):
        number = int(match.group()[1:])
        if any(start <= match.start() < end for start, end in skip):
            continue
        following = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        # Words that judge the next item say nothing of this one: "@0 i adore , cant stand @1".
        ours = next((start for start, end, _ in triggers if _leads_to(text, end, following)), following)
        role = _after(text, match.end(), max(ours, match.end())) or _before(text, match.start(), triggers)
        if role is None:
            role = _shared(text, place, marks, opinions)
        ids = masked.items[number]
        if role is Role.DISLIKED and number in masked.referred and _PRESENT_DISLIKE.search(text[: match.start()]):
            role = Role.REJECTED  # "don't like those": turned down, not judged
        if role is Role.REJECTED and not set(ids) & answered:
            # "Heat yes, speed no" and "loved @0 but not @1" are opinions of what was never offered; "by ~0 but not @0"
            # leaves it out of what is offered now.
            if _is_measure(ids, masked, opinions):
                continue  # "like @0 but not @0 itself"
            judged = _SAID_NO.match(text[match.end() :]) or _listed_dislike(text, match.start())
            role = Role.DISLIKED if judged else Role.REJECTED
        if role is not None:
            opinions.roles[number] = role
    return opinions


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


def _is_measure(ids: tuple[str, ...], masked: Masked, opinions: Opinions) -> bool:
    """Whether something like these items was asked for already."""
    measures = {item for mark, role in opinions.roles.items() if role is Role.SIMILAR for item in masked.items[mark]}
    return bool(ids) and measures.issuperset(ids)


def _leads_to(text: str, end: int, following: int) -> bool:
    """Whether only glue stands between a trigger's end and the item at `following`."""
    return end <= following < len(text) and bool(_GLUE.match(text[end:following]))


_PRESENT_DISLIKE = re.compile(r"(?:dont|do not) (?:really )?(?:like|fancy|love) (?:any |either |all )?$")


_SAID_NO = re.compile(r"^ ?[,?]? ?(?:no|nope|nah)(?= ?(?:$|[.,!;]))")
_OVER_AND_OVER = re.compile(r"^ (?:every (?:day|week|year)|again and again|over and over|on repeat)(?!\w)")
_SAID_YES = re.compile(r"^ ?[,?]? ?(?:yes|yeah|yep|yup)(?= ?(?:$|[.,!;]| always| definitely| please))")


def _listed_dislike(text: str, start: int) -> bool:
    """As in "I loved @0 but not @1": what was turned down was never offered, so the opinion is turned round."""
    return bool(re.search(r"(?:love|loved|like|liked|enjoyed)\W.* (?:but )?not $", text[:start]))


def _triggers(text: str) -> list[tuple[int, int, Role | None]]:
    """(start, end, role) of every trigger; where two overlap, the earlier pattern of the table wins."""
    found: list[tuple[int, int, Role | None]] = []
    for role, pattern in _PREFIXES:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end, _ in found):
                continue
            if pattern is _VERB_LIKE and _WOULD_LIKE.search(text[: match.end()]):
                continue
            found.append((match.start(), match.end(), role))
    return sorted(found, key=lambda trigger: trigger[0])


def _before(text: str, start: int, triggers: list[tuple[int, int, Role | None]]) -> Role | None:
    """The role that the nearest trigger before an item gives it, within its clause."""
    for _, end, role in reversed([trigger for trigger in triggers if trigger[1] <= start]):
        between = text[end:start]
        if _CLAUSE_END.search(between):
            return None
        if role in {Role.SIMILAR, Role.REJECTED} and not _GLUE.match(re.sub(ITEM, "", between)):
            continue
        if _OFF_TOPIC.search(between):
            return None
        return role
    return None


_OFF_TOPIC = re.compile(r"(?<!\w)(?:want|need|looking|recommend|suggest|something|watch|by|wants|wanted)(?!\w)")


def _after(text: str, end: int, following: int) -> Role | None:
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


def _shared(text: str, place: int, marks: list[re.Match[str]], opinions: Opinions) -> Role | None:
    """An item in a list shares the role of its neighbours: the one before, else the one behind."""
    if place:
        before = marks[place - 1]
        if _GLUE.match(text[before.end() : marks[place].start()]) or re.match(
            r"^ too(?!\w)", text[marks[place].end() :]
        ):
            return opinions.roles.get(int(before.group()[1:]))
    end = marks[place].end()
    for later in range(place + 1, len(marks)):
        if not _GLUE.match(text[end : marks[later].start()]):
            return None
        end = marks[later].end()
        following = marks[later + 1].start() if later + 1 < len(marks) else len(text)
        if role := _after(text, end, following):
            return role
    return None
