"""`tastemaker train soft-prompt`: the soft tokens of a person alone."""

from cli.options import CatalogOption
from cli.train.adapter import train_adapter
from cli.train.settings import (
    AdapterOption,
    BaseOption,
    ExamplesOption,
    LanguageEpochsOption,
    TokensOption,
    TrainingSeedOption,
)


def soft_prompt(
    catalog: CatalogOption = "",
    base: BaseOption = "",
    tokens: TokensOption = None,
    examples: ExamplesOption = None,
    epochs: LanguageEpochsOption = None,
    seed: TrainingSeedOption = None,
    out: AdapterOption = "",
) -> None:
    """Teach the language model to read a person's embedding; its weights stay.

    \b
    Examples:
      tastemaker train soft-prompt --catalog my-books
    """
    train_adapter(
        catalog,
        base,
        out or "soft-prompt",
        order="soft-only",
        tokens=tokens,
        examples=examples,
        epochs=epochs,
        seed=seed,
    )
