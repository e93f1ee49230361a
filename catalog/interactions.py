"""Who chose what and when: tables of interactions, or each person's choices in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from catalog.catalog import INTERACTION_SCHEMA, in_time_order
from catalog.fields import as_id
from catalog.item_columns import ID, plain_name
from catalog.records import Record, broken_line, read_records
from catalog.tables import Notices, separator_of
from core.columns import ITEM_ID, RATING, TIME, USER_ID
from core.errors import InputError
from core.item import ItemTable

# Names of columns in small letters; the first that is there counts.
COLUMNS = {
    USER_ID: (
        "user_id",
        "user",
        "userid",
        "reviewer_id",
        "customer_id",
        "customer",
        "person",
        "person_id",
        "member_id",
        "reader_id",
        "email",
        "kundennummer",
        "leser_nr",
    ),
    ITEM_ID: ("item", *(name for name in ID if name != "id"), "lineitem_sku"),
    TIME: ("time", "timestamp", "date", "datetime", "unix_time", "created_at", "datum", "ausleihdatum", "bestelldatum"),
    RATING: ("rating", "stars", "score", "overall"),
}
_LINE = "line"
_MOMENTS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%d.%m.%YT%H:%M:%S", "%d.%m.%YT%H:%M")
# Unix times past these are in milliseconds, microseconds and nanoseconds: in seconds they lie after the year 5000.
_FINER_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def read_interactions(
    path: Path, items: ItemTable, id_column: str = "", renamed: Mapping[str, str] | None = None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Interactions in time order, and notices of what was left out.

    `id_column` is what the table of items calls its ids; a column of this name holds items here too. `renamed` says
    how further columns are read.

    Without a column of times the lines count as being in time order. Lines about unknown items are left out and
    counted; when no line is about a known one, or a line is broken, InputError is raised.
    """
    names = _Names(path, id_column, renamed or {})
    mended = Notices(path.name)
    raw = _read_csv_fast(names) if path.suffix in (".csv", ".tsv") else None
    if raw is None:
        raw = _from_records(names, mended)
    if raw.is_empty():
        return no_interactions(), (f"{path.name} is empty: items are found by their words alone.",)
    notices = list(mended.sentences)
    if TIME not in raw.columns:
        raw = raw.with_columns(pl.col(_LINE).cast(pl.Float64).alias(TIME))
        notices.append(f"{path.name} has no times; its lines count as being in time order.")
    if RATING not in raw.columns:
        raw = raw.with_columns(pl.lit(None, pl.String).alias(RATING))
    frame = raw.with_columns(_seconds(raw.schema[TIME]).alias(f"{TIME}_"), _number(RATING).alias(f"{RATING}_"))
    _refuse_broken(path, frame)
    frame = frame.drop(TIME, RATING).rename({f"{TIME}_": TIME, f"{RATING}_": RATING}).select(*INTERACTION_SCHEMA)
    return _known(path, frame, items, notices)


def read_sequences(path: Path, items: ItemTable) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Interactions from lines `{"user_id", "item_ids"}` in time order. The time is the place in the person's list."""
    users: list[str] = []
    chosen: list[list[str]] = []
    lines: dict[str, int] = {}
    for line, record in read_records(path):
        user, item_ids = as_id(record.get(USER_ID)), record.get("item_ids")
        if not user or not isinstance(item_ids, list):
            mend = 'Write it like {"user_id": "1", "item_ids": ["7", "3"]}'
            raise broken_line(path, line, "it needs a user_id and a list of item_ids", mend)
        if (earlier := lines.setdefault(user, line)) != line:
            cause = f"the user {user} already stands on line {earlier}"
            raise broken_line(path, line, cause, "Join the two lists")
        users.append(user)
        chosen.append([as_id(item_id) for item_id in item_ids])
    frame = pl.DataFrame(
        {USER_ID: users, ITEM_ID: chosen, TIME: [list(range(len(ids))) for ids in chosen]},
        schema={USER_ID: pl.String, ITEM_ID: pl.List(pl.String), TIME: pl.List(pl.Float64)},
    ).explode(ITEM_ID, TIME, empty_as_null=False)
    return _known(path, frame.with_columns(pl.lit(None, pl.Float64).alias(RATING)), items, [])


def no_interactions() -> pl.DataFrame:
    """A table of interactions without lines."""
    return pl.DataFrame(schema=INTERACTION_SCHEMA)


@dataclass(frozen=True)
class _Names:
    """What the columns of one table are called."""

    path: Path
    id_column: str
    renamed: Mapping[str, str]

    def select(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns that count, by their names in `COLUMNS`, and the number of the line."""
        plain = {
            plain_name(read_as): name for name in frame.columns for read_as in (name, self.renamed.get(name, name))
        }
        own = plain_name(self.id_column)
        known = {**COLUMNS, ITEM_ID: (*([own] if own != "id" else []), *COLUMNS[ITEM_ID])}
        found = {
            column: plain[next(name for name in names if name in plain)]
            for column, names in known.items()
            if any(name in plain for name in names)
        }
        for column in (USER_ID, ITEM_ID):
            if column not in found and frame.height:
                shown = ", ".join(name for name in frame.columns if name != _LINE)
                cause = f"{self.path.name} has no column {column}; it has {shown}."
                raise InputError(
                    cause, mend=f'Rename the right one, or write columns.json: {{"its name": "{column}"}}.'
                )
        return frame.select(pl.col(_LINE), *(pl.col(name).alias(column) for column, name in found.items()))


def _read_csv_fast(names: _Names) -> pl.DataFrame | None:
    """The table as text, or None when something is broken; the slow way then finds the line."""
    try:
        frame = pl.read_csv(names.path, infer_schema=False, separator=separator_of(names.path))
    except (pl.exceptions.PolarsError, OSError):
        return None
    return names.select(frame.with_row_index(_LINE, offset=2))


def _from_records(names: _Names, mended: Notices) -> pl.DataFrame:
    """The table as text from records, a chunk at a time, so that memory holds no record for long."""
    chunks: list[pl.DataFrame] = []
    batch: list[tuple[int, Record]] = []
    for entry in read_records(names.path, mended.add):
        batch.append(entry)
        if len(batch) == 100_000:
            chunks.append(names.select(_as_text(batch)))
            batch = []
    chunks.append(names.select(_as_text(batch)))
    return pl.concat((chunk for chunk in chunks if chunk.height), how="diagonal") if chunks[0].height else chunks[0]


def _as_text(batch: list[tuple[int, Record]]) -> pl.DataFrame:
    names = dict.fromkeys(name for _, record in batch for name in record)
    columns = {name: [as_id(record.get(name)) or None for _, record in batch] for name in names}
    return pl.DataFrame(
        {_LINE: [line for line, _ in batch], **columns},
        schema={_LINE: pl.UInt32, **dict.fromkeys(names, pl.String)},
    )


def _number(column: str) -> pl.Expr:
    number = pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _seconds(dtype: pl.DataType) -> pl.Expr:
    """Unix seconds from numbers in any common unit or from dates like 2024-05-01 and 2024-05-01T12:30:00Z."""
    if dtype != pl.String:
        return pl.col(TIME)
    number = _number(TIME)
    for threshold, divisor in _FINER_UNITS:
        number = pl.when(number.abs() >= threshold).then(number / divisor).otherwise(number)
    text = pl.col(TIME).str.strip_chars().str.replace(" ", "T", literal=True).str.replace(r"\s*UTC$", "Z")
    moments = [
        *(
            text.str.to_datetime(pattern, strict=False, time_zone="UTC").dt.replace_time_zone(None)
            for pattern in ("%+", "%Y-%m-%dT%H:%M:%S %z")
        ),
        *(text.str.to_datetime(pattern, strict=False) for pattern in _MOMENTS),
        *(text.str.to_date(pattern, strict=False).cast(pl.Datetime("us")) for pattern in ("%Y-%m-%d", "%d.%m.%Y")),
    ]
    return pl.coalesce(number, *(moment.dt.epoch("us") / 1e6 for moment in moments))


def _refuse_broken(path: Path, frame: pl.DataFrame) -> None:
    """Raise for the first line without a user, an item or a time, or with a rating that is no number."""
    rating = pl.col(RATING).str.strip_chars().str.to_lowercase()
    said = rating.is_not_null() & ~rating.is_in(["", "nan", "null", "none", "n/a"])
    problems = (
        (
            pl.col(USER_ID).fill_null("").str.strip_chars() == "",
            "it names no user",
            "Name the user, or delete the line",
        ),
        (
            pl.col(ITEM_ID).fill_null("").str.strip_chars() == "",
            "it names no item",
            "Name the item, or delete the line",
        ),
        (pl.col(f"{TIME}_").is_null(), "its time can't be read", "Write Unix seconds or a date like 2024-05-01"),
        (said & pl.col(f"{RATING}_").is_null(), "its rating is not a number", "Write a number, or leave it empty"),
    )
    for broken, cause, mend in problems:
        lines = frame.filter(broken)[_LINE]
        if len(lines):
            more = f" (and {len(lines) - 1} more lines like it)" if len(lines) > 1 else ""
            raise broken_line(path, int(lines[0]), cause + more, mend)


def _known(
    path: Path, frame: pl.DataFrame, items: ItemTable, notices: list[str]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    frame = frame.with_columns(pl.col(USER_ID).str.strip_chars(), pl.col(ITEM_ID).str.strip_chars())
    known = frame.filter(pl.col(ITEM_ID).is_in([item.id for item in items]))
    unknown = frame.height - known.height
    if unknown:
        ids = frame.filter(~pl.col(ITEM_ID).is_in([item.id for item in items]))[ITEM_ID].unique(maintain_order=True)
        shown = ", ".join(_shown(ids))
        if not known.height:
            cause = f"{path.name} names no item of the catalogue (it names {shown})."
            raise InputError(cause, mend="Use the ids of the items' table.")
        notices.append(f"{path.name}: {unknown:,} of {frame.height:,} interactions name unknown items ({shown}).")
    return in_time_order(known, items), tuple(notices)


def _shown(ids: pl.Series) -> Iterator[str]:
    yield from ids.head(3).to_list()
    if len(ids) > 3:
        yield "…"
