"""A table of items as anybody writes it, turned into items. `catalog.item_columns` says which names are understood."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.fields import (
    as_id,
    as_minutes,
    as_moment,
    as_names,
    as_number,
    as_people,
    as_place,
    as_text,
    as_year,
    is_missing,
)
from catalog.item_columns import ItemColumns
from catalog.records import Record, broken_line, read_records
from catalog.titles import ParsedTitle, parse_title
from core.errors import InputError
from core.item import Credit, Item, ItemTable

MAX_ID_CHARS = 200
MAX_TITLE_CHARS = 300
MAX_FACT_CHARS = 200
MAX_DESCRIPTION_CHARS = 20_000
_IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif"})
_AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"})


@dataclass
class ItemReader:
    """Reads one table. `notices` counts what was left out or cut, with the first line where it happened."""

    path: Path
    columns: ItemColumns = field(init=False)
    _numeric: frozenset[str] = field(init=False)
    _dated: frozenset[str] = field(init=False)
    _counts: Counter[str] = field(default_factory=Counter, init=False)
    _first: dict[str, int] = field(default_factory=dict, init=False)

    def read(self) -> ItemTable:
        """All items in the order of the file.

        Raises InputError for a line that is broken, has no id or title, or repeats an id; it names the first one and
        says how many more there are.
        """
        records = list(read_records(self.path))
        if not records:
            raise InputError(f"{self.path.name} holds no items.", mend="Write one item a line.")
        names = dict.fromkeys(name for _, record in records for name in record)
        self.columns = self._checked(ItemColumns.find(names), list(names))
        self._numeric = frozenset(name for name in self.columns.other if _all_are(as_number, name, records))
        self._dated = frozenset(name for name in self.columns.other if _all_are(as_moment, name, records))
        items: list[Item] = []
        lines: dict[str, int] = {}
        errors: list[InputError] = []
        for line, record in records:
            try:
                item = self._item(line, record)
                if (earlier := lines.setdefault(item.id, line)) != line:
                    cause = f"the id {item.id} already stands on line {earlier}"
                    raise broken_line(self.path, line, cause, "Give each item an id of its own, or delete the line")
                items.append(item)
            except InputError as error:
                errors.append(error)
        if errors:
            broken = "line is" if len(errors) == 2 else "lines are"
            more = f"{len(errors) - 1:,} more {broken} broken." if len(errors) > 1 else ""
            raise InputError(errors[0].cause, mend=f"{errors[0].mend} {more}".strip())
        return ItemTable(items)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out or cut, one sentence each."""
        return tuple(
            f"{self.path.name}, line {self._first[what]}: {what}"
            + (f" (and so on {count - 1} more lines)." if count > 1 else ".")
            for what, count in self._counts.items()
        )

    def _notice(self, line: int, what: str) -> None:
        self._counts[what] += 1
        self._first.setdefault(what, line)

    def _checked(self, columns: ItemColumns, names: list[str]) -> ItemColumns:
        for wanted, found in (("id", columns.item_id), ("title", columns.title)):
            if found is None:
                shown = as_text(names, limit=200)
                by_comma = self.path.suffix == ".csv" and len(names) == 1
                mend = "Separate the columns by commas." if by_comma else "Rename the right one."
                raise InputError(f"{self.path.name} has no column {wanted}; it has {shown}.", mend=mend)
        return columns

    def _item(self, line: int, record: Record) -> Item:
        columns = self.columns
        item_id = as_id(record.get(columns.item_id or ""))
        if not item_id or len(item_id) > MAX_ID_CHARS:
            cause = f"the id is longer than {MAX_ID_CHARS} characters" if item_id else "it has no id"
            raise broken_line(self.path, line, cause, "Give the item a short id of its own, or delete the line")
        parsed = self._title(line, record)
        return Item(
            id=item_id,
            title=parsed.title,
            aliases=tuple(dict.fromkeys((*parsed.aliases, *self._names(record, columns.aliases)))),
            year=self._year(line, record) or parsed.year,
            categories=self._names(record, columns.categories),
            people=tuple(
                Credit(name=name, role=role)
                for column, role in columns.people.items()
                if not is_missing(record.get(column))
                for name in as_people(record[column])
            ),
            description=self._description(line, record),
            numbers=self._numbers(line, record),
            facts=self._facts(line, record),
            dates=self._dates(record),
            place=self._place(line, record),
            image=self._file(line, record, columns.image, "a picture", _IMAGE_SUFFIXES),
            audio=self._file(line, record, columns.audio, "an audio file", _AUDIO_SUFFIXES),
        )

    def _title(self, line: int, record: Record) -> ParsedTitle:
        """Only a title that ends with its year is taken apart: elsewhere brackets may tell two products apart."""
        value = record.get(self.columns.title or "")
        text = "" if value is None else as_text(value, limit=MAX_TITLE_CHARS)
        if not text or (is_missing(value) and not isinstance(value, str)):
            raise broken_line(self.path, line, "the title is empty", "Give the item a title, or delete the line")
        if isinstance(value, str) and len(value) > MAX_TITLE_CHARS:
            self._notice(line, f"a title longer than {MAX_TITLE_CHARS} characters was cut")
        parsed = parse_title(text)
        return parsed if parsed.year and parsed.title else ParsedTitle(title=text)

    def _names(self, record: Record, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                name
                for column in columns
                if not is_missing(record.get(column))
                for name in as_names(record[column])
                if name
            )
        )

    def _year(self, line: int, record: Record) -> int | None:
        value = record.get(self.columns.year or "")
        if is_missing(value):
            return None
        year = as_year(value)
        if year is None:
            self._notice(line, f"the {self.columns.year} is not a date and was left out")
        return year

    def _description(self, line: int, record: Record) -> str:
        """All texts, and other columns too long for a fact."""
        long_facts = tuple(
            name
            for name in self.columns.other
            if isinstance(record.get(name), str) and len(record[name]) > MAX_FACT_CHARS
        )
        texts = [record[name] for name in (*self.columns.description, *long_facts) if not is_missing(record.get(name))]
        text = " ".join(as_text(text, limit=MAX_DESCRIPTION_CHARS) for text in texts)
        if len(text) >= MAX_DESCRIPTION_CHARS:
            self._notice(line, f"a text longer than {MAX_DESCRIPTION_CHARS:,} characters was cut")
        return text[:MAX_DESCRIPTION_CHARS]

    def _numbers(self, line: int, record: Record) -> dict[str, float]:
        numbers = {}
        for column in self._numeric:
            number = as_number(record.get(column))
            if number is not None:
                numbers[self.columns.other[column]] = number
        if self.columns.minutes and not is_missing(value := record.get(self.columns.minutes)):
            if minutes := as_minutes(value):
                numbers["minutes"] = minutes
            else:
                self._notice(line, f"the {self.columns.minutes} is not a time and was left out")
        return dict(sorted(numbers.items()))

    def _facts(self, line: int, record: Record) -> dict[str, str]:
        facts = {}
        for column, name in self.columns.other.items():
            value = record.get(column)
            if column in self._numeric or column in self._dated or is_missing(value):
                continue
            if isinstance(value, dict):
                self._notice(line, f"{column} holds a table and was left out")
            elif not (isinstance(value, str) and len(value) > MAX_FACT_CHARS):
                facts[name] = as_text(value, limit=MAX_FACT_CHARS)
        return facts

    def _dates(self, record: Record) -> dict[str, float]:
        """Columns of dates, and the year's column where it tells the day."""
        names = {column: self.columns.other[column] for column in self._dated}
        if self.columns.year:
            names[self.columns.year] = as_text(self.columns.year, limit=MAX_FACT_CHARS).replace("_", " ")
        moments = {name: as_moment(record.get(column)) for column, name in names.items()}
        return {name: moment for name, moment in sorted(moments.items()) if moment is not None}

    def _place(self, line: int, record: Record) -> tuple[float, float] | None:
        latitude, longitude = (record.get(name or "") for name in (self.columns.latitude, self.columns.longitude))
        place = as_place(latitude, longitude)
        if place is None and not (is_missing(latitude) and is_missing(longitude)):
            self._notice(line, f"the {self.columns.latitude} and {self.columns.longitude} are no place on the earth")
        return place

    def _file(self, line: int, record: Record, column: str | None, kind: str, suffixes: frozenset[str]) -> Path | None:
        """An absolute path. Only files inside the folder: a catalogue must not be able to show other files."""
        value = record.get(column or "")
        if is_missing(value):
            return None
        path = _inside(self.path.parent.absolute(), value)
        if path is None or path.suffix.lower() not in suffixes:
            self._notice(line, f"the {column} is not {kind} inside the folder and was left out")
            return None
        if not path.is_file():
            self._notice(line, f"the {column} is missing")
            return None
        return path


def _inside(folder: Path, value: Any) -> Path | None:
    if not isinstance(value, str) or "\0" in value or ".." in Path(value).parts or "://" in value:
        return None
    path = folder / value
    return path if path.is_relative_to(folder) else None


def _all_are(kind: Callable[[Any], object], name: str, records: list[tuple[int, Record]]) -> bool:
    """Whether every line that says something in this column says what `kind` can read."""
    values = [record[name] for _, record in records if not is_missing(record.get(name))]
    return bool(values) and all(kind(value) is not None for value in values)
