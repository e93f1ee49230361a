"""Lists of the best items against a full sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.ranking.lists import best_items


def test_lists_by_hand() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.7], [1, 1, 2, 1], [1, 2, 3, 4]], dtype=np.float32)
    lists = best_items(scores, [[1, 1], [], [0, 1, 2]], 2)
    assert [rows.tolist() for rows, _ in lists] == [[3, 2], [2, 0], [3]]
    assert lists[0][1] == pytest.approx([0.7, 0.5])


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 40))
@settings(max_examples=50, deadline=None)
def test_a_list_is_the_start_of_the_sorted_catalogue(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, size=(3, 30)).astype(np.float32)  # many ties
    exclude = [rng.integers(0, 30, size=size) for size in (0, 5, 20)]
    for own, excluded, (rows, values) in zip(scores, exclude, best_items(scores, exclude, k), strict=True):
        candidates = sorted(set(range(30)) - set(excluded.tolist()), key=lambda row: (-own[row], row))
        assert rows.tolist() == candidates[:k]
        assert values.tolist() == own[rows].tolist()


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        best_items(np.array([[np.nan]], dtype=np.float32), [[]], 1)
