"""How many people chose and rated each item, and what they gave it. Knows nothing about who they are."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError

# A mean rating counts as much as this many ratings at the catalogue's mean, so that two fives don't beat 200 fours.
PRIOR_RATINGS = 20


@dataclass(frozen=True)
class RatingStatistics:
    """Counts and mean ratings by row. An item that nobody rated has the mean 0."""

    chosen: npt.NDArray[np.int64]  # [n] interactions, rated or not
    rated: npt.NDArray[np.int64]  # [n]
    means: npt.NDArray[np.float64]  # [n]
    top_rating: float  # the best rating that anybody gave; 0 without ratings

    @classmethod
    def build(
        cls, rows: npt.NDArray[np.int64], ratings: npt.NDArray[np.float64] | None, n_items: int
    ) -> "RatingStatistics":
        """Statistics of interactions, given as rows [m] with their ratings [m]; NaN or None is "gave no rating"."""
        given = np.full(len(rows), np.nan) if ratings is None else ratings
        known = ~np.isnan(given)
        rated = np.bincount(rows[known], minlength=n_items)
        sums = np.bincount(rows[known], weights=given[known], minlength=n_items)
        return cls(
            chosen=np.bincount(rows, minlength=n_items),
            rated=rated,
            means=np.divide(sums, rated, out=np.zeros(n_items), where=rated > 0),
            top_rating=float(given[known].max()) if known.any() else 0.0,
        )

    def save(self, path: Path) -> None:
        """Write all arrays to one npz file."""
        with path.open("wb") as file:
            np.savez(file, chosen=self.chosen, rated=self.rated, means=self.means, top_rating=self.top_rating)

    @classmethod
    def load(cls, path: Path) -> "RatingStatistics":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(arrays["chosen"], arrays["rated"], arrays["means"], float(arrays["top_rating"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtifactError(f"The statistics {path} can't be read.", mend="Run `tastemaker prepare`.") from error

    @property
    def quality(self) -> npt.NDArray[np.float64]:
        """Mean ratings [n], drawn to the mean of all ratings where few people rated; zeros without any rating."""
        total = self.rated.sum()
        if total == 0:
            return np.zeros(len(self.rated))
        mean = float((self.means * self.rated).sum() / total)
        smoothed: npt.NDArray[np.float64] = (self.means * self.rated + mean * PRIOR_RATINGS) / (
            self.rated + PRIOR_RATINGS
        )
        return smoothed
