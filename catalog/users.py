"""What is known of the people who chose: a table of users with any columns. Nothing here says what a column means."""

from pathlib import Path
from typing import Any

import polars as pl

from catalog.fields import as_id, is_missing
from catalog.interactions import COLUMNS
from catalog.records import broken_line, read_records
from core.columns import USER_ID
from core.errors import InputError

_IDS = (*COLUMNS[USER_ID], "id")


def no_users() -> pl.DataFrame:
    """A table of users without lines."""
    return pl.DataFrame(schema={USER_ID: pl.String})


def read_users(path: Path) -> pl.DataFrame:
    """One line a user, the id first and every other column as text; a value that is missing is null.

    Raises InputError for a table without a column of ids, and for a line without one or with another line's.
    """
    records = list(read_records(path))
    if not records:
        return no_users()
    names = dict.fromkeys(name for _, record in records for name in record)
    plain = {name.strip().casefold().replace(" ", "_"): name for name in names}
    found = next((plain[name] for name in _IDS if name in plain), None)
    if found is None:
        raise InputError(
            f"{path.name} has no column {USER_ID}; it has {', '.join(names)}.", mend="Rename the right one."
        )
    lines: dict[str, int] = {}
    for line, record in records:
        user = as_id(record.get(found))
        if not user:
            raise broken_line(path, line, "it names no user", "Name the user, or delete the line")
        if (earlier := lines.setdefault(user, line)) != line:
            raise broken_line(path, line, f"the user {user} already stands on line {earlier}", "Delete one of them")
    others = [name for name in names if name != found]
    return pl.DataFrame(
        {USER_ID: list(lines), **{name: [_text(record.get(name)) for _, record in records] for name in others}},
        schema=dict.fromkeys([USER_ID, *others], pl.String),
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if is_missing(value) else as_id(value) or None
