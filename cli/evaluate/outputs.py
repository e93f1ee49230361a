"""What the commands that write files do alike: refuse what can't be written before anything is computed, and tell."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.options import say
from core.errors import InputError

if TYPE_CHECKING:
    from evaluation.report.report import Report


def write_and_tell(folder: Path, make: "Callable[[], Report]") -> None:
    """Make a report and print where its page is. Raises InputError, before it is made, for a folder that can't be."""
    from evaluation.experiments.registry import check_report_folder
    from evaluation.report.folder import write_report

    check_report_folder(folder)
    report = make()
    page = write_report(report, folder)
    say(report.answer)
    typer.echo(str(page))


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as Markdown."""
    head, *lines = (f"| {' | '.join(map(str, line))} |" for line in (columns, *rows))
    return "\n".join((head, "|---" * len(columns) + "|", *lines))


def check_out(out: Path, **read: Path | None) -> None:
    """Before anything is computed. `read`: the files that are read, by option.

    Raises InputError where --out is a folder, one of them, or in what is no folder.
    """
    if out.is_dir():
        raise InputError(f"{out} is a folder.", mend="Give --out a file.")
    if wrong := next((parent for parent in out.parents if parent.exists() and not parent.is_dir()), None):
        raise InputError(f"{out} can't be written: {wrong} is no folder.", mend="Give --out another path.")
    for option, path in read.items():
        if path and out.resolve() == path.resolve():
            raise InputError(f"--out would overwrite --{option.replace('_', '-')}.", mend="Name another file.")
