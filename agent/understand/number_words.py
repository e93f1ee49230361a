"""Numbers that are written out, as digits: "ninety", "twenty-five", "a hundred and ten", "nineteen ninety-four".

Below twenty a word stays a word by itself: "one", "two" and "ten" count things, and patterns of this step know them.
"""

from collections.abc import Sequence

_UNITS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine".split(), start=1)
}  # fmt: skip
_TEENS = {
    word: number
    for number, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=10
    )
}
BELOW_TWENTY = _UNITS | _TEENS
_TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_DECADES = frozenset("twenties thirties forties fifties sixties seventies eighties nineties".split())
_NOTES = {"tenner": "$10", "fiver": "$5"}  # money, whatever its currency
_CENTURIES = {"eighteen": 18, "nineteen": 19, "twenty": 20}


def spelled(words: Sequence[str], place: int) -> tuple[int, str]:
    """How many words from `place` on are one number, and the number in digits; 0 where none begins.

    The century of a decade is part of it: "nineteen eighties" are two words that mean "eighties".
    """
    first, *rest = words[place : place + 6]
    if first in _NOTES:
        return 1, _NOTES[first]
    if first in {"a", "one"} and rest[:1] and rest[0] in _NOTES:
        return 2, _NOTES[rest[0]]
    if first == "nineteen" and rest[:1] and rest[0] in _DECADES:
        return 2, rest[0]
    size, number = _below_hundred(rest)
    if first in _CENTURIES and number >= 10:
        return 1 + size, str(100 * _CENTURIES[first] + number)
    if first in {"a", "one", *_UNITS} and rest[:1] in (["hundred"], ["thousand"]):
        return _large(first, rest)
    size, number = _below_hundred(words[place : place + 2])
    return (size, str(number)) if number >= 20 else (0, "")


def _large(first: str, rest: Sequence[str]) -> tuple[int, str]:
    """Such as "a hundred and ten" and "two thousand"."""
    number = _UNITS.get(first, 1) * (100 if rest[0] == "hundred" else 1000)
    joint = 1 if rest[1:2] == ["and"] else 0
    size, more = _below_hundred(rest[1 + joint : 3 + joint])
    return (2 + joint + size, str(number + more)) if size else (2, str(number))


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    """(how many words, the number) at the start of some words; (0, 0) where there is none."""
    if not words:
        return 0, 0
    if words[0] in _TENS:
        unit = _UNITS.get(words[1], 0) if len(words) > 1 else 0
        return (2, _TENS[words[0]] + unit) if unit else (1, _TENS[words[0]])
    number = BELOW_TWENTY.get(words[0], 0)
    return (1, number) if number else (0, 0)
