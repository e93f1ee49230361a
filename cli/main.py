"""The `tastemaker` command: which commands there are, and what ends one of them."""

import os
import sys
from collections.abc import Callable

import typer
from typer.exceptions import Abort, TyperException

from cli.chat import chat
from cli.doctor import doctor
from cli.evaluate.compare import compare
from cli.evaluate.dialogues import dialogues
from cli.evaluate.experiment import experiment
from cli.evaluate.judge import judge
from cli.evaluate.prompts import prompts
from cli.evaluate.rank import rank
from cli.evaluate.simulate import simulate
from cli.evaluate.unbiased import unbiased
from cli.evaluate.understanding import understanding
from cli.options import INTERRUPTED
from cli.prepare import prepare
from cli.recommend import recommend
from cli.serve import serve
from cli.train.dialogue import dialogue
from cli.train.fusion import fusion
from cli.train.lora import lora
from cli.train.sequence import sequence
from cli.train.soft_prompt import soft_prompt
from core.errors import TastemakerError


def _group(help_text: str, *commands: Callable[..., None]) -> typer.Typer:
    """Commands under the names of their functions."""
    group = typer.Typer(help=help_text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for command in commands:
        group.command()(command)
    return group


_ABOUT = """A chat recommender for a catalogue that you own.

\b
First:
  tastemaker prepare
  tastemaker serve

Every setting may also be a TASTEMAKER_* variable, or stand in .env: core/settings.py lists them.
"""

app = _group(_ABOUT, prepare, serve, chat, recommend, doctor)
app.add_typer(
    _group(
        "Measure how well it recommends, explains and understands.",
        rank,
        dialogues,
        unbiased,
        experiment,
        compare,
        prompts,
        simulate,
        judge,
        understanding,
    ),
    name="evaluate",
)
app.add_typer(
    _group("Train a part again, with settings of your own.", sequence, fusion, soft_prompt, lora, dialogue),
    name="train",
)


def run() -> None:
    """Entry point: an error that a person can mend is one line, and its exit code says what kind it is."""
    try:
        exit_code = app(prog_name="tastemaker", standalone_mode=False)
        if exit_code == INTERRUPTED:  # what typer makes of a Ctrl-C
            _tell("Interrupted.")
        sys.exit(exit_code)
    except TyperException as error:
        # Without a command the help was shown, and there is nothing more to say.
        if cause := error.format_message().rstrip("."):
            _tell(f"{cause}. Add --help to see what there is.")
        sys.exit(error.exit_code)
    except TastemakerError as error:
        _tell(str(error))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, Abort):
        _tell("Interrupted.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough of it; writing the rest to nowhere keeps Python's exit quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(line: str) -> None:
    print(f"tastemaker: {line}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    run()
