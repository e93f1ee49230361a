"""Single fields of a table, as people fill them in, turned into clean values. Nothing here raises."""

import html
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

_MISSING = {"", "nan", "n/a", "na", "null", "none", "-", "–", "\\n", "default title"}  # the last one is Shopify's
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]?\.\d+")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_GERMAN_DATE = re.compile(r"^(\d\d)\.(\d\d)\.(\d{4})$")
_MINUTES = re.compile(
    r"(?:(?P<hours>\d+)\s*h(?:ours?|rs?)?\.?)?\s*(?:(?P<minutes>\d+)\s*m(?:in(?:utes?|s)?)?\.?)?", re.IGNORECASE
)
_SPAN = re.compile(r"(?P<least>\d+)\s*(?:(?:-|–|to|bis)\s*(?P<most>\d+)|(?P<open>\+))?(?:\s+\w+)?")
_NOTE = re.compile(r"\s*\([^)]*\)?$")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_IN_LINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|mark|s|small|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d+|#x[\da-f]+|[a-z]+\d*);", re.IGNORECASE)
_BLOCK_END = re.compile(r"(?<=[\w)])\s*</(?:p|li|div|h\d|td|tr)>|(?<=[\w)])\s*<br\s*/?>", re.IGNORECASE)
# What stands behind a name such as "Le Guin, Ursula K., 1929-2018, author".
_LIFE = re.compile(r",\s*(?:(?:ca\.|b\.|\*)\s*)?\d{3,4}\b.*$|,\s*(?:author|editor|translator|illustrator)\.?$")
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


def without_markup(text: str) -> str:
    """Text of a web page without its tags and entities; where a paragraph or list entry ends, a sentence does."""
    if "<" in text:
        text = _IN_LINE.sub("", _UNSEEN.sub(" ", text))
        text = _TAG.sub(" ", _BLOCK_END.sub(". ", text))
    return html.unescape(text) if _ENTITY.search(text) else text


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
    """Unix seconds of a day or a time: 2024-05-01, 2024-05-01T12:30:00Z, 01.05.2024. Without a zone it is UTC."""
    if isinstance(value, str):
        value = _GERMAN_DATE.sub(r"\3-\2-\1", value.strip())
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


def as_pages(value: Any) -> float | None:
    """Pages from 304, "304", "xii, 304 p." or "304 Seiten"; the largest number of several."""
    number = as_number(value)
    if number is not None:
        return number if number > 0 else None
    found = re.findall(r"(?<![\d.,])\d{1,5}(?![\d.,]\d)", value) if isinstance(value, str) else []
    return max(map(float, found), default=None)


def as_span(value: Any) -> tuple[float, float | None] | None:
    """The least and the most of "2", "2-4", "2 to 4 players" and "5+"; the most of "5+" is None."""
    if (number := as_number(value)) is not None:
        return number, number
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    least = float(found["least"])
    most = least if not found["open"] else None
    return least, float(found["most"]) if found["most"] else most


def as_people(value: Any, *, surname_first: bool = False) -> tuple[str, ...]:
    """Names of people, without notes in brackets such as "(co-director)".

    With `surname_first`, "Le Guin, Ursula K., 1929-2018" is one person: Ursula K. Le Guin.
    """
    if surname_first:
        value = [given_name_first(name) for name in _people_apart(value)]
    names = (_NOTE.sub("", name) for name in as_names(value))
    return tuple(dict.fromkeys(name for name in names if name))


def is_surname_first(value: Any) -> bool | None:
    """Whether people are written as "Le Guin, Ursula K."; None where nobody's name tells.

    A comma between two people has full names on both sides.
    """
    if is_missing(value):
        return None
    parts = [_LIFE.sub("", name).split(",") for name in _people_apart(value)]
    if all(len(each) == 1 for each in parts):
        return None
    return all(len(each) == 1 or (len(each) == 2 and min(map(_full_words, each)) == 1) for each in parts)


def given_name_first(name: str) -> str:
    """Turn "Le Guin, Ursula K." into "Ursula K. Le Guin"; a name without a comma stays."""
    surname, _, given = _LIFE.sub("", name.strip()).partition(",")
    return f"{given.strip()} {surname.strip()}".strip()


def _people_apart(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [entry for entry in value if isinstance(entry, str)]
    return [name for name in re.split(r"[|;]", str(value)) if name.strip()]


def _full_words(name: str) -> int:
    """How many words a name has, initials and particles such as "de" not counted."""
    return sum(1 for word in name.split() if len(word.rstrip(".")) > 1 and word[0].isupper())


def as_names(value: Any) -> tuple[str, ...]:
    """Short names from a list, or from text with |, ;, " -- ", " > " or else commas between them; each once."""
    if isinstance(value, str):
        separator = next((mark for mark in ("|", ";", " -- ", " > ") if mark in value), ",")
        value = without_markup(value).split(separator)
    entries: Iterable[Any] = value if isinstance(value, list | tuple) else (value,)
    return tuple(dict.fromkeys(as_text(entry, limit=100) for entry in entries if not is_missing(entry)))
