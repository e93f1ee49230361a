"""Values by field, such as genres and directors, as sparse rows of weighted columns, bounded however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from encoders.encoder import chunks

# Field → the values that a thing has there, such as {"director": ["Michael Mann"]}.
Tags = Mapping[str, Sequence[str]]

_SIGN_BIT = np.uint32(1 << 31)


@dataclass(frozen=True)
class Vocabulary:
    """The values that at least two fitted things share. What only one thing has makes nothing alike.

    The most frequent values have a column of their own. The others share columns by hash, with a sign by hash, so that
    inner products keep their expectation (Weinberger et al. 2009, "Feature Hashing", section 2).
    """

    keys: npt.NDArray[np.uint32]  # [v] hashes of field and value, sorted
    weights: npt.NDArray[np.float32]  # [v] inverse document frequency × the weight of the field, with the sign
    columns: npt.NDArray[np.int32]  # [v]
    width: int

    @classmethod
    def fit(cls, values: Sequence[Tags | None], *, own: int, hashed: int, progress: str = "") -> "Vocabulary":
        """Count values: `own` columns for the most frequent, `hashed` for the rest.

        The weight of value v in field f is idf(v) · w(f): idf = log((1 + n) / (1 + n_v)) + 1 over the n things, and w
        is the share of the field's entries that others share, which is near 0 for a column of names of one thing each.
        """
        fields: dict[str, int] = {}
        keys, counts, field_of = _counted(values, fields, progress)
        shared = counts > 1
        entries = np.bincount(field_of, weights=counts, minlength=len(fields))
        shares = np.bincount(field_of, weights=counts * shared, minlength=len(fields)) / np.maximum(entries, 1)
        keys, counts, field_of = keys[shared], counts[shared], field_of[shared]
        weights = (np.log((1 + len(values)) / (1 + counts)) + 1) * shares[field_of]
        order = np.lexsort((keys, -counts))
        columns = np.empty(len(keys), dtype=np.int32)
        columns[order[:own]] = np.arange(len(order[:own]))
        tail = order[own:]
        columns[tail] = own + keys[tail] % np.uint32(hashed)
        weights[tail] *= np.where(keys[tail] & _SIGN_BIT, -1.0, 1.0)
        return cls(keys, weights.astype(np.float32), columns, own + hashed if len(tail) else len(keys))

    def rows(self, values: Sequence[Tags | None]) -> tuple[sparse.csr_matrix, npt.NDArray[np.float32]]:
        """A sparse matrix [n, width], and the share of each thing's values that no fitted two have [n].

        Weights are divided by the root of how many values of the field the thing has, so that a field counts the same
        however many those are.
        """
        row, field, keys = _flat(values, {})
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        known = self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), dtype=np.bool_)
        total = np.bincount(row, minlength=len(values))
        unknown = np.bincount(row[~known], minlength=len(values)) / np.maximum(total, 1)
        row, field, place = row[known], field[known], place[known]
        weights = self.weights[place]
        block = row * (int(field.max()) + 1 if len(field) else 1) + field
        _, block = np.unique(block, return_inverse=True)
        lengths = np.sqrt(np.bincount(block))[block] if len(block) else np.ones(0)
        data = (weights / lengths).astype(np.float32)
        matrix = sparse.csr_matrix((data, (row, self.columns[place])), shape=(len(values), self.width))
        return matrix, unknown.astype(np.float32)


def _counted(
    values: Sequence[Tags | None], fields: dict[str, int], progress: str
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each distinct value's hash, sorted, how many things have it, and its field."""
    keys, counts = np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64)
    field_of = np.zeros(0, dtype=np.int64)
    for part in chunks(len(values), progress=progress):
        _, field, found = _flat(values[part], fields)
        merged, index = np.unique(np.concatenate([keys, found]), return_inverse=True)
        counts = np.bincount(index, weights=np.concatenate([counts, np.ones(len(found))]), minlength=len(merged))
        merged_fields = np.zeros(len(merged), dtype=np.int64)
        merged_fields[index[::-1]] = np.concatenate([field_of, field])[::-1]
        keys, counts, field_of = merged, counts.astype(np.int64), merged_fields
    return keys, counts, field_of


def _flat(
    values: Sequence[Tags | None], fields: dict[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Row, field number and hash of every value; one that a thing names twice counts once. `fields` is extended."""
    from sklearn.utils import murmurhash3_32

    entries = [
        (row, fields.setdefault(field, len(fields)), murmurhash3_32(f"{field}\0{name}".encode("utf-8", "replace")))
        for row, tags in enumerate(values)
        for field, names in (tags or {}).items()
        for name in dict.fromkeys(_readable(names))
    ]
    table = np.array(entries, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.uint32)


def _readable(names: Sequence[str]) -> Iterator[str]:
    """Names as they count: case and spaces don't."""
    return (name for raw in names if (name := " ".join(str(raw).casefold().split())))
