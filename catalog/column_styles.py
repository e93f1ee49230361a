"""How each column of an item table is written, which only the whole column tells."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from catalog.fields import as_moment, as_names, is_missing, is_surname_first
from catalog.item_columns import ItemColumns
from catalog.prices import Amount, as_amount, has_decimal_commas
from catalog.records import Record

_Lines = Sequence[tuple[int, Record]]


@dataclass(frozen=True)
class ColumnStyles:
    """What is told by looking at all lines at once."""

    numeric: frozenset[str]  # columns of which every entry is an amount
    dated: frozenset[str]  # and every entry a day or a time
    decimal_commas: frozenset[str]  # that write 12,50 for twelve and a half
    surname_first: frozenset[str]  # that write "Le Guin, Ursula K."
    spellings: dict[str, str]  # the singular of a category in small letters → the category

    @classmethod
    def of(cls, columns: ItemColumns, records: _Lines) -> "ColumnStyles":
        """Look through all records."""
        amounts = (*columns.other, *filter(None, [columns.price]))
        commas = frozenset(name for name in amounts if has_decimal_commas(record.get(name) for _, record in records))

        def numeric(name: str) -> bool:
            return _all_are(partial(as_amount, decimal_comma=name in commas), name, records)

        return cls(
            numeric=frozenset(filter(numeric, columns.other)),
            dated=frozenset(name for name in columns.other if _all_are(as_moment, name, records)),
            decimal_commas=commas,
            surname_first=frozenset(name for name in columns.people if _mostly_surname_first(name, records)),
            spellings=_one_spelling(name for _, record in records for name in names_in(record, columns.categories)),
        )

    def amount(self, column: str, value: Any) -> Amount | None:
        """An amount, read as its column writes amounts."""
        return as_amount(value, decimal_comma=column in self.decimal_commas)

    def spelling(self, category: str) -> str:
        """The catalogue's one way to write a category."""
        return self.spellings[_singular(category)]


def names_in(record: Record, columns: Iterable[str]) -> tuple[str, ...]:
    """All names that some columns of a record hold, each once."""
    named = (name for column in columns if not is_missing(record.get(column)) for name in as_names(record[column]))
    return tuple(dict.fromkeys(name for name in named if name))


def _all_are(kind: Callable[[Any], object], name: str, records: _Lines) -> bool:
    """Whether every line that says something in this column says what `kind` can read."""
    values = [record[name] for _, record in records if not is_missing(record.get(name))]
    return bool(values) and all(kind(value) is not None for value in values)


def _mostly_surname_first(name: str, records: _Lines) -> bool:
    """Whether a column of people writes "Le Guin, Ursula K.": nine in ten of its names that tell say so."""
    told = [verdict for _, record in records if (verdict := is_surname_first(record.get(name))) is not None]
    return sum(told) > 0.9 * len(told)


def _one_spelling(names: Iterable[str]) -> dict[str, str]:
    """The most common way to write each category, by its singular: a shop has "Tents" as a type and "tent" as a tag."""
    spellings: dict[str, str] = {}
    for name, _ in Counter(names).most_common():
        spellings.setdefault(_singular(name), name)
    return spellings


def _singular(name: str) -> str:
    plain = name.casefold()
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain
