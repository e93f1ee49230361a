"""Where items and people stand on the scale of popularity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debias.popularity import Popularity, forecast, stage_counts, stages_of

POPULARITY = Popularity([0, 1, 10, 100, 1000])
histories = st.lists(st.integers(0, 4), max_size=20)


@given(histories)
def test_conformity_is_a_share(history: list[int]) -> None:
    assert 0 <= POPULARITY.conformity(history) <= 1


@given(histories)
def test_one_more_blockbuster_never_makes_a_person_less_conforming(history: list[int]) -> None:
    assert POPULARITY.conformity([*history, 4]) >= POPULARITY.conformity(history) - 1e-12


def test_who_chooses_blockbusters_conforms() -> None:
    assert POPULARITY.conformity([4] * 50) == pytest.approx(50 / 55)
    assert POPULARITY.conformity([1] * 50) == POPULARITY.conformity([]) == 0


def test_a_catalogue_that_nobody_used_has_no_scale() -> None:
    assert Popularity(np.zeros(3)).conformity([0, 1]) == 0
    assert Popularity(np.zeros(0)).conformity([]) == 0


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Popularity([1, -1])


def test_stages_hold_about_as_many_choices() -> None:
    stages = stages_of([10, 11, 12, 50, 900, 1000], 3)
    assert stages.tolist() == [0, 0, 1, 1, 2, 2]
    assert stage_counts(np.array([0, 0, 1, 0, 1, 1]), stages, 2).tolist() == [[2, 0], [1, 1], [0, 2]]


def test_popularity_goes_on_as_it_drifted() -> None:
    assert forecast([[5, 5], [6, 4]], speed=0.5).tolist() == pytest.approx([0.65, 0.35])
    assert forecast([[9, 1], [1, 9]], speed=1.0).tolist() == pytest.approx([0.0, 1.7])
    assert forecast([[3, 1]]).tolist() == pytest.approx([0.75, 0.25])
