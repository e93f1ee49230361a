"""Each start of a comparison that asked something: when, by which command and code, and what it expected to cost.

An answer was asked for by the last start before it, so that each can be traced to the code that asked.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.errors import InputError
from core.values import Value
from evaluation.prompts.plan import RunEstimate
from evaluation.report.provenance import Provenance
from evaluation.resumed import writing
from server.atomic import replacing

FILE = "starts.json"


class Start(Value):
    """One start; tokens are of the questions that were open then."""

    started: datetime
    command: str
    code: str
    earlier: int  # answers that were in the folder before
    questions: int  # open ones
    prompt_tokens: int
    most_completion_tokens: int


_STARTS = TypeAdapter(tuple[Start, ...])


def read_starts(folder: Path) -> tuple[Start, ...]:
    """The starts so far, the first one first. Raises InputError where the file can't be read."""
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        return _STARTS.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            f"{path} can't be read.", mend="Delete it: only the report's list of starts is lost."
        ) from error


def add_start(folder: Path, started: datetime, earlier: int, estimates: Sequence[RunEstimate]) -> None:
    """Keep one more, of this process. Raises InputError where it can't be written."""
    here = Provenance.collect(started=started, data_hash="", seed=0)
    start = Start(
        started=started,
        command=here.command,
        code=here.code,
        earlier=earlier,
        questions=sum(one.prompts - one.answered for one in estimates),
        prompt_tokens=sum(one.prompt_tokens for one in estimates),
        most_completion_tokens=sum(one.most_completion_tokens for one in estimates),
    )
    starts = (*read_starts(folder), start)
    with writing(folder), replacing(folder / FILE) as unfinished:
        unfinished.write_bytes(_STARTS.dump_json(starts, indent=1))
