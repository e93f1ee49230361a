"""What was given from outside as values of ours, or an error of one line that names what is wrong."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from catalog.records import broken_line, read_records
from core.errors import InputError

_Model = TypeVar("_Model", bound=BaseModel)


def options_as(model: type[_Model], given: Mapping[str, object], *, of: str) -> _Model:
    """Options as a model that forbids unknown ones; `of` is whose they are, as errors begin.

    Raises InputError, naming the option, for one that is unknown or has a value that can't be used.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            known = ", ".join(model.model_fields) or "none"
            raise InputError(f"{of} has no option {name}.", mend=f"It has {known}.") from error
        raise InputError(f"{of}: {name} can't be {first['input']!r}.", mend=f"{first['msg']}.") from error


def read_lines(path: Path, model: type[_Model], form: str) -> Iterator[_Model]:
    """Each line of a file as a model. Raises InputError, naming the line, for a broken one, or if there is none.

    `form` says how a line is written.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder.", mend="Give a file of JSON lines.")
    empty = True
    for number, record in read_records(path):
        empty = False
        try:
            yield model.model_validate(record)
        except ValidationError as error:
            raise broken_line(path, number, first_problem(error), form) from error
    if empty:
        raise InputError(f"{path} has no lines.", mend=f"{form}, one a line.")


def first_problem(error: ValidationError) -> str:
    """Where something is wrong, and what."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
