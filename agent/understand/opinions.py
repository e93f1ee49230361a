"""What a masked message says of its items: liked, disliked, seen, turned down, or a measure for something like it."""

import re
from dataclasses import dataclass, field

from agent.understand.masked import ITEM, Masked
from agent.understand.role import Role
from agent.understand.text import overlaps, phrases
from agent.understand.verdicts import role_after


@dataclass(slots=True)
class Opinions:
    """Roles by mark. An item without a role was only named."""

    roles: dict[int, Role] = field(default_factory=dict)


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
_CLAUSE_END = re.compile(r"[.!?;]|(?<!\w)(?:but|whereas|while|although|on the other hand)(?!\w)")
_GLUE = re.compile(
    r"^(?: |,|\"|“|”|'|\*|:|any|none|all|and|or|&|/|\+|the|a|also|both|plus|as well as|too|nor|neither|"
    r"either|of|maybe|even|especially|like|with|movies?|films?)*$"
)
_PRESENT_DISLIKE = re.compile(r"(?:dont|do not) (?:really )?(?:like|fancy|love) (?:any |either |all )?$")
_SAID_NO = re.compile(r"^ ?[,?]? ?(?:no|nope|nah)(?= ?(?:$|[.,!;]))")


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
        role = role_after(text, match.end(), max(ours, match.end())) or _before(text, match.start(), triggers)
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


def _is_measure(ids: tuple[str, ...], masked: Masked, opinions: Opinions) -> bool:
    """Whether something like these items was asked for already."""
    measures = {item for mark, role in opinions.roles.items() if role is Role.SIMILAR for item in masked.items[mark]}
    return bool(ids) and measures.issuperset(ids)


def _leads_to(text: str, end: int, following: int) -> bool:
    """Whether only glue stands between a trigger's end and the item at `following`."""
    return end <= following < len(text) and bool(_GLUE.match(text[end:following]))


def _listed_dislike(text: str, start: int) -> bool:
    """As in "I loved @0 but not @1": what was turned down was never offered, so the opinion is turned round."""
    return bool(re.search(r"(?:love|loved|like|liked|enjoyed)\W.* (?:but )?not $", text[:start]))


def _triggers(text: str) -> list[tuple[int, int, Role | None]]:
    """(start, end, role) of every trigger; where two overlap, the earlier pattern of the table wins."""
    found: list[tuple[int, int, Role | None]] = []
    for role, pattern in _PREFIXES:
        for match in pattern.finditer(text):
            if overlaps(match.span(), ((start, end) for start, end, _ in found)):
                continue
            if (pattern is _VERB_LIKE or role is Role.SIMILAR) and _WOULD_LIKE.search(text[: match.end()]):
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
        if role := role_after(text, end, following):
            return role
    return None
