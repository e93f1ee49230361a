"""The watch on inverse-propensity weights, as `doctor` and `/metrics` show it."""

import polars as pl
import pytest

from core.columns import ITEM_ID, USER_ID
from server.propensities import propensity_health


def choices(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={USER_ID: pl.String, ITEM_ID: pl.String}, orient="row")


def test_where_everybody_chose_everything_all_weights_are_equal() -> None:
    everything = [(f"u{user}", f"i{item}") for user in range(6) for item in range(5)]
    health = propensity_health(choices([*everything, everything[0]]))  # one stands twice
    assert (health.count, health.effective_share, health.alarm) == (30, pytest.approx(1.0), "")


def test_an_item_that_one_person_chose_among_many_sets_off_the_alarm() -> None:
    pairs = [(f"u{user}", f"i{item}") for user in range(200) for item in range(5)]
    health = propensity_health(choices([*pairs, ("lonely", "rare")]))
    # e of the rare pair is 1 · 1 / 1001; of the others about 5 · 200 / 1001.
    assert health.largest_share == pytest.approx(1001 / (1001 + 1000 * 1.001), rel=1e-3)
    assert "clip" in health.alarm


def test_no_interactions_are_no_alarm() -> None:
    assert propensity_health(choices([])).alarm == ""
