"""Linear maps of several modalities into one space where those of an item agree, in closed form.

Canonical correlation analysis of any number of views (Kettenring, 1971, "Canonical analysis of several sets of
variables": the MAXVAR criterion), with a ridge. With two views it is the CCA of Hotelling (1936).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Principal components of each view that are looked at.
COMPONENTS = 256


def canonical_maps(
    views: Sequence[npt.NDArray[np.floating]], present: BoolArray, width: int, *, ridge: float = 0.1
) -> list[FloatArray]:
    """A map [d_m, width] for each view [n, d_m] of centred features; views are seen where `present` [n, m].

    Each view is whitened with `ridge`, in units of its largest variance; the directions are the leading eigenvectors
    of the correlations between all views. Each is scaled by how well the views agree on it (Barber et al.'s weighting
    of canonical correlations): what they don't agree on is of no use to find one by another. Rows then have a mean
    length of about one.
    """
    whitened, maps = [], []
    for place, view in enumerate(views):
        whitening = _whitening(np.asarray(view[present[:, place]], dtype=np.float64), ridge)
        maps.append(whitening)
        whitened.append(np.where(present[:, place, None], np.asarray(view, dtype=np.float64) @ whitening, 0))
    values, vectors = np.linalg.eigh(_correlations(whitened, present))
    best = np.argsort(-values)[:width]
    agreement = np.clip((values[best] - 1) / max(1, len(views) - 1), 0, None)
    starts = np.cumsum([0, *(values.shape[1] for values in whitened)])
    found = []
    for whitening, first, after in zip(maps, starts[:-1], starts[1:], strict=True):
        directions = np.zeros((whitening.shape[0], width))
        directions[:, : len(best)] = whitening @ vectors[first:after][:, best] * agreement
        found.append(directions)
    return [_scaled(one, view[present[:, place]]) for place, (one, view) in enumerate(zip(found, views, strict=True))]


def _whitening(view: FloatArray, ridge: float) -> FloatArray:
    """[d, k] that gives the leading components about the same variance."""
    variances, directions = np.linalg.eigh(view.T @ view / max(1, len(view)))
    kept = np.argsort(-variances)[:COMPONENTS]
    kept = kept[variances[kept] > 1e-6 * max(variances.max(), 1e-12)]
    whitening: FloatArray = directions[:, kept] / np.sqrt(variances[kept] + ridge * variances.max())
    return whitening


def _correlations(whitened: Sequence[FloatArray], present: BoolArray) -> FloatArray:
    """All views' components with all others', over the items that have both; a view's with itself are 1."""
    rows = []
    for first, left in enumerate(whitened):
        row = []
        for second, right in enumerate(whitened):
            both = max(1, int((present[:, first] & present[:, second]).sum()))
            row.append(np.eye(left.shape[1]) if first == second else left.T @ right / both)
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)


def _scaled(directions: FloatArray, view: npt.NDArray[np.floating]) -> FloatArray:
    lengths = np.linalg.norm(view[:2000] @ directions, axis=1)
    mean = float(lengths.mean()) if len(lengths) else 0.0
    return directions / mean if mean > 1e-9 else directions
