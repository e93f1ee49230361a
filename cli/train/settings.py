"""What the training commands share: options, and settings that can't be trained with as one clear line."""

from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError

AdapterOption = Annotated[str, typer.Option("--out", help="The adapter's name.")]
BaseOption = Annotated[str, typer.Option(help="A causal model: a name or a folder; default: the one that serves.")]
ExamplesOption = Annotated[int | None, typer.Option(help="Choices to learn from; default: all.")]
LanguageEpochsOption = Annotated[int | None, typer.Option(help="Passes over the examples.")]
LearningRateOption = Annotated[float | None, typer.Option(help="Highest learning rate.")]
PatienceOption = Annotated[int | None, typer.Option(help="Epochs without a better validation before it stops.")]
TrainingSeedOption = Annotated[int | None, typer.Option(help="Seed of everything that is drawn.")]
TokensOption = Annotated[int | None, typer.Option(help="Soft tokens of a person.")]


def wrong_setting(error: "ValidationError") -> InputError:
    """The first thing that is wrong, by the name of its option."""
    first = error.errors()[0]
    mend = f"{first['msg'].removeprefix('Value error, ')}."
    if not first["loc"]:
        return InputError("These settings don't fit each other.", mend=f"{mend[0].upper()}{mend[1:]}")
    option = f"--{str(first['loc'][0]).replace('_', '-')}"
    return InputError(f"{option} can't be {first['input']!r}.", mend=mend)
