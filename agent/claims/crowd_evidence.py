"""Evidence about a crowd as numbers: reads back the sentences that `index.evidence` writes."""

import re
from dataclasses import dataclass

from core.evidence import Evidence, EvidenceKind

_RATING = re.compile(r"rated (\d+(?:\.\d+)?) of (\d+)(?: by ([\d,]+) (?:people|person))?")
_CHOSEN = re.compile(r"^([\d,]+) (?:people|person) chose it")
_TOGETHER = (
    re.compile(r"^People who chose (?P<title>.+) often chose it too: (?P<both>[\d,]+) of (?P<of>[\d,]+)"),
    re.compile(r"^Of (?P<of>[\d,]+) people who chose (?P<title>.+), (?P<both>[\d,]+) also chose it"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a piece of evidence says of a crowd, as numbers; None where it doesn't say."""

    id: str
    mean: float | None = None
    top: float | None = None
    people: int | None = None  # who rated it, or chose it
    title: str = ""
    both: int | None = None
    of: int | None = None

    @property
    def is_rating(self) -> bool:
        return self.mean is not None


def read(evidence: Evidence) -> Told | None:
    """The numbers of a sentence about a crowd; None for any other sentence."""
    if evidence.kind is not EvidenceKind.CROWD:
        return None
    if match := _RATING.search(evidence.text):
        people = _int(match[3]) if match[3] else None
        return Told(evidence.id, mean=float(match[1]), top=float(match[2]), people=people)
    for pattern in _TOGETHER:
        if match := pattern.search(evidence.text):
            return Told(evidence.id, title=match["title"], both=_int(match["both"]), of=_int(match["of"]))
    match = _CHOSEN.search(evidence.text)
    return Told(evidence.id, people=_int(match[1])) if match else None


def _int(digits: str) -> int:
    return int(digits.replace(",", ""))
