"""Watches the weights that corrections for selection bias would give to a catalogue's interactions."""

import polars as pl

from core.columns import ITEM_ID, USER_ID
from debias.exposure import Exposure
from debias.propensity import PopularityPropensity
from debias.weights import WeightHealth, weight_health


def propensity_health(interactions: pl.DataFrame) -> WeightHealth:
    """Of the weights 1/e, before any clipping, with e from activity and popularity.

    A pair that stands twice counts once; ratings are not read. `alarm` is set where a few pairs of the long tail would
    carry everything.
    """
    pairs = interactions.select(USER_ID, ITEM_ID).unique(maintain_order=True)
    users, items = (pairs[column].rank("dense").cast(pl.Int64).to_numpy() - 1 for column in (USER_ID, ITEM_ID))
    if not len(pairs):
        return weight_health([])
    exposure = Exposure(users, items, int(users.max()) + 1, int(items.max()) + 1)
    return weight_health(1 / PopularityPropensity.fit(exposure).propensities(users, items))
