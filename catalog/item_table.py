"""A table of items as anybody writes it, turned into items. `catalog.item_columns` says which names are understood."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.column_styles import ColumnStyles, names_in
from catalog.fields import (
    as_id,
    as_minutes,
    as_moment,
    as_pages,
    as_people,
    as_place,
    as_span,
    as_text,
    as_year,
    is_missing,
    without_markup,
)
from catalog.item_columns import ItemColumns
from catalog.prices import Amount
from catalog.records import Record, broken_line, read_records
from catalog.tables import Notices
from catalog.titles import ParsedTitle, parse_title
from catalog.variants import join_variants
from core.errors import InputError
from core.item import Credit, Item, ItemTable

MAX_ID_CHARS = 200
MAX_TITLE_CHARS = 300
MAX_FACT_CHARS = 200
MAX_DESCRIPTION_CHARS = 20_000
_YES_OR_NO = frozenset({"", "true", "false", "yes", "no"})
_IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif"})
_AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"})


@dataclass
class ItemReader:
    """Reads one table. `notices` counts what was left out, cut or mended."""

    path: Path
    renamed: Mapping[str, str] = field(default_factory=dict)  # a column's name → how it is read
    columns: ItemColumns = field(init=False)
    _styles: ColumnStyles = field(init=False)
    _mended: Notices = field(init=False)

    def __post_init__(self) -> None:
        self._mended = Notices(self.path.name)

    def read(self) -> ItemTable:
        """All items in the order of the file.

        Raises InputError for a line that is broken, has no id or title, or repeats an id; it names the first one and
        says how many more there are.
        """
        records = [
            (line, {self.renamed.get(name, name): value for name, value in record.items()} if self.renamed else record)
            for line, record in read_records(self.path, self._mended.add)
        ]
        if not records:
            raise InputError(f"{self.path.name} holds no items.", mend="Write one item a line.")
        names = dict.fromkeys(name for _, record in records for name in record)
        self.columns = self._checked(ItemColumns.find(names), list(names))
        if not _tells_years(self.columns.year, records):
            self.columns = replace(self.columns, year=None)
        records = join_variants(records, self.columns)
        self._styles = ColumnStyles.of(self.columns, records)
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
        return self._mended.sentences

    def _notice(self, line: int, what: str) -> None:
        self._mended.add(line, what)

    def _checked(self, columns: ItemColumns, names: list[str]) -> ItemColumns:
        for wanted, found in (("id", columns.item_id), ("title", columns.title)):
            if found is None:
                shown = as_text(names, limit=200)
                mend = f'Rename the right one, or write columns.json: {{"its name": "{wanted}"}}.'
                raise InputError(f"{self.path.name} has no column {wanted}; it has {shown}.", mend=mend)
        return columns

    def _item(self, line: int, record: Record) -> Item:
        columns = self.columns
        item_id = as_id(record.get(columns.item_id or ""))
        if not item_id or len(item_id) > MAX_ID_CHARS:
            cause = f"the id is longer than {MAX_ID_CHARS} characters" if item_id else "it has no id"
            raise broken_line(self.path, line, cause, "Give the item a short id of its own, or delete the line")
        parsed, price = self._title(line, record), self._price(line, record)
        return Item(
            id=item_id,
            title=parsed.title,
            aliases=tuple(dict.fromkeys((*parsed.aliases, *names_in(record, columns.aliases)))),
            year=self._year(line, record) or parsed.year,
            categories=self._categories(record),
            people=tuple(
                Credit(name=name, role=role)
                for column, role in columns.people.items()
                if not is_missing(record.get(column))
                for name in as_people(record[column], surname_first=column in self._styles.surname_first)
            ),
            description=self._description(line, record),
            numbers=self._numbers(line, record, price),
            facts=self._facts(line, record, price),
            dates=self._dates(record),
            place=self._place(line, record),
            image=self._file(line, record, columns.image, "a picture", _IMAGE_SUFFIXES),
            audio=self._file(line, record, columns.audio, "an audio file", _AUDIO_SUFFIXES),
        )

    def _title(self, line: int, record: Record) -> ParsedTitle:
        """Only a title that ends with its year is taken apart: elsewhere brackets may tell two products apart."""
        value = record.get(self.columns.title or "")
        if isinstance(value, str):
            value = without_markup(value)
        text = "" if value is None else as_text(value, limit=MAX_TITLE_CHARS)
        if not text or (is_missing(value) and not isinstance(value, str)):
            raise broken_line(self.path, line, "the title is empty", "Give the item a title, or delete the line")
        if isinstance(value, str) and len(value) > MAX_TITLE_CHARS:
            self._notice(line, f"a title longer than {MAX_TITLE_CHARS} characters was cut")
        parsed = parse_title(text)
        return parsed if parsed.year and parsed.title else ParsedTitle(title=text)

    def _categories(self, record: Record) -> tuple[str, ...]:
        names = names_in(record, self.columns.categories)
        return tuple(dict.fromkeys(self._styles.spelling(name) for name in names))

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
        text = _as_prose(as_text(_readable(text), limit=MAX_DESCRIPTION_CHARS) for text in texts)
        if len(text) >= MAX_DESCRIPTION_CHARS:
            self._notice(line, f"a text longer than {MAX_DESCRIPTION_CHARS:,} characters was cut")
        return text[:MAX_DESCRIPTION_CHARS]

    def _numbers(self, line: int, record: Record, price: Amount | None) -> dict[str, float]:
        numbers = {}
        for column in self._styles.numeric:
            amount = self._styles.amount(column, record.get(column))
            if amount is not None:
                numbers[self.columns.other[column]] = amount.number
        if price:
            numbers["price"] = price.number
        numbers |= self._measured(line, record, self.columns.minutes, "minutes", as_minutes)
        numbers |= self._measured(line, record, self.columns.pages, "pages", as_pages)
        numbers |= self._players(line, record)
        return dict(sorted(numbers.items()))

    def _measured(
        self, line: int, record: Record, column: str | None, unit: str, read: Callable[[Any], float | None]
    ) -> dict[str, float]:
        """What a column says in this unit, such as minutes."""
        value = record.get(column) if column else None
        if is_missing(value):
            return {}
        if quantity := read(value):
            return {unit: quantity}
        self._notice(line, f"the {column} is no number of {unit} and was left out")
        return {}

    def _players(self, line: int, record: Record) -> dict[str, float]:
        """The least and the most who can take part."""
        column = self.columns.players
        if not column or is_missing(record.get(column)):
            return {}
        span = as_span(record[column])
        if span is None:
            self._notice(line, f"the {column} is no number of players and was left out")
            return {}
        ends = {"min players": span[0], "max players": span[1]}
        return {name: end for name, end in ends.items() if end is not None}

    def _price(self, line: int, record: Record) -> Amount | None:
        column = self.columns.price
        if not column or is_missing(record.get(column)):
            return None
        price = self._styles.amount(column, record[column])
        if price is None or price.number < 0:
            self._notice(line, f"the {column} is no price and was left out")
            return None
        return price

    def _facts(self, line: int, record: Record, price: Amount | None) -> dict[str, str]:
        facts = {}
        if price and price.currency:
            facts["currency"] = price.currency
        if options := names_in(record, self.columns.options):
            facts["options"] = as_text(options, limit=MAX_FACT_CHARS)
        for column, name in self.columns.other.items():
            value = record.get(column)
            if column in self._styles.numeric or column in self._styles.dated or is_missing(value):
                continue
            if isinstance(value, dict):
                self._notice(line, f"{column} holds a table and was left out")
            elif not (isinstance(value, str) and len(value) > MAX_FACT_CHARS):
                facts[name] = as_text(_readable(value), limit=MAX_FACT_CHARS)
        return facts

    def _dates(self, record: Record) -> dict[str, float]:
        """Columns of dates, and the year's column where it tells the day."""
        names = {column: self.columns.other[column] for column in self._styles.dated}
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
        if isinstance(value, str) and "://" in value:
            self._notice(line, f"the {column} is an address and was left out; {kind} is a file inside the folder")
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


def _tells_years(column: str | None, records: list[tuple[int, Record]]) -> bool:
    """Whether a column says more than yes and no, as Shopify's "Published" does."""
    values = (record.get(column or "") for _, record in records)
    return any(not is_missing(value) and str(value).strip().casefold() not in _YES_OR_NO for value in values)


def _readable(value: Any) -> Any:
    return without_markup(value) if isinstance(value, str) else value


def _as_prose(texts: Iterable[str]) -> str:
    """Texts behind each other, each one ended by a stop before the next."""
    said = [text for text in texts if text]
    return " ".join([*(text if text[-1] in ".!?…:" else f"{text}." for text in said[:-1]), *said[-1:]])
