"""Groups of people, from any column of what is known of them.

A value that is missing is a group of its own. A group of fewer people than LEAST_PEOPLE has no rate that could be told
from chance: it counts in no gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
LEAST_PEOPLE = 30
# A column of numbers with more different values than this is cut into bands with about as many people each.
MOST_NUMBERS = 12
BANDS = 4


@dataclass(frozen=True)
class Groups:
    """The groups of p people by one column: a code [p] into `names` for each person."""

    column: str
    names: tuple[str, ...]
    codes: IntArray

    @classmethod
    def of(cls, column: str, values: Sequence[str | None]) -> "Groups":
        """Groups from a column's values; None and the empty text are UNKNOWN, and many numbers become bands.

        Among numbers, "nan" is UNKNOWN too: it is how some programs write a missing one.
        """
        texts = _banded([(value or "").strip() for value in values])
        names, codes = np.unique(np.asarray([text or UNKNOWN for text in texts], dtype=np.str_), return_inverse=True)
        return cls(column, tuple(names.tolist()), codes.astype(np.int64))

    @property
    def sizes(self) -> IntArray:
        """How many people each group has [g]."""
        return np.bincount(self.codes, minlength=len(self.names))

    @property
    def measured(self) -> IntArray:
        """The codes of groups that are large enough."""
        return np.flatnonzero(self.sizes >= LEAST_PEOPLE)

    def name_of(self, person: int) -> str:
        """The group of a person."""
        return self.names[int(self.codes[person])]

    def take(self, people: IntArray) -> "Groups":
        """The same groups of some of the people."""
        return Groups(self.column, self.names, self.codes[people])

    def means(self, values: npt.ArrayLike) -> FloatArray:
        """The mean of each group [g, …] of values [p, …]; NaN for a group without people."""
        array = np.asarray(values, dtype=np.float64)
        member = (self.codes == np.arange(len(self.names))[:, None]).astype(np.float64)
        sums = member @ array.reshape(len(array), -1)
        with np.errstate(invalid="ignore"):
            means: FloatArray = (sums / self.sizes[:, None]).reshape(-1, *array.shape[1:])
        return means

    def gap(self, values: npt.ArrayLike) -> float:
        """The largest difference of two measured groups in the mean of values [p]; of any column of values [p, c]."""
        means = self.means(values)[self.measured]
        return float((means.max(axis=0) - means.min(axis=0)).max()) if len(means) > 1 else 0.0

    def farthest(self, values: npt.ArrayLike) -> str:
        """The two measured groups between which the gap in values [p] is: "highest − lowest"; two must be measured."""
        codes = self.measured
        means = self.means(values)[codes]
        return f"{self.names[codes[means.argmax()]]} − {self.names[codes[means.argmin()]]}"


def _banded(texts: list[str]) -> list[str]:
    """Numbers as the bands that they lie in, such as "25 to 31"; anything else as it is."""
    try:
        numbers = np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return texts
    texts = ["" if np.isnan(number) else text for text, number in zip(texts, numbers, strict=True)]
    known = numbers[np.isfinite(numbers)]
    if len(np.unique(known)) <= MOST_NUMBERS:
        return texts
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BANDS + 1)[1:-1], method="higher"))
    names = [
        f"under {edges[0]:g}",
        *(f"{low:g} to under {high:g}" for low, high in pairwise(edges)),
        f"{edges[-1]:g} and over",
    ]
    bands = np.searchsorted(edges, numbers, side="right")
    return [names[band] if text else "" for band, text in zip(bands, texts, strict=True)]
