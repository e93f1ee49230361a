"""Exports of shops have a line for each variant of a product; here they become one record.

Shopify's second and later lines of a product repeat its id and leave the title empty.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from catalog.fields import as_id, is_missing
from catalog.item_columns import ItemColumns
from catalog.prices import as_amount, has_decimal_commas
from catalog.records import Record

_Lines = list[tuple[int, Record]]


def join_variants(records: _Lines, columns: ItemColumns) -> _Lines:
    """The records, with each that continues the one before it joined to it.

    Of several prices the lowest counts, of several texts each one; other columns keep what the first line says.
    """
    decimal_comma = has_decimal_commas(record.get(columns.price or "") for _, record in records)
    joined: _Lines = []
    variants: list[Record] = []
    for line, record in records:
        if joined and _continues(record, joined[-1][1], columns):
            variants.append(record)
            continue
        _close(joined, variants, columns, decimal_comma)
        joined.append((line, record))
        variants = []
    _close(joined, variants, columns, decimal_comma)
    return joined


def _continues(record: Record, first: Record, columns: ItemColumns) -> bool:
    item_id = as_id(record.get(columns.item_id or ""))
    is_same = bool(item_id) and item_id == as_id(first.get(columns.item_id or ""))
    return is_same and is_missing(record.get(columns.title or ""))


def _close(joined: _Lines, variants: list[Record], columns: ItemColumns, decimal_comma: bool) -> None:
    """Put what the variants say into the last record."""
    if not variants:
        return
    line, first = joined[-1]
    every = [first, *variants]
    changes: Record = {}
    if columns.price:
        prices = (record.get(columns.price) for record in every)
        changes[columns.price] = min(filter(None, map(_priced(decimal_comma), prices)), default=(0.0, None))[1]
    for column in columns.options:
        changes[column] = list(dict.fromkeys(_said(record.get(column) for record in every)))
    joined[-1] = (line, {**first, **changes})


def _priced(decimal_comma: bool) -> Any:
    def priced(value: Any) -> tuple[float, Any] | None:
        amount = as_amount(value, decimal_comma=decimal_comma)
        return (amount.number, value) if amount else None

    return priced


def _said(values: Iterable[Any]) -> Iterator[str]:
    return (str(value) for value in values if not is_missing(value))
