"""References into what was said before: "the second one", "not those", "it", and the marks that stand for them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.understand.masked import Masked

_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "sixth": 6, "6th": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "last": -1, "final": -1,
    "bottom": -1, "former": 1, "latter": -1, "middle": 0,
}  # fmt: skip
_COUNTS = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4, "couple": 2, "few": 3}
_ORDINAL = "|".join(_ORDINALS)
_NUMBER = "|".join(_COUNTS)
_THING = (
    r"(?: (?:one|ones|film|films|movie|movies|title|titles|suggestion|pick|option|recommendation|"
    r"of (?:them|these|those)))?"
)
_NOT_TIME = (
    r"(?! (?:night|week|year|time|month|weekend|summer|date|few|half|minute|minutes|hour|part|act|"
    r"season|try|thing|of all))"
)
_FEEL = (
    r"(?:seen|saw|watched|love|loved|loves|like|liked|likes|hate|hated|enjoy|enjoyed|adore|adored|know|"
    r"own|dislike|disliked|"
    r"didnt like|stand|rewatched|finished)"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message can refer to: the items of the last answer, and the item that was last spoken of."""

    answer: tuple[str, ...] = ()
    focus: str | None = None

    @property
    def single(self) -> str | None:
        """The one item that is meant where nothing says which."""
        return self.answer[0] if len(self.answer) == 1 else self.focus or next(iter(self.answer), None)


def _picked(shown: Sequence[str], ordinal: int, count: int = 1) -> tuple[str, ...]:
    if ordinal < 0:
        return tuple(shown[-count:])
    if ordinal == 0:
        ordinal = (len(shown) + 1) // 2
    return tuple(shown[ordinal - 1 : ordinal - 1 + count])


_SOME = re.compile(rf"(?<![\w@~])(?:the )?(first|last) ({_NUMBER}){_THING}(?!\w)")
_ONE = re.compile(rf"(?<![\w@~])(?:the )?(?:very )?({_ORDINAL}){_NOT_TIME}{_THING}(?!\w)(?! (?:names?|date))")
_NUMBERED = re.compile(r"(?<![\w@~])(?:the )?(?:number|no \.|nr|#|option) ?(\d{1,2})(?!\w)")
_BARE_NUMBER = re.compile(
    r"(?:^ ?|(?<!\w)(?:not|no|seen|skip|loved|liked|hated|watched|saw|and|or|,|compare|between|vs|versus|"
    r"with|about|why|more like|similar to|is|pick|take) )([1-9])"
    r"(?= ?(?:$|[.,!?;]|(?:and|or|vs|versus|with|to) (?:[1-9]|@\d+)(?!\w)|"
    r"(?:no|nope|seen|is|was|not|isnt|any|good|better)(?!\w)))"
)
_OTHERS = re.compile(
    r"(?<![\w@~])(?:the )?(?:other|others|rest)(?: (?:one|ones|two|three|film|movie))?(?= (?:no|not|"
    r"isnt|is not|is rubbish|looks|sounds|was|seen)(?!\w)|$| [.,!?])"
)
_NOT_OTHER = re.compile(
    r"(?<!\w)(?:not|seen|watched|saw|hated|loved|liked|about|and|made|directed|in|is|was|does|did) "
    r"(the other (?:one|ones|two|three|film|"
    r"movie))(?!\w)"
)
_ALL = re.compile(
    r"(?<![\w@~])(?:(?<!\w )all(?= seen| watched)|"
    r"(?<!\d )(?<!one )(?<!two )(?<!three )(?<!four )(?<!five )(?<!six )(?<!seven )(?<!eight )(?<!nine )(?<!ten )"
    r"(?<!some )of (?:them|these|those|the (?:two|three|\d))|"
    r"they(?= (?:are|were|suck|sucked|all))|theyre|(?:these|those|them)(?: (?:all|both|two|three|ones?|"
    r"movies|films|either))?|"
    r"all (?:three|four|five|two|\d|of it)|all of (?:them|these|those)|both|neither(?= (?:appeals|is|"
    r"one|please)))(?!\w)"
)
_THAT = re.compile(
    r"(?<![\w@~])(?:that one|this one|(?<=seen )that|(?<=saw )that|(?<=watched )that|(?<=loved )that|"
    r"(?<=hated )that|(?<=liked )that|"
    r"(?<=about )that|(?<=was )that|(?<=is )that|(?<=pick )that|(?<=not )that|(?<=directed )that|(?<=recommend )that|"
    r"(?<=suggest )that|(?<=recommended )that)(?= (?:one|film|movie))?(?: film| movie)?(?= (?:already|"
    r"before|last|and|too|yesterday|twice|as|for|with|please|suitable|good|"
    r"any good|funny|scary|violent|long|$)|$| [.,!?;])"
)
_IT_FELT = re.compile(
    rf"(?<!\w){_FEEL} (it)(?!\w)|(?<!\w)(?:is|was|does|did|of|about|in|directed|why|made|recommend|pick|"
    r"picked|suggest|know|for|long|watch) (it)(?= ?(?:$|[?.!,;]| (?:any|good|about|ok|okay|suitable|too|"
    r"appropriate|violent|scary|worth|last|long|expensive|cheap|pricey|come|run|take|costs?|a |"
    r"like|have|star|safe|fine|for (?:kids|my|a|me)|really|very|already|already|before|twice|so|by)))|"
    rf"(?<!\w)(its|it) (?=(?:was|is|bored|sucked|about|good|any|not for me|doesnt|isnt|put|made|sucks|rocks)(?!\w))"
)


_MEASURE = re.compile(r"(?<!\w)than @\d+")


class ReferenceFinder:
    """Replaces references by marks for the items that they mean."""

    def __init__(self, sequel: Callable[[str, int], str | None]) -> None:
        self._sequel = sequel

    def mask(self, masked: Masked, shown: Shown) -> None:
        """Mark references to the last answer first, then to titles of the message itself, then "it"."""
        if shown.answer:
            self._each(masked, _SOME, lambda match, _: _picked(shown.answer, _ORDINALS[match[1]], _COUNTS[match[2]]))
        self._each(masked, _ONE, lambda match, before: self._ordinal(match, before, shown))
        if shown.answer:
            self._each(masked, _NUMBERED, lambda match, _: _picked(shown.answer, int(match[1])))
            self._each(masked, _BARE_NUMBER, lambda match, _: _picked(shown.answer, int(match[1])), group=1)
            self._each(masked, _NOT_OTHER, lambda *_: _others(masked, shown), group=1)
            if any(masked.items):
                self._each(masked, _OTHERS, lambda *_: _others(masked, shown))
        self._each(masked, _ALL, lambda match, before: _several(match.group(), before, shown))
        self._each(masked, _THAT, lambda _, before: _single(before, shown))
        self._each(masked, _IT_FELT, lambda _, before: _single(before, shown))

    def _ordinal(self, match: re.Match[str], before: list[str], shown: Shown) -> tuple[str, ...]:
        ordinal = _ORDINALS[match[1]]
        if shown.answer:
            bare = match.group().strip() == match[1]
            if bare and ordinal == -1:
                return ()
            return _picked(shown.answer, ordinal)
        if before and ordinal > 0 and (sequel := self._sequel(before[-1], ordinal)):
            return (sequel,)
        return ()

    @staticmethod
    def _each(
        masked: Masked,
        pattern: re.Pattern[str],
        meant: Callable[[re.Match[str], list[str]], tuple[str, ...]],
        group: int = 0,
    ) -> None:
        """Mark every match that means items; `meant` gets the items that the message named before it."""
        offset = 0
        while match := pattern.search(masked.text, offset):
            text = masked.text
            start, end = match.span(group)
            if pattern is _IT_FELT:
                start, end = next(match.span(number) for number in (1, 2, 3) if match[number])
            # "Aliens is better than Alien, I love it": what is measured is meant, not its measure.
            before = _named_before(masked, _MEASURE.sub("", text[:start]) if pattern is _IT_FELT else text[:start])
            ids = meant(match, before)
            offset = match.end()
            if ids:
                first, last = masked.place(start), masked.place(end - 1)
                masked.mask_item(first, last, ids, referred=True)
                offset = start + 1


def _named_before(masked: Masked, text: str) -> list[str]:
    marks = [int(mark) for mark in re.findall(r"@(\d+)", text)]
    return [item_id for mark in marks for item_id in masked.items[mark]]


def _others(masked: Masked, shown: Shown) -> tuple[str, ...]:
    named = {item_id for ids in masked.items for item_id in ids}
    return tuple(item_id for item_id in shown.answer if item_id not in named)


def _several(phrase: str, before: list[str], shown: Shown) -> tuple[str, ...]:
    """As in "Both" and "them" mean what the message named before, else the last answer."""
    if phrase.startswith("they") and before:
        return tuple(dict.fromkeys(before[-2:] if len(before) > 2 else before))
    if len(before) > 1 and not phrase.startswith(("those", "these")):
        unique = list(dict.fromkeys(before))
        return tuple(unique[-2:] if "both" in phrase else unique)
    return shown.answer


def _single(before: list[str], shown: Shown) -> tuple[str, ...]:
    if before:
        return (before[-1],)
    return (shown.single,) if shown.single else ()
