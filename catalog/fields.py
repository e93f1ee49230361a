"""Single fields of a table, as people fill them in, turned into clean values. Nothing here raises."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

_MISSING = {"", "nan", "n/a", "na", "null", "none", "-", "\\n"}
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]?\.\d+")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_MINUTES = re.compile(
    r"(?:(?P<hours>\d+)\s*h(?:ours?|rs?)?\.?)?\s*(?:(?P<minutes>\d+)\s*m(?:in(?:utes?|s)?)?\.?)?", re.IGNORECASE
)
_NOTE = re.compile(r"\s*\([^)]*\)?$")
# Control characters, and halves of surrogate pairs, which JSON can spell but which are no characters.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def is_missing(value: Any) -> bool:
    """Whether a field says nothing: null, NaN, an empty list, or what spreadsheets write in an empty cell."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return True
    if isinstance(value, str):
        return value.strip().casefold() in _MISSING
    return isinstance(value, list | tuple | dict) and not value


def as_id(value: Any) -> str:
    """An id as text; 7, 7.0 and "7" are the same. Empty for a field that can't be an id."""
    if value is None or isinstance(value, bool | list | tuple | dict):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _UNPRINTABLE.sub("", str(value)).strip()


def as_text(value: Any, *, limit: int) -> str:
    """Text in one line without control characters, at most `limit` characters; a list is joined by commas."""
    if isinstance(value, list | tuple):
        value = ", ".join(str(entry) for entry in value if not is_missing(entry))
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(_UNPRINTABLE.sub(" ", str(value)).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def as_number(value: Any) -> float | None:
    """A finite number, also from text such as "12.5". "007" is a name, not a number."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value.strip()) else None
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def as_year(value: Any) -> int | None:
    """The year of a date, of a number, or of text that names one between 1000 and 2099."""
    if isinstance(value, date | datetime):
        return value.year
    number = as_number(value)
    if number is not None:
        return int(number) if number.is_integer() and 1000 <= number <= 2099 else None
    found = _YEAR.search(value) if isinstance(value, str) else None
    return int(found[1]) if found else None


def as_moment(value: Any) -> float | None:
    """Unix seconds of a day or a time: 2024-05-01, 2024-05-01T12:30:00Z. Without a zone it is UTC."""
    if isinstance(value, str):
        if not _ISO_DATE.fullmatch(value.strip()):
            return None
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  # gets its zone below
    if not isinstance(value, datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def as_place(latitude: Any, longitude: Any) -> tuple[float, float] | None:
    """A latitude within ±90 and a longitude within ±180 degrees; None for anything else."""
    north, east = as_number(latitude), as_number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return north, east


def as_minutes(value: Any) -> float | None:
    """Minutes from 95, "95", "95 min" or "1h 35m"."""
    number = as_number(value)
    if number is not None:
        return number if number > 0 else None
    found = _MINUTES.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not (found["hours"] or found["minutes"]):
        return None
    return 60.0 * int(found["hours"] or 0) + float(found["minutes"] or 0)


def as_people(value: Any) -> tuple[str, ...]:
    """Names of people, without notes in brackets such as "(co-director)"."""
    names = (_NOTE.sub("", name) for name in as_names(value))
    return tuple(dict.fromkeys(name for name in names if name))


def as_names(value: Any) -> tuple[str, ...]:
    """Short names from a list, or from text with | or ; or else commas between them; each once, in order."""
    if isinstance(value, str):
        separator = next((mark for mark in "|;" if mark in value), ",")
        value = value.split(separator)
    entries: Iterable[Any] = value if isinstance(value, list | tuple) else (value,)
    return tuple(dict.fromkeys(as_text(entry, limit=100) for entry in entries if not is_missing(entry)))
