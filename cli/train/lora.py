"""`tastemaker train lora`: the language model's weights, and the soft tokens with them."""

from typing import Annotated

import typer

from cli.options import CatalogOption
from cli.train.adapter import train_adapter
from cli.train.settings import (
    AdapterOption,
    BaseOption,
    ExamplesOption,
    LanguageEpochsOption,
    LearningRateOption,
    TokensOption,
    TrainingSeedOption,
)
from core.errors import InputError


def lora(
    catalog: CatalogOption = "",
    base: BaseOption = "",
    layers: Annotated[str, typer.Option(help="How many of the last layers, or all.")] = "4",
    method: Annotated[str | None, typer.Option(help="lora, bottleneck or full.")] = None,
    order: Annotated[str | None, typer.Option(help="soft-first, lora-first, alternating or joint.")] = None,
    rank: Annotated[int | None, typer.Option(help="Of the low-rank matrices.")] = None,
    tokens: TokensOption = None,
    examples: ExamplesOption = None,
    epochs: LanguageEpochsOption = None,
    batch: Annotated[int | None, typer.Option(help="Examples in a step.")] = None,
    explanations: Annotated[float | None, typer.Option(help="Share of the steps that learn to explain.")] = None,
    learning_rate: LearningRateOption = None,
    seed: TrainingSeedOption = None,
    quantised: Annotated[bool, typer.Option(help="Four-bit base weights (QLoRA), on a GPU.")] = False,
    teacher: Annotated[str, typer.Option(help="OpenAI-compatible address of a model that writes reasons.")] = "",
    out: AdapterOption = "",
) -> None:
    """Tune the language model, and the soft prompt with it.

    \b
    Examples:
      tastemaker train lora --catalog my-books
      tastemaker train lora --catalog my-books --layers all --order joint --out mine
    """
    train_adapter(
        catalog,
        base,
        out or "lora",
        teacher,
        layers=_layers(layers),
        method=method,
        order=order,
        rank=rank,
        tokens=tokens,
        examples=examples,
        epochs=epochs,
        batch=batch,
        explanations=explanations,
        learning_rate=learning_rate,
        seed=seed,
        quantised=quantised,
    )


def _layers(text: str) -> int | None:
    """A number of layers; None for "all"."""
    if text.strip().lower() == "all":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InputError(f"--layers can't be {text!r}.", mend="Give a number of layers, or `all`.") from error
