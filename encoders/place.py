"""Places on the earth as points of the sphere and as waves over it, without a seam at the date line or the poles."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from encoders.encoder import Encoded, chunks, nothing

EARTH_RADIUS_KM = 6371.0
_SCALES_KM = (3000.0, 300.0, 30.0, 3.0)
_WAVES = 16  # for each scale

Place = tuple[float, float]


class PlaceEncoder:
    """Latitude and longitude in degrees as a unit vector and random Fourier features at four scales.

    The inner product of two places' features at scale s approximates exp(-|x - y|² / 2s²) for the points x, y of the
    unit sphere (Rahimi and Recht 2007, "Random Features for Large-Scale Kernel Machines", algorithm 1): 1 for the same
    place, 0 for places many times s apart. Waves over the points themselves, not over the angles, have no seam. Nothing
    is fitted.
    """

    identity = "place-1"
    dimensions = 3 + 2 * _WAVES * len(_SCALES_KM)

    def __init__(self) -> None:
        directions = np.random.default_rng(0).normal(size=(len(_SCALES_KM), _WAVES, 3))
        scales = np.array(_SCALES_KM) / EARTH_RADIUS_KM
        self._waves = (directions / scales[:, None, None]).reshape(-1, 3)

    def encode(self, values: Sequence[Place | None], *, progress: str = "") -> Encoded:
        """Features of places; a latitude beyond ±90 or a longitude beyond ±180 degrees is no place."""
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            degrees = np.array([_degrees(value) for value in values[part]], dtype=np.float64).reshape(-1, 2)
            known = np.isfinite(degrees).all(axis=1)
            points = _on_sphere(degrees[known])
            angles = points @ self._waves.T
            block = [points, np.cos(angles) / np.sqrt(_WAVES), np.sin(angles) / np.sqrt(_WAVES)]
            features[part][known] = np.concatenate(block, axis=1)
            present[part] = known
        return features, present


def _degrees(value: Place | None) -> Place:
    """The place, or NaN for what is none."""
    if value is None or len(value) != 2 or not (abs(value[0]) <= 90 and abs(value[1]) <= 180):
        return np.nan, np.nan
    return value


def _on_sphere(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[n, 2] latitudes and longitudes → [n, 3] points of the unit sphere."""
    latitude, longitude = np.radians(degrees).T
    return np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=1
    )
