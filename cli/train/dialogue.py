"""`tastemaker train dialogue`: from what was said to what to recommend."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import CatalogOption, settings_from


def dialogue(
    conversations: Annotated[list[Path], typer.Option(help="Files of conversations.")],
    catalog: CatalogOption = "",
) -> None:
    """Learn from conversations what to recommend.

    \b
    Examples:
      tastemaker train dialogue --catalog my-books --conversations conversations.jsonl
    """
    settings = settings_from(catalog=catalog)
    from cli.dialogue_model import conversations_of, load_parts
    from server.atomic import replacing
    from server.steps import StepLedger
    from training.dialogue import learn_dialogue
    from training.dialogue_cases import cases

    parts = load_parts(settings)
    dialogues = conversations_of(conversations, parts).dialogues
    model = learn_dialogue(dialogues, [], parts.content, parts.encode, progress=True)
    path = parts.layout.dialogue_model
    with replacing(path) as unfinished:
        model.save(unfinished)
    StepLedger(parts.layout.steps).accept("dialogue", path)  # `prepare` keeps it until the catalogue changes
    learned = len(cases(dialogues))
    typer.echo(f"Learned from {learned:,} turns with recommendations in {len(dialogues):,} conversations: {path}.")
