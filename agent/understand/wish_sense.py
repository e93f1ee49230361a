"""What the words around a wish make of it: whether it is meant, taken back, or holds whatever the person seeks."""

import re
from dataclasses import replace

from agent.understand.numbers import PLAYERS_AND_AGES
from agent.understand.polarity import Polarity
from agent.understand.text import phrases
from agent.understand.wishes import Wish
from core.intent import Audience, Range

_LIFT_AFTER = re.compile(
    r"^(?: (?:films?|movies?|ones|ok|okay|fine|allowed|are|is|it))* (?:are|is|ok|okay|fine|"
    r"allowed)(?: \w+)? ?(?:again|after all|now|$|[.,!])|^(?: \w+)? (?:again|after all)(?!\w)"
)
# An item that is spoken of ("@0 was hilarious") is described, not wished for.
_DESCRIBED = re.compile(
    r"@\d+(?: ,? ?(?:which|that|it|also|still|really|i|thought|think|find|found|all|both|too))* (?:is|"
    r"was|are|were|made|makes|has|had|sounds|looks|seems|being|as)(?!\w)[^.!?;,@]*$"
)
_DESCRIPTION_ENDS = re.compile(r"(?<!\w)(?:but|so|need|want|wants|something|give|recommend|now)(?!\w)")


def meant(wish: Wish, end: int, text: str, polarity: list[Polarity]) -> Wish:
    """The wish as it is meant where it stands: wished for, forbidden, allowed again, or only described."""
    meant = polarity[wish.start]
    phrase = text[wish.start : end]
    if wish.field == "moods" and meant is Polarity.WISH and _is_described(text, wish.start):
        meant = Polarity.IGNORE
    if wish.field == "audience" and wish.value is Audience.ADULTS:
        meant = Polarity.WISH
    if (
        wish.field == "numbers"
        and wish.name not in PLAYERS_AND_AGES
        and isinstance(wish.value, Range)
        and not re.fullmatch(r"short|quick|.*long|lengthy", phrase)
    ):
        meant = Polarity.WISH
    if wish.field == "years" and isinstance(wish.value, Range) and re.match(r"(?:no|not) ", phrase):
        # "not older than 1980" forbids what lies before.
        return Wish(wish.start, wish.field, _opposite(wish.value), Polarity.VETO)
    if meant is not Polarity.VETO and _LIFT_AFTER.match(text[end:]) and wish.field in {"categories", "people", "facts"}:
        meant = Polarity.LIFT
    return Wish(wish.start, wish.field, wish.value, meant, wish.name)


def _opposite(bounds: Range) -> Range:
    if bounds.first is not None:
        return Range(last=bounds.first - 1)
    return Range(first=(bounds.last or 0) + 1)


def _is_described(text: str, start: int) -> bool:
    match = _DESCRIBED.search(text[:start])
    return bool(match) and not _DESCRIPTION_ENDS.search(match.group() if match else "")


_CORRECTION = re.compile(
    r"(?<!\w)(?:no ,? ?wait|wait ,? ?no|no ,? ?sorry|sorry ,? ?i meant?|i meant?|(?:scratch|scrap) that|make that|"
    r"or rather|correction)(?!\w)"
)


def corrected(found: list[Wish], text: str) -> list[Wish]:
    """Where the person corrects themselves, what they say after it replaces what they said before of the same field."""
    correction = _CORRECTION.search(text)
    if correction is None:
        return found
    renewed = {wish.field for wish in found if wish.start >= correction.end()}
    return [
        replace(wish, polarity=Polarity.IGNORE) if wish.start < correction.start() and wish.field in renewed else wish
        for wish in found
    ]


_STANDING = re.compile(rf"(?<!\w){phrases('standing')}(?!\w)[^.!?;]*")


def standing(found: list[Wish], text: str) -> list[Wish]:
    """The wishes, where those behind words such as "we always watch" are marked, up to their sentence's end."""
    stretches = [match.span() for match in _STANDING.finditer(text)]
    return [replace(wish, stands=any(start <= wish.start < end for start, end in stretches)) for wish in found]
