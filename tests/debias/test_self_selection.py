import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.self_selection import SelfSelection

LEVELS = np.arange(1.0, 6.0)


def selected(slope: float) -> tuple[SelfSelection, float, np.ndarray, np.ndarray]:
    """Items of different quality whose ratings are given with probability exp(slope·rating): chosen and true means."""
    rng = np.random.default_rng(2)
    quality = rng.uniform(2, 4, 300)
    ratings = np.clip(np.round(quality[:, None] + rng.normal(0, 1, (300, 500))), 1, 5)
    kept = rng.random(ratings.shape) < np.exp(slope * (ratings - 5))
    counts, chosen = kept.sum(axis=1), (ratings * kept).sum(axis=1) / kept.sum(axis=1)
    item = np.nonzero(kept)[0]
    return (
        SelfSelection.fit(ratings[kept], chosen[item], chosen - chosen.mean(), counts),
        slope,
        chosen,
        ratings.mean(axis=1),
    )


@pytest.mark.parametrize("slope", [0.2, 0.4])
def test_ratings_come_back_to_their_level(slope: float) -> None:
    selection, _, chosen, true = selected(slope)
    assert selection.slope == pytest.approx(slope, rel=0.35)
    before, after = (abs(float((means - true).mean())) for means in (chosen, selection.untilted(chosen)))
    assert before > 0.15
    assert after < 0.4 * before


def test_without_self_selection_next_to_nothing_changes() -> None:
    selection, _, chosen, _ = selected(0.0)
    assert np.abs(selection.untilted(chosen) - chosen).max() < 0.05


@given(st.lists(st.floats(-2, 8), min_size=2, max_size=20), st.floats(0, 0.5))
def test_order_is_kept(expected: list[float], slope: float) -> None:
    selection = SelfSelection(slope, 1.0, 1.0, 5.0, 0.3)
    values = selection.untilted(np.sort(np.array(expected)))
    assert (np.diff(values) >= 0).all()


def test_logged_measures_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    watched = rng.random(1000)
    selection = SelfSelection.fit(watched, np.full(1000, 0.5), rng.normal(size=30), rng.integers(1, 99, 30))
    assert selection.slope == 0
    assert selection.untilted(watched).tolist() == watched.tolist()
    assert SelfSelection.none().untilted(watched).tolist() == watched.tolist()
