from datetime import UTC, datetime

import numpy as np
import pytest

from encoders.time import TimeEncoder


def moment(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


def test_a_moment_by_hand() -> None:
    """Thursday, 1 January 1970, 06:00: a quarter of the day, 3.25 days into the week, 6 hours into the year."""
    encoder = TimeEncoder.fit([{"at": 0.0}, {"at": 6 * 3600.0}])
    features, _ = encoder.encode([{"at": 6 * 3600.0}, {"at": 0.0}])
    week = 2 * np.pi * 3.25 / 7
    year = 2 * np.pi * 0.25 / 365.2425
    cycles = [1, 0, np.sin(week), np.cos(week), np.sin(year), np.cos(year)]
    # It is the latest, so its age is 0 at every scale; the other is a quarter of a day older.
    assert features[0] == pytest.approx([1, *cycles, 0, 0, *[0, 1] * 4], abs=1e-6)
    assert features[1, 7:9] == pytest.approx([np.log(1.25), np.log1p(0.25 / 365.2425)], abs=1e-6)


def test_years_have_no_cycles_and_days_no_hours() -> None:
    years = [{"year": moment(year, 1, 1)} for year in (1923, 1960, 2000)]
    days = [{"day": moment(1960, 2, 3)}, *({"day": moment(1960, 1, 1)} for _ in range(2))]
    # given, two ages and four waves of age; the week and the year; the day
    assert TimeEncoder.fit(years).dimensions == 11
    assert TimeEncoder.fit(days).dimensions == 15
    assert TimeEncoder.fit([*days, {"day": moment(1960, 1, 1, 12)}]).dimensions == 17
    assert TimeEncoder.fit([years[0] | days[0]]).dimensions == 26


def test_near_times_are_near() -> None:
    encoder = TimeEncoder.fit([{"year": moment(year, 1, 1)} for year in range(1920, 2001)])
    features, _ = encoder.encode([{"year": moment(year, 1, 1)} for year in (1995, 1996, 1980, 1930)])
    distances = np.linalg.norm(features - features[0], axis=1)
    assert np.all(np.diff(distances) > 0)


def test_later_than_all_that_were_fitted() -> None:
    encoder = TimeEncoder.fit([{"at": 0.0}, {"at": 3600.0}])
    features, present = encoder.encode([{"at": 3600.0 + 86_400.0}])
    assert present.all()
    assert features[0, 7] == pytest.approx(-np.log(2))
