"""Time-ordered splits for measuring: what a person chose last is what has to be foretold from what came before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from core.columns import ITEM_ID, USER_ID
from core.item import ItemTable


@dataclass(frozen=True)
class Holdout:
    """What may be learned from, and the held-out item of each person."""

    train: pl.DataFrame  # the columns of the interactions
    test: dict[str, str]  # user id → the item that they chose last


def leave_last_out(interactions: pl.DataFrame) -> Holdout:
    """Hold out each person's last interaction; `interactions` are in time order.

    People with a single interaction stay in `train`: without a past there is nothing to foretell from.
    """
    place = pl.int_range(pl.len()).over(USER_ID)
    count = pl.len().over(USER_ID)
    is_last = (place == count - 1) & (count > 1)
    test = interactions.filter(is_last)
    return Holdout(
        train=interactions.filter(~is_last),
        test=dict(zip(test[USER_ID].to_list(), test[ITEM_ID].to_list(), strict=True)),
    )


def sequences(interactions: pl.DataFrame) -> dict[str, list[str]]:
    """Each person's item ids in time order, people in the order in which they first appear."""
    grouped = interactions.group_by(USER_ID, maintain_order=True).agg(pl.col(ITEM_ID))
    return dict(zip(grouped[USER_ID].to_list(), grouped[ITEM_ID].to_list(), strict=True))


def interaction_rows(interactions: pl.DataFrame, items: ItemTable) -> npt.NDArray[np.int64]:
    """The row of each interaction's item [m]."""
    ids = [item.id for item in items]
    return interactions[ITEM_ID].replace_strict(ids, range(len(ids)), return_dtype=pl.Int64).to_numpy()


def row_sequences(interactions: pl.DataFrame, items: ItemTable) -> list[npt.NDArray[np.int64]]:
    """Each person's items as rows [m] of the table, in time order, people in the order in which they first appear."""
    rows = interactions.select(USER_ID, pl.Series("row", interaction_rows(interactions, items)))
    grouped = rows.group_by(USER_ID, maintain_order=True).agg("row")
    return [sequence.to_numpy() for sequence in grouped["row"]]
