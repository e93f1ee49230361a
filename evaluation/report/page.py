"""A report as one page of HTML that needs nothing else: no script, no request, any ground, any width, paper too."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from evaluation.report import theme
from evaluation.report.plot import Plot
from evaluation.report.report import Report
from evaluation.report.table import IntervalCell, Table, is_number

_FOLDER = Path(__file__).parent / "templates"
_SHORT, _PROSE = 11, 60  # letters: up to which a cell is one line, and from which it needs room to be read
# Everything that one element of a drawing says of another.
_IDS = re.compile(r'(\bid="|href="#|url\(#)')


def render(report: Report) -> str:
    """The page; every text of the report is escaped."""
    return _template().render(
        report=report,
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of this package
        light=Markup(theme.properties()),  # noqa: S704 - constants
        dark=Markup(theme.properties(dark=True)),  # noqa: S704 - constants
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(_FOLDER)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["drawings"] = _drawings
    environment.filters["cells"] = _cells
    environment.filters["numeric"] = _numeric
    return environment.get_template("report.html.jinja")


def _drawings(plot: Plot, place: int) -> Markup:
    """Both drawings; the page's style shows the one that fits. Ids are made unique among all drawings of the page."""
    parts = []
    for kind, svg in (("wide", plot.svg), ("narrow", plot.narrow_svg)):
        inner = _IDS.sub(rf"\g<1>{kind}-{place}-", theme.themed(svg))
        parts.append(f'<div class="{kind}" aria-hidden="true">{inner}</div>')
    return Markup("".join(parts))  # noqa: S704 - drawn by matplotlib, which escapes the text in it


def _numeric(table: Table, place: int) -> bool:
    """Whether a column holds numbers: its name is then set flush right as they are."""
    return all(is_number(row[place]) for row in table.rows)


def _cells(table: Table) -> list[list[dict[str, str]]]:
    """For each cell its text, the interval apart, and whether it is a number, set flush right, short, or prose."""
    rows = []
    for cells, texts in zip(table.rows, table.texts(), strict=True):
        row = []
        for cell, text in zip(cells, texts, strict=True):
            value, _, interval = text.partition(" [") if isinstance(cell, IntervalCell) else (text, "", "")
            kind = "number" if is_number(cell) else _kind_of(text)
            row.append({"text": value, "interval": f"[{interval}" if interval else "", "kind": kind})
        rows.append(row)
    return rows


def _kind_of(text: str) -> str:
    return "short" if len(text) <= _SHORT else "prose" if len(text) > _PROSE else ""
