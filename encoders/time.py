"""Moments, such as a year or a date of release, as cycles of the calendar and as age."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from encoders.columns import Named, column, most_given
from encoders.encoder import Encoded, chunks, nothing
from encoders.state import State

KIND = "time"
MAX_NAMES = 16

DAY = 86_400.0
WEEK = 7 * DAY
YEAR = 365.2425 * DAY
# Beyond thirty thousand years from 1970 a number is no date.
_MAX_SECONDS = 1e12
# 1 January 1970 was a Thursday: three days into its week.
_WEEK_OFFSET = 3 * DAY
# Cycles that a moment has a place in, given how finely it is known.
_CYCLES = {"second": (DAY, WEEK, YEAR), "day": (WEEK, YEAR), "year": ()}
_AGE_PERIODS = tuple(years * YEAR for years in (8, 32, 128, 512))
_AGE_SCALES = (DAY, YEAR)


class TimeEncoder:
    """Several moments of each thing, by name, in Unix seconds (UTC).

    For each name that the fitted values know: whether it is given; sin and cos of its place in the day, the week and
    the year, as far as it is known that finely; sign(a) · log(1 + |a| / s) of its age a at the scales s of a day and a
    year; and sin and cos of 2πa / P for periods P from 8 to 512 years, so that things of the same time are near each
    other at every scale (Kazemi et al. 2019, "Time2Vec", with fixed frequencies). Age counts back from the latest
    moment of the fitted values, so that it doesn't change with the day on which it is computed.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._names: list[str] = list(state.settings["names"])
        self._resolutions: list[str] = list(state.settings["resolutions"])
        self._reference = float(state.settings["reference"])

    @classmethod
    def fit(cls, values: Sequence[Named | None]) -> "TimeEncoder":
        """Learn which moments there are, how finely each is known, and which is the latest.

        At most MAX_NAMES names, those that most values have.
        """
        names = most_given(values, _is_moment, MAX_NAMES)
        columns = [column(values, name, _is_moment) for name in names]
        known = [moments[np.isfinite(moments)] for moments in columns]
        settings = {
            "names": names,
            "resolutions": [_resolution(moments) for moments in known],
            "reference": max((float(moments.max()) for moments in known), default=0.0),
        }
        return cls(State(KIND, settings))

    @property
    def identity(self) -> str:
        """Changes with the names, their resolution and the latest moment."""
        return self._state.identity

    @property
    def dimensions(self) -> int:
        """The sum over the names."""
        return sum(_width(resolution) for resolution in self._resolutions)

    def encode(self, values: Sequence[Named | None], *, progress: str = "") -> Encoded:
        """Features of moments by name; what isn't a finite number within thirty thousand years is missing."""
        features, present = nothing(len(values), self.dimensions)
        for part in chunks(len(values), progress=progress):
            start = 0
            for name, resolution in zip(self._names, self._resolutions, strict=True):
                moments = column(values[part], name, _is_moment)
                block = _features(moments, self._reference, resolution)
                features[part, start : start + block.shape[1]] = block
                present[part] |= np.isfinite(moments)
                start += block.shape[1]
        return features, present

    def save(self, path: Path) -> None:
        """Write what was learned."""
        self._state.save(path)

    @classmethod
    def load(cls, path: Path) -> "TimeEncoder":
        """Read what `save` wrote. Raises ArtifactError."""
        return cls(State.load(path, KIND))


def _is_moment(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= _MAX_SECONDS  # NaN is not


def _resolution(moments: npt.NDArray[np.float64]) -> str:
    """How finely moments are known: all at the start of a year are years, all at midnight are days."""
    if not np.all(moments % DAY == 0):
        return "second"
    days = (moments // DAY).astype("datetime64[D]")
    return "year" if np.all(days == days.astype("datetime64[Y]").astype("datetime64[D]")) else "day"


def _width(resolution: str) -> int:
    return 1 + 2 * len(_CYCLES[resolution]) + len(_AGE_SCALES) + 2 * len(_AGE_PERIODS)


def _features(moments: npt.NDArray[np.float64], reference: float, resolution: str) -> npt.NDArray[np.float64]:
    """[n] seconds → [n, width]; rows of missing moments are zeros."""
    age = reference - moments
    columns = [np.ones_like(moments)]
    for period in _CYCLES[resolution]:
        columns += _wave(moments + (_WEEK_OFFSET if period == WEEK else 0.0), period)
    columns += [np.sign(age) * np.log1p(np.abs(age) / scale) for scale in _AGE_SCALES]
    for period in _AGE_PERIODS:
        columns += _wave(age, period)
    return np.where(np.isfinite(moments)[:, None], np.stack(columns, axis=1), 0.0)


def _wave(seconds: npt.NDArray[np.float64], period: float) -> list[npt.NDArray[np.float64]]:
    angle = 2 * np.pi * np.mod(seconds / period, 1.0)
    return [np.sin(angle), np.cos(angle)]
