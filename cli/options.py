"""What the commands share: options, the settings with these on top, and lines for the person at the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import InputError

if TYPE_CHECKING:
    from core.settings import Settings

INTERRUPTED = 130  # the exit code that shells give for Ctrl-C

CatalogOption = Annotated[str, typer.Option("--catalog", help="Name of a prepared catalogue; default: ml-100k.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
LlmOption = Annotated[str, typer.Option(help="OpenAI-compatible address of a running vLLM; default: start one.")]
ChatLlmOption = Annotated[
    str,
    typer.Option(
        "--llm",
        help="OpenAI-compatible address of a running vLLM, or `none` for answers from search; default: start one.",
    ),
]
ReportOption = Annotated[Path, typer.Option(help="Folder for the report; a cut-off run goes on in it.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Where chance begins.")]


def settings_from(**options: Any) -> "Settings":
    """Settings with the options that were given; empty ones leave what the environment says.

    Raises InputError, naming the variable, when a setting can't be used.
    """
    from pydantic import ValidationError

    from core.settings import Settings

    try:
        return Settings(**{name: value for name, value in options.items() if value not in ("", None)})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        cause = f"The setting {name} (TASTEMAKER_{name.upper()}) can't be {first['input']!r}."
        raise InputError(cause, mend=f"{first['msg']}.") from error


def say(line: str) -> None:
    """A line for the person at the terminal; standard output is for programs."""
    typer.echo(line, err=True)
