"""A report as a folder: a page, its tables as CSV, its plots as SVG, and all of it as JSON.

report.html, report.json, tables/*.csv, plots/*.svg. Other files of the folder, such as what an experiment keeps to
resume, are left alone. Each file or folder is there as a whole or not at all; report.json is written last.
"""

import re
import unicodedata
from pathlib import Path

from pydantic import ValidationError

from core.errors import InputError
from evaluation.report.page import render
from evaluation.report.report import Report
from evaluation.resumed import writing
from server.atomic import replacing

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_report(report: Report, folder: Path) -> Path:
    """Write a report and return its page. Raises InputError where the folder can't be written to."""
    with writing(folder, "Free some space there, or name another folder with --report."):
        folder.mkdir(parents=True, exist_ok=True)
        own = (folder / "report.json").is_file()
        with replacing(folder / "tables", own=own) as tables:
            tables.mkdir()
            for place, table in enumerate(report.tables, start=1):
                (tables / f"{place:02}-{slug(table.title)}.csv").write_text(table.csv(), encoding="utf-8")
        with replacing(folder / "plots", own=own) as plots:
            plots.mkdir()
            for place, plot in enumerate(report.plots, start=1):
                (plots / f"{place:02}-{slug(plot.title)}.svg").write_text(_XML + plot.svg, encoding="utf-8")
        with replacing(folder / "report.html") as page:
            page.write_text(render(report), encoding="utf-8")
        with replacing(folder / "report.json") as data:
            data.write_text(report.model_dump_json(indent=1), encoding="utf-8")
    return folder / "report.html"


def read_report(folder: Path) -> Report:
    """A report that was written before. Raises InputError where there is none or it is damaged."""
    path = folder / "report.json"
    try:
        return Report.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"There is no report in {folder}.", mend="It holds a report.json once it is written."
        ) from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise InputError(f"{path} can't be read.", mend="Run what wrote it again.") from error


def slug(title: str) -> str:
    """A title as part of a file's name: at most 60 small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "untitled"
