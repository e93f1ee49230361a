"""The nearest of many texts, but for typos. Finds what a comparison with every one of them would, and looks at few."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

# Letters are told apart by their last five bits, all of "a" to "z" among them; others may share their bit.
_CLASSES = 32


class NearestTexts:
    """Texts and which letters each has: a letter that only one of two texts has must be put in or taken out."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)
        self._lengths = np.array([len(text) for text in self._texts], dtype=np.int64)
        self._letters = _letters(self._texts)

    def find(self, text: str, least: float) -> tuple[str, float] | None:
        """The text with the highest `rapidfuzz.fuzz.ratio`, the first of several, and it; None where none has `least`.

        The ratio is 100 · (1 - d / (both lengths)), where d letters are put in or taken out (the indel distance).
        """
        allowed = (1 - least / 100) * (self._lengths + len(text))
        near = np.flatnonzero(np.bitwise_count(self._letters ^ _letters([text])) <= allowed + 1e-9)
        some = [self._texts[place] for place in near]
        found = process.extractOne(text, some, scorer=fuzz.ratio, score_cutoff=least)
        return (found[0], found[1]) if found else None


def _letters(texts: list[str]) -> npt.NDArray[np.uint64]:
    """One bit for each letter that a text [n] has, and one for each that it has twice."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32) % _CLASSES
    places = np.repeat(np.arange(len(texts)), lengths) * _CLASSES + codes
    counts = np.bincount(places, minlength=len(texts) * _CLASSES).reshape(-1, _CLASSES)
    bits = np.packbits(np.concatenate([counts > 0, counts > 1], axis=1), axis=1)
    return bits.view(np.uint64)[:, 0]
