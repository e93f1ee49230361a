"""Bounds on the numbers that a catalogue's items have, such as a price or players; lengths in time stand elsewhere."""

import re
from collections.abc import Collection, Iterator

from agent.understand.lengths import is_subject, sided
from agent.understand.number_words import BELOW_TWENTY
from agent.understand.ranges import Bound
from agent.understand.text import fold, overlaps, phrases
from core.intent import Range
from index.facts import PRICES

_DIGITS = r"\d{1,7}(?:[.,]\d{1,2})?"
_NUMBER = rf"({_DIGITS})(?!\d)"
_SAID_NUMBER = rf"({_DIGITS}(?!\d)|(?:{'|'.join(BELOW_TWENTY)})(?!\w))"  # beside a unit, which "20eur" is glued to
_MONEY = phrases("money")
_UNDER = phrases("at_most")
_OVER = phrases("at_least")
_AROUND = phrases("around")
_AT_MOST_AFTER = r"(?:max(?:imum)?|tops|at (?:the )?most|or (?:less|under|below|cheaper|fewer)|budget)"
_AT_LEAST_AFTER = r"(?:or (?:more|over|above|longer)|at (?:the )?least|min(?:imum)?|and (?:up|above|over)|plus)"
# Behind these a bare number is no bound on what an item has: "under 18 years", "over 20 films".
_NO_UNIT = r"(?= ?(?:$|[.,!?;)]|(?:and|or|but|if|for|please|pls|would|is) ))"
# Amounts that are no wish: "I paid 20 euros", "lose ten pounds", "I read 100 pages of it".
_TOLD_BEFORE = re.compile(
    r"(?<!\w)(?:paid|spent|(?<!may )(?<!can )(?<!could )(?<!should )(?<!must )(?<!to )(?<!that )(?<!which )costs?|"
    r"los(?:e|t|ing)|gain(?:ed)?|weighs?|(?:i|ive|just|already|only) read)"
    r"(?: (?:me|us|only|just|about|around|almost))* $"
)
_TOLD_AFTER = re.compile(r" of (?:@\d|it|them)")

_MOST_SPELLED = 12  # players or years: whoever writes out more means something else
AGE = "min age"
PLAYERS_AND_AGES = ("min players", "max players", AGE)
_FEW = rf"(\d{{1,2}}|{'|'.join(word for word, number in BELOW_TWENTY.items() if number <= _MOST_SPELLED)})(?!\w)"
_PLAYER = r"(?:players?|persons?|people|adults|friends)"
_END = r"(?= ?(?:$|[.,!?;)]|(?:and|or|but|if|please|pls|with|under|that|which|who|tonight|from) ))"
# How many play: "2 to 4 players", "at least 5 people", "for four", "the two of us", "solo".
_PARTY = re.compile(
    rf"(?<![\w@~])(?:for |up to |at least |(?:there are|there is|we are|were) )?(?:the )?{_FEW}"
    rf"(?:(?: ?-)?(?: (?:to|or|and|-))? {_FEW})?(?: or more)?(?: -)? (?:{_PLAYER}|of us)(?!\w)|"
    rf"(?<![\w@~])for {_FEW}(?: (?:to|or) {_FEW})?{_END}|"
    r"(?<![\w@~])((?:playing |to play )?solo|single player|on my own|by myself|(?:play|playing) alone)(?!\w)"
)
_YEARS_OLD = r"(?:year olds?|yr olds?|yo|y o|years? olds?)"
_CHILD = r"(?:kids?|child|children|sons?|daughters?|nephews?|nieces?|boys?|girls?|grandson|granddaughter)"
# How old the youngest is: "my 6 year old", "ages 8 and up", "my daughter is seven".
_AGED = re.compile(
    rf"(?<![\w@~])(?:(?:for|my|our|a|an) )*{_FEW}(?: (?:and|or|to) {_FEW})? {_YEARS_OLD}(?!\w)(?: {_CHILD}(?!\w))?|"
    rf"(?<![\w@~])(?:ages?|aged) (?:of )?{_FEW}(?: ?(?:to|-|and|or)? {_FEW})?(?: ?\+| and (?:up|older|over))?|"
    rf"(?<![\w@~])(?:my |our )?{_CHILD} (?:who )?(?:is|are|of|just turned|turned|,) {_FEW}(?: (?:and|or) {_FEW})?"
)


class NumberFinder:
    """Reads bounds by the names of a catalogue's numbers, by money, and bare where only one number can be meant."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` are those of the numbers that items have."""
        self._price = next((name for name in names if fold(name) in PRICES), None)
        self._has_players = {"min players", "max players"} <= {*names}
        self._has_ages = AGE in names
        self._units = [(name, self._unit(name)) for name in names if name != "minutes"]
        others = [name for name, _ in self._units]
        self._bare = self._price or (others[0] if len(others) == 1 and "minutes" not in names else None)

    def find(self, text: str) -> Iterator[Bound]:
        """Every bound in folded text; each stretch of it is read once, the named ones first."""
        units = [*self._units, *([(self._bare, "")] if self._bare else [])]
        people = [*self._players(text), *self._ages(text)]
        yield from people
        claimed = [(bound.start, bound.end) for bound in people]
        for name, unit in units:
            for match, bounds in _bounds(text, unit, is_price=name == self._price):
                if not overlaps(match.span(), claimed):
                    claimed.append(match.span())
                    yield Bound(match.start(), match.end(), name, bounds)

    def _players(self, text: str) -> Iterator[Bound]:
        """How many must be able to play: the fewest and the most that an item is for lie around them."""
        for match in _PARTY.finditer(text) if self._has_players else ():
            said = [_few(word) for word in match.groups() if word]
            if not any(start <= match.start() < end for start, end in _spans(_AGED, text)):
                yield Bound(match.start(), match.end(), "min players", Range(last=min(said)))
                yield Bound(match.start(), match.end(), "max players", Range(first=max(said)))

    def _ages(self, text: str) -> Iterator[Bound]:
        for match in _AGED.finditer(text) if self._has_ages else ():
            youngest = min(_few(word) for word in match.groups() if word)
            yield Bound(match.start(), match.end(), AGE, Range(last=youngest))

    def _unit(self, name: str) -> str:
        """What may stand beside a number and says that this one is meant: "pages" and "page", "price" and "euros"."""
        words = re.escape(" ".join(re.findall(r"\w+", fold(name))))
        words = f"{words}?" if words.endswith("s") else words
        return f"(?:{words}|{_MONEY})" if name == self._price else words


def _few(word: str) -> float:
    return float(word if word.isdigit() else BELOW_TWENTY.get(word, 1))


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _bounds(text: str, unit: str, *, is_price: bool) -> Iterator[tuple[re.Match[str], Range]]:
    """The bounds that stand beside a unit: "20 to 40 euros", "price under 50", "at least 300 pages", "for 15 euros".

    Who names an amount of money and no side has that much to spend; "a 300 page book" has about as many. Without a unit
    ("") only what has a side counts: "under 50", "between 20 and 40".
    """
    number = _SAID_NUMBER if unit else _NUMBER
    before, after = (rf"(?:{unit} ?(?:is )?)?", rf"(?: ?{unit}(?!\w))?") if unit else ("", _NO_UNIT)
    value = f"{before}{number}{after}"
    # The hyphen of "20-40" parts words as a space does; beside a unit both numbers still belong together.
    joint = "(?: ?(?:and|to|-))? " if unit else " ?(?:and|to|-) ?"
    patterns = (
        (rf"(?:between |from )?{value}{joint}{value}", "between"),
        (rf"{before}{_UNDER} {value}", "under"),
        (rf"{before}{_OVER} {value}", "over"),
        (rf"{before}{_AROUND} {value}", "around"),
        (rf"{value} {_AT_MOST_AFTER}(?!\w)", "under"),
        (rf"{value} {_AT_LEAST_AFTER}(?!\w)", "over"),
        (value, "budget") if is_price else (rf"{number} ?{unit}(?!\w)", "around"),
    )
    for pattern, side in patterns if unit else patterns[:3]:
        for match in re.finditer(rf"(?<![\w@~.]){pattern}", text):
            if side in {"around", "budget"} and _is_told(text, *match.span()):
                continue
            numbers = sorted(_number(each) for each in match.groups() if each)
            named = bool(unit) and bool(re.search(rf"(?<![^\W\d]){unit}(?![^\W\d])", match.group()))
            cued = side != "between" or match.group().startswith(("between", "from"))
            if named or (not unit and cued and not _is_year(numbers)):
                yield match, Range(first=numbers[0], last=numbers[-1]) if side == "between" else sided(side, numbers[0])


def _is_told(text: str, start: int, end: int) -> bool:
    """Whether the amount at start..end is part of a story and no wish."""
    told = _TOLD_BEFORE.search(text[:start]) or _TOLD_AFTER.match(text, end)
    return bool(told) or is_subject(text, start, end)


def _number(said: str) -> float:
    return float(BELOW_TWENTY.get(said) or said.replace(",", "."))


def _is_year(numbers: list[float]) -> bool:
    return all(1800 <= number < 2100 for number in numbers)
