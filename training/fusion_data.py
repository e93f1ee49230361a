"""What a fusion learns from: features of items, which items share data, and which are chosen near each other."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import InputError
from core.modality import Modality
from encoders.fusion.monitors import BEHAVIOUR

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Fewer items than this are all learned from; none is held out.
FEW = 50
# More held-out items than this make validation slower but hardly more certain.
MOST_HELD_OUT = 2_000


@dataclass(frozen=True)
class Batch:
    """Some items: features [b, d_m] of each modality, present [b, m], and groups [b, m] of identical features."""

    rows: IntArray
    features: list[Tensor]
    present: Tensor
    groups: Tensor

    def same(self, *positions: int) -> Tensor:
        """[b, b]: whether two items have identical features in any of these modalities."""
        groups = self.groups[:, positions]
        return (groups[:, None] == groups[None]).any(dim=-1)


class FusionData:
    """All items' modalities, drawn in batches; nothing here grows with the square of the number of items."""

    def __init__(
        self, modalities: Sequence[Modality], pairs: IntArray | None = None, device: torch.device | None = None
    ) -> None:
        """Batches come on `device`. Raises InputError when nothing can be learned from the modalities."""
        self.modalities = tuple(modalities)
        self.device = device or torch.device("cpu")
        self.names = tuple(modality.name for modality in modalities)
        self.present = _checked(self.modalities)
        self.count = len(self.present)
        self.groups = np.stack([_groups(modality) for modality in modalities], axis=1)
        self.partners = Partners(self.count, pairs if pairs is not None else np.zeros((0, 2), dtype=np.int64))

    @property
    def behaviour(self) -> int | None:
        """The place of the behaviour among the modalities, if it is one of them."""
        return self.names.index(BEHAVIOUR) if BEHAVIOUR in self.names else None

    def batch(self, rows: IntArray) -> Batch:
        """The items at these rows."""
        features = [np.array(modality.features[rows], dtype=np.float32) for modality in self.modalities]
        return Batch(
            rows,
            [torch.from_numpy(values).to(self.device) for values in features],
            torch.from_numpy(self.present[rows]).to(self.device),
            torch.from_numpy(self.groups[rows]).to(self.device),
        )

    def scaling(self, rows: IntArray) -> tuple[Tensor, Tensor]:
        """The mean of each feature, and one over the spread of its modality, over these rows; both [sum of d_m].

        One spread a modality, not one a feature: how features relate is part of what they say.
        """
        centres, scales = [], []
        for place, modality in enumerate(self.modalities):
            known = thinned(rows[self.present[rows, place]], 100_000)
            values = modality.features[known].astype(np.float64)
            centre = values.mean(axis=0) if len(values) else np.zeros(modality.features.shape[1])
            spread = float(np.sqrt(np.square(values - centre).mean())) if len(values) else 1.0
            centres.append(centre)
            scales.append(np.full(len(centre), 1 / spread if spread > 1e-6 else 1.0))
        return torch.from_numpy(np.concatenate(centres)).float(), torch.from_numpy(np.concatenate(scales)).float()

    def largest_spreads(self, rows: IntArray) -> list[float]:
        """The spread of each modality along its first principal direction, over a sample of these rows."""
        spreads = []
        for place, modality in enumerate(self.modalities):
            known = thinned(rows[self.present[rows, place]], 5_000)
            values = modality.features[known].astype(np.float64)
            longest = np.linalg.norm(values - values.mean(axis=0), ord=2) if len(values) else 0.0
            spreads.append(float(longest / max(1, len(values)) ** 0.5))
        return spreads

    def fingerprint(self) -> str:
        """Changes with everything that is learned from."""
        digest = hashlib.sha256()
        for modality in self.modalities:
            digest.update(modality.name.encode() + np.ascontiguousarray(modality.features).tobytes())
        digest.update(self.present.tobytes() + self.partners.others.tobytes())
        return digest.hexdigest()[:16]


def _checked(modalities: tuple[Modality, ...]) -> BoolArray:
    if len({modality.name for modality in modalities}) < len(modalities):
        raise InputError("Two modalities have the same name.", mend="Give each a name of its own.")
    if len({len(modality.present) for modality in modalities}) > 1:
        raise InputError("The modalities speak of different numbers of items.", mend="Encode them again.")
    for modality in modalities:
        if not np.isfinite(modality.features[modality.present]).all():
            cause = f"The modality {modality.name} has features that are no finite numbers."
            raise InputError(cause, mend="Look for broken values in the catalogue, and run `tastemaker prepare`.")
    present = np.stack([modality.present for modality in modalities], axis=1) if modalities else np.zeros((0, 0), bool)
    if not present.any():
        raise InputError("No item has any data to fuse.", mend="Give the items a title, a text or a picture.")
    return present


def _groups(modality: Modality) -> IntArray:
    """A number for each item, the same for items with identical features; absent ones have numbers of their own."""
    numbers: dict[bytes, int] = {}
    groups = np.arange(len(modality.present), dtype=np.int64)
    for row in np.flatnonzero(modality.present):
        features = np.ascontiguousarray(modality.features[row])
        groups[row] = numbers.setdefault(hashlib.blake2b(features.tobytes(), digest_size=16).digest(), int(row))
    return groups


class Partners:
    """For each item, those that people chose near it."""

    def __init__(self, count: int, pairs: IntArray) -> None:
        both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
        both = both[both[:, 0] != both[:, 1]]
        order = np.argsort(both[:, 0], kind="stable")
        self.others: IntArray = both[order, 1]
        self._starts = np.searchsorted(both[order, 0], np.arange(count + 1))

    def draw(self, rows: IntArray, rng: np.random.Generator) -> IntArray:
        """One partner of each of the rows, as often as it was chosen near it; -1 for an item without any."""
        first, after = self._starts[rows], self._starts[rows + 1]
        places = first + (rng.random(len(rows)) * (after - first)).astype(np.int64)
        drawn: IntArray = np.where(after > first, np.append(self.others, -1)[places], -1)
        return drawn

    def without(self, rows: IntArray, count: int) -> "Partners":
        """The same without any pair of these items."""
        firsts = np.repeat(np.arange(count), np.diff(self._starts))
        out = np.zeros(count, dtype=np.bool_)
        out[rows] = True
        kept = ~(out[firsts] | out[self.others]) & (firsts < self.others)
        return Partners(count, np.stack([firsts, self.others], axis=1)[kept])


def co_chosen(
    sequences: Iterable[npt.NDArray[np.integer]], *, reach: int = 2, limit: int = 2_000_000, seed: int = 0
) -> IntArray:
    """Pairs [p, 2] of rows that one person chose at most `reach` choices apart; a sample of `limit` of them."""
    pieces = []
    for sequence in sequences:
        rows = np.asarray(sequence, dtype=np.int64)
        pieces += [np.stack([rows[:-step], rows[step:]], axis=1) for step in range(1, reach + 1) if len(rows) > step]
    pairs = np.concatenate(pieces) if pieces else np.zeros((0, 2), dtype=np.int64)
    if len(pairs) > limit:
        pairs = pairs[np.sort(np.random.default_rng(seed).choice(len(pairs), size=limit, replace=False))]
    return pairs


def thinned(rows: IntArray, limit: int) -> IntArray:
    """At most `limit` of the rows, evenly from beginning to end."""
    return rows[:: max(1, -(-len(rows) // limit))]


@dataclass(frozen=True)
class Split:
    """Rows to learn from, to stop by, and to report on. The last two never teach alignment or fusion anything."""

    learned: IntArray
    stopping: IntArray
    reported: IntArray

    @classmethod
    def of(cls, count: int, seed: int, *, share: float = 0.1) -> "Split":
        """A tenth to report on and half as many to stop by, drawn with the seed; none of a small catalogue."""
        order = np.random.default_rng([seed, 17]).permutation(count)
        reported = min(MOST_HELD_OUT, int(count * share)) if count >= FEW else 0
        stopping = reported // 2
        return cls(
            np.sort(order[reported + stopping :]),
            np.sort(order[reported : reported + stopping]),
            np.sort(order[:reported]),
        )
