"""`tastemaker evaluate compare`: earlier reports side by side."""

from pathlib import Path
from typing import Annotated

import typer

from cli.evaluate.outputs import write_and_tell


def compare(
    folders: Annotated[list[Path], typer.Argument(help="Folders of earlier reports.")],
    report: Annotated[Path, typer.Option(help="Folder for the report.")],
) -> None:
    """Set reports side by side, with paired tests where values of people were kept.

    \b
    Examples:
      tastemaker evaluate compare reports/a reports/b --report reports/both
    """
    from evaluation.report.compare import compare as compare_reports

    write_and_tell(report, lambda: compare_reports(folders))
