"""`tastemaker evaluate dialogues`: answers to turns of conversations, or recall by cross-validation."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.evaluate.outputs import check_out, markdown
from cli.options import CatalogOption, say, settings_from
from core.errors import InputError

if TYPE_CHECKING:
    from core.settings import Settings


def dialogues(
    turns: Annotated[Path | None, typer.Option(help="Turns to answer.")] = None,
    out: Annotated[Path | None, typer.Option(help="File for the answers.")] = None,
    k: Annotated[int, typer.Option(min=1, help="How many items.")] = 10,
    catalog: CatalogOption = "",
    conversations: Annotated[list[Path] | None, typer.Option(help="Measure on these instead.")] = None,
) -> None:
    """Answer turns of conversations, or measure recall by cross-validation.

    \b
    Examples:
      tastemaker evaluate dialogues --turns turns.jsonl --out answers.jsonl
      tastemaker evaluate dialogues --conversations conversations.jsonl
    """
    settings = settings_from(catalog=catalog)
    if conversations:
        _measure(settings, conversations)
    elif turns is None or out is None:
        raise InputError("--turns and --out are needed.", mend="Or --conversations, to measure by cross-validation.")
    else:
        check_out(out, turns=turns)
        _answer(settings, turns, out, k)


def _answer(settings: "Settings", turns: Path, out: Path, k: int) -> None:
    from cli.dialogue_model import dialogue_model, load_parts
    from evaluation.dialogues.answers import TurnRanker, write_answers
    from evaluation.dialogues.turns import TurnFile
    from index.dialogue.context import person_text
    from server.manifest import artifact_layout, read_items, read_manifest

    layout = artifact_layout(settings.artifacts, settings.catalog)
    read_manifest(layout)
    file = TurnFile(turns, read_items(layout))  # a broken line is said before anything heavy is loaded
    parts = load_parts(settings)
    model, path = dialogue_model(parts)
    ranker = TurnRanker(
        parts.items,
        lambda dialogue: model.scores(dialogue, parts.encode([person_text(dialogue)])[0]),
        model.parameters.counts.named,
    )
    learned = hashlib.sha256(path.read_bytes()).hexdigest()
    if done := write_answers(ranker, file, out, k, model_state=learned):
        say(f"Went on after {done:,} turns that an earlier run answered.")
    if file.unknown:
        say(f"Items of `seen` that this catalogue doesn't know, passed over: {file.unknown:,}.")


def _measure(settings: "Settings", conversations: list[Path]) -> None:
    from cli.dialogue_model import conversations_of, load_parts
    from evaluation.dialogues.cross_validation import CUTOFFS, cross_validate

    parts = load_parts(settings)
    read = conversations_of(conversations, parts)
    measured = cross_validate(read.dialogues, read.people, parts.content, parts.encode)
    rows = ((one.name, *one.recall.values()) for one in measured)
    typer.echo(markdown(("ranker", *(f"recall@{k}" for k in CUTOFFS)), rows))
