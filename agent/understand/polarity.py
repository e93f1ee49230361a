"""What a message's words are said for: wished, forbidden, allowed again, or neither; how far a "no" reaches."""

import re
from enum import StrEnum

from agent.understand.text import phrase_pattern


class Polarity(StrEnum):
    WISH = "wish"
    VETO = "veto"
    LIFT = "lift"  # takes a veto back without wishing ("musicals are fine again")
    IGNORE = "ignore"  # said, but not wanted either way ("instead of a comedy")


_NEGATION = phrase_pattern("negation")
# "Non-violent" negates its word and nothing behind it; a category "Non-fiction" begins before its reach, and is wished.
_NON = re.compile(r"(?<!\w)non (\w+)")
# "He has a headlamp already": what is there is not wanted once more.
_HAS_ALREADY = re.compile(
    r"(?<!\w)(?:has|have|had|got|owns?|ive|hes|shes|weve)(?: got)? (?:(?!not |never )[\w~-]+ ){1,4}already(?!\w)|"
    r"(?<!\w)already (?:has|have|got|own|owns)(?: (?!what|which)[\w~-]+){1,3}"
)
_INSTEAD_OF = re.compile(r"(?<!\w)(?:instead of|rather than|as opposed to)(?!\w)")
_LIFT = re.compile(
    r"(?<!\w)(?:(?:dont|do not|wouldnt) mind|(?:can|may|could|do) include|allow|include|ok with|okay with|fine with|"
    r"can also be|changed my mind about)(?!\w)"
)
_STOP = re.compile(
    r"[.!?;:()]|(?<!\w)(?:but|though|otherwise|instead|rather|(?<!not )so|because|however|yet|just|only|"
    r"please|then)(?!\w)"
)
_OPENER = re.compile(
    r"(?<!\w)(?:something|anything|some|more|maybe|perhaps|ideally|preferably|prefer|want|wants|give|"
    r"recommend|suggest|love|like|"
    r"need|looking|i|we|id|im|make|a good|what|whats|which|any|from|in|under|max|at least|"
    r"with(?! (?:subtitles|any|a lot)))(?!\w)"
)
_TIME = re.compile(r"(?:early |mid |late |the )*(?:(?:18|19|20)?\d0 ?s|(?:18|19|20)\d\d|\w+ties)(?!\w)")
_JOINT = re.compile(r"^ ?(?:,|and|or|nor|/|&|plus)(?!\w)")


def polarities(text: str) -> list[Polarity]:
    """The polarity of every character: negations reach to the end of their list or clause."""
    result = [Polarity.WISH] * (len(text) + 1)
    for pattern, polarity in ((_LIFT, Polarity.LIFT), (_NEGATION, Polarity.VETO), (_INSTEAD_OF, Polarity.IGNORE)):
        for match in pattern.finditer(text):
            if polarity is Polarity.LIFT or result[match.start()] is not Polarity.LIFT:
                end = _scope_end(text, match.end())
                result[match.start() : end] = [polarity] * (end - match.start())
    for match in _HAS_ALREADY.finditer(text):
        result[match.start() : match.end()] = [Polarity.VETO] * (match.end() - match.start())
    for match in _NON.finditer(text):
        result[match.start(1) : match.end()] = [Polarity.VETO] * len(match[1])
    return result


def _scope_end(text: str, start: int) -> int:
    """Where the reach of a negation ends: at the clause's end, or at a comma behind which something else begins."""
    stop = _STOP.search(text, start + 1)
    end = stop.start() if stop else len(text)
    for separator in re.finditer(r" (?:,|and|-) ", text[start:end]):
        rest = text[start + separator.end() : end]
        if _OPENER.match(rest) or not _JOINT.match(separator.group()):
            return start + separator.start()
        if _TIME.match(rest) and not _TIME.search(text[start : start + separator.start()]):
            return start + separator.start()  # "not gory, 90s": another kind of wish
        if separator.group() == " , " and not _continues_list(rest):
            return start + separator.start()
    return end


def _continues_list(rest: str) -> bool:
    """After a comma a negation goes on only in a list that "or", "nor" or "and" closes: "no horror, war or crime"."""
    return bool(
        re.match(
            r"(?!for )(?:\w+ ){1,3}(?:, (?!for )(?:\w+ ){1,3})*,? ?(?:or|nor|and(?! \w+ (?:from|with|please)))(?!\w)",
            rest,
        )
    ) or bool(re.match(r"(?:or|nor)(?!\w)", rest))
