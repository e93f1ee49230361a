"""What items are, in the arrays that compare them with a conversation. Knows nothing of who mentioned what."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from core.item import ItemTable
from index.franchise import franchises

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

YEARS_PER_BUCKET = 4
YEAR_BUCKETS = 13
_YEAR_WEIGHT = 0.5  # of a bucket of years in a description
# A word stands for a category when they begin alike: "comedies" for "comedy", "romantic" for "romance".
_SAME_START = 5
_LONGEST_NAME = 4


class ItemContent:
    """Texts, categories, people, years and franchises of a catalogue's items, each as an array over the rows."""

    def __init__(self, items: ItemTable, embeddings: npt.NDArray[np.float32]) -> None:
        """`embeddings` [n, d] have unit length, in the items' order."""
        self._items = items
        self.mean = embeddings.mean(axis=0) if len(embeddings) else np.zeros(embeddings.shape[1], np.float32)
        self.texts: FloatArray = unit_rows(embeddings - self.mean)  # [n, d]; centred: all films are alike otherwise
        self.years = np.array([item.year or 0 for item in items], dtype=np.int64)
        self.categories = self._category_matrix()  # [n, c], rare categories weigh more, unit length
        self.people, self.person_names = self._people_matrix()  # [n, p] 0 or 1
        names: dict[str, int] = {}
        numbered = [names.setdefault(name, len(names)) for name in franchises(items.items)]
        self.franchises: IntArray = np.array(numbered, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._items)

    @cached_property
    def shared_people(self) -> csr_matrix:
        """[n, p]; the product of two rows counts shared people, those of many items for less."""
        works = np.asarray(self.people.sum(axis=0)).ravel()
        return self.people.multiply(1 / np.sqrt(np.maximum(works, 1))).tocsr().astype(np.float32)

    @cached_property
    def fame(self) -> FloatArray:
        """How many other items of the catalogue an item's people worked on [n], as a logarithm."""
        works = np.asarray(self.people.sum(axis=0)).ravel()
        fame: FloatArray = np.log1p(self.people @ np.maximum(works - 1, 0)).astype(np.float32)
        return fame

    @cached_property
    def year_buckets(self) -> FloatArray:
        """[n, YEAR_BUCKETS] one-hot, the newest years of the catalogue first; zeros without a year."""
        newest = int(self.years.max(initial=0))
        places = np.clip((newest - self.years) // YEARS_PER_BUCKET, 0, YEAR_BUCKETS - 1)
        buckets: FloatArray = np.eye(YEAR_BUCKETS, dtype=np.float32)[places]
        buckets[self.years == 0] = 0
        return buckets

    @cached_property
    def description(self) -> FloatArray:
        """Everything that is known of an item as one row [n, k]: text, categories and years."""
        return np.concatenate([self.texts, self.categories, _YEAR_WEIGHT * self.year_buckets], axis=1)

    @cached_property
    def description_mean(self) -> FloatArray:
        """The mean description of all items [k]."""
        mean: FloatArray = self.description.mean(axis=0)
        return mean

    @cached_property
    def age(self) -> FloatArray:
        """How far each item's year lies before the newest of the catalogue, in decades [n], as a negative number; one
        decade where there is no year.
        """
        newest = int(self.years.max(initial=0))
        return np.where(self.years > 0, (self.years - newest) / 10, -1).astype(np.float32)

    def same_years(self, rows: IntArray) -> FloatArray:
        """What the years add to how alike descriptions are [n, m]."""
        buckets = self.year_buckets @ self.year_buckets[rows].T
        return _YEAR_WEIGHT**2 * buckets

    def with_people(self, columns: Sequence[int]) -> FloatArray:
        """1 for every item on which one of these people worked [n]."""
        if not columns:
            return np.zeros(len(self), dtype=np.float32)
        return (np.asarray(self.people[:, columns].sum(axis=1)).ravel() > 0).astype(np.float32)

    def categories_named(self, words: Sequence[str]) -> FloatArray:
        """The categories that words name, as weights [c] that sum to one; zeros for none."""
        named = np.zeros(self.categories.shape[1], dtype=np.float32)
        starts = {word[:_SAME_START] for word in words if len(word) >= 3}
        for place, name in enumerate(self._items.categories):
            named[place] = any(part[:_SAME_START] in starts for part in _parts(name))
        weights: FloatArray = named / max(1.0, float(named.sum()))
        return weights

    def people_named(self, words: Sequence[str]) -> list[int]:
        """Columns of the people whose whole names stand in the words."""
        found = []
        plain = [word.removesuffix("'s") for word in words]
        for size in range(2, _LONGEST_NAME + 1):
            for first in range(len(plain) - size + 1):
                column = self.person_names.get(" ".join(plain[first : first + size]))
                if column is not None:
                    found.append(column)
        return found

    def _category_matrix(self) -> FloatArray:
        matrix = self._items.category_matrix.astype(np.float32)
        rarity = np.log((1 + len(matrix)) / (1 + matrix.sum(axis=0)))
        return unit_rows(matrix * rarity)

    def _people_matrix(self) -> tuple[csr_matrix, dict[str, int]]:
        columns: dict[str, int] = {}
        pairs = {
            (row, columns.setdefault(credit.name.casefold().replace(".", ""), len(columns)))
            for row, item in enumerate(self._items)
            for credit in item.people
        }
        rows, cols = zip(*sorted(pairs), strict=True) if pairs else ((), ())
        shape = (len(self._items), max(1, len(columns)))
        return csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, cols)), shape=shape), columns


def _parts(category: str) -> list[str]:
    """The words of a category's name that people may say: "sci-fi" is "sci" and "sci-fi"."""
    return [part for part in (category.casefold(), *category.casefold().replace("-", " ").split()) if len(part) >= 3]


def unit_rows(matrix: npt.NDArray[np.floating]) -> FloatArray:
    """Rows of length one; rows of zeros stay."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: FloatArray = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0).astype(np.float32)
    return unit
