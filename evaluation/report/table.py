"""Tables of a report: typed cells, numbers written alike down a column, and frames for who computes on."""

import math
from collections.abc import Sequence
from typing import Any, Protocol, Self, runtime_checkable

import polars as pl
from pydantic import field_validator, model_validator

from core.values import Value

MISSING = "–"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@runtime_checkable
class HasInterval(Protocol):
    """An estimate with its confidence interval, whoever computed it."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


class IntervalCell(Value):
    """An estimate with its interval as it stands in a table; None where it could not be computed."""

    value: float | None
    low: float | None
    high: float | None


Cell = None | bool | int | float | str | IntervalCell


class Table(Value):
    """Rows under named columns; the first column says what a row is about.

    A cell is text, a number, yes or no, None (not known), or anything with `value`, `low` and `high`. Numbers that are
    not finite become None. Raises ValueError when a row has not as many cells as there are columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __init__(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], note: str = "", **unknown: Any
    ) -> None:
        given: dict[str, Any] = {"title": title, "columns": columns, "rows": rows, "note": note}
        super().__init__(**given, **unknown)

    @field_validator("rows", mode="before")
    @classmethod
    def _as_cells(cls, rows: Sequence[Sequence[object]]) -> tuple[tuple[Cell, ...], ...]:
        return tuple(tuple(_as_cell(cell) for cell in row) for row in rows)

    @model_validator(mode="after")
    def _is_rectangular(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.title!r} has not {len(self.columns)} cells")
        return self

    def texts(self) -> list[list[str]]:
        """Every cell as it is shown, [rows, columns]; numbers of a column have the same number of decimals."""
        decimals = [_decimals([row[place] for row in self.rows]) for place in range(len(self.columns))]
        return [[as_text(cell, places) for cell, places in zip(row, decimals, strict=True)] for row in self.rows]

    def frame(self) -> pl.DataFrame:
        """The table as a frame; a column with intervals becomes three: NAME, NAME low and NAME high."""
        data: dict[str, list[object]] = {}
        for place, name in enumerate(self.columns):
            cells = [row[place] for row in self.rows]
            if any(isinstance(cell, IntervalCell) for cell in cells):
                data[name] = [cell.value if isinstance(cell, IntervalCell) else cell for cell in cells]
                data[f"{name} low"] = [cell.low if isinstance(cell, IntervalCell) else None for cell in cells]
                data[f"{name} high"] = [cell.high if isinstance(cell, IntervalCell) else None for cell in cells]
            else:
                data[name] = _of_one_type(cells)
        return pl.DataFrame(data, strict=False)

    def csv(self) -> str:
        """The frame as CSV. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
        text = pl.selectors.string()
        return self.frame().with_columns(text.map_elements(_no_formula, return_dtype=pl.String)).write_csv()


def as_text(cell: Cell, decimals: int) -> str:
    """A cell as people read it."""
    if cell is None:
        return MISSING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, IntervalCell):
        value, low, high = (MISSING if n is None else _number(n, decimals) for n in (cell.value, cell.low, cell.high))
        return f"{value} [{low}, {high}]"
    if isinstance(cell, float):
        smallest = 10.0**-decimals
        # Such as a p-value: zero would be a lie.
        return f"< {smallest:.{decimals}f}" if 0 < cell < smallest / 2 else _number(cell, decimals)
    return f"{cell:,}".replace("-", "−") if isinstance(cell, int) else cell


def is_number(cell: Cell) -> bool:
    """Whether a cell is set flush right."""
    return cell is None or (isinstance(cell, int | float | IntervalCell) and not isinstance(cell, bool))


def _number(number: float, decimals: int) -> str:
    text = f"{abs(number):,.{decimals}f}"
    return f"−{text}" if number < 0 and text.strip("0.") else text


def _decimals(cells: Sequence[Cell]) -> int:
    """Three decimals below 10, and fewer above: about four digits in all."""
    numbers = [cell.value if isinstance(cell, IntervalCell) else cell for cell in cells]
    largest = max((abs(number) for number in numbers if isinstance(number, float)), default=0.0)
    return next((places for places, below in ((3, 10), (2, 100), (1, 1000)) if largest < below), 0)


def _as_cell(cell: object) -> Cell:
    if isinstance(cell, HasInterval):
        return IntervalCell(value=_finite(cell.value), low=_finite(cell.low), high=_finite(cell.high))
    if isinstance(cell, dict):  # as read from JSON
        return IntervalCell.model_validate(cell)
    if hasattr(cell, "item"):  # a numpy scalar
        cell = cell.item()
    if isinstance(cell, float):
        return _finite(cell)
    if cell is None or isinstance(cell, bool | int | str):
        return cell
    raise ValueError(f"{cell!r} can't stand in a table")


def _finite(number: float | None) -> float | None:
    return float(number) if number is not None and math.isfinite(number) else None


def _of_one_type(cells: Sequence[Cell]) -> list[object]:
    """As they are, or all as text where text and numbers are mixed."""
    if any(isinstance(cell, str) for cell in cells):
        return [cell if isinstance(cell, str) or cell is None else as_text(cell, 3) for cell in cells]
    return list(cells)


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
