"""Learns the correction for parity from a catalogue's users, when its operator has turned it on."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from core.columns import USER_ID
from core.errors import InputError
from debias.groups import Groups
from debias.parity import ParityReranker, classes_of, standardised
from server.artifacts import Artifacts

# People to learn from: enough for rates that hold to a percent, few enough for a start within seconds.
MOST_PEOPLE = 2_000
SHOWN = 10


def learn_parity(
    artifacts: Artifacts, columns: Sequence[str], bound: float
) -> tuple[ParityReranker, Mapping[str, Mapping[str, str]]]:
    """The correction, and every user's groups by column. The classes of items are their categories.

    Raises InputError for a column that the catalogue's users don't have.
    """
    users = list(artifacts.histories)
    groups = [groups_of(artifacts.users, column, users) for column in columns]
    rng = np.random.default_rng(0)
    sample = np.sort(rng.permutation(len(users))[:MOST_PEOPLE])
    histories = [[artifacts.items.row(item) for item in artifacts.histories[users[place]]] for place in sample]
    scores = artifacts.ranker.scores(histories)
    _, classes = classes_of([item.categories for item in artifacts.items])
    parity = ParityReranker.fit(
        standardised(scores, histories),
        [group.take(sample) for group in groups],
        classes,
        k=SHOWN,
        exposure_bound=bound,
    )
    return parity, {user: {group.column: group.name_of(place) for group in groups} for place, user in enumerate(users)}


def groups_of(users: pl.DataFrame, column: str, user_ids: Sequence[str]) -> Groups:
    """The groups of some users by a column of the users' table; users who aren't in it have unknown values."""
    known = [name for name in users.columns if name != USER_ID]
    if column not in known:
        cause = f"The catalogue's users have no column {column!r}."
        raise InputError(
            cause, mend=f"Use {', '.join(known)}." if known else "Add users.csv to the catalogue's folder."
        )
    values = dict(zip(users[USER_ID].to_list(), users[column].to_list(), strict=True))
    return Groups.of(column, [values.get(user) for user in user_ids])
