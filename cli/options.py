"""What the commands share: settings with options on top, and lines for the person at the terminal."""

from typing import Any

import typer
from pydantic import ValidationError

from core.errors import InputError
from core.settings import Settings


def settings_from(**options: Any) -> Settings:
    """Settings with the options that were given; empty ones leave what the environment says.

    Raises InputError, naming the variable, when a setting can't be used.
    """
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
