"""`tastemaker evaluate dialogues` and `tastemaker train dialogue`: from what was said to a list of items."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.options import say, settings_from
from core.errors import ArtifactError, InputError

if TYPE_CHECKING:
    from core.artifacts import ArtifactLayout
    from core.dialogue import Dialogue
    from core.item import ItemTable
    from core.settings import Settings
    from index.dialogue.content import ItemContent
    from index.dialogue.model import DialogueModel
    from training.dialogue import Encode


def dialogues(turns: Path | None, out: Path | None, k: int, catalog: str, conversations: list[Path]) -> None:
    """Answer every turn of a file; or, with `conversations`, cross-validate on them and print recall."""
    settings = settings_from(catalog=catalog)
    if conversations:
        _measure(settings, conversations)
    elif turns is None or out is None:
        raise InputError("--turns and --out are needed.", mend="Or --conversations, to measure by cross-validation.")
    elif out.resolve() == turns.resolve():
        raise InputError("--out would overwrite --turns.", mend="Name another file.")
    else:
        _answer(settings, turns, out, k)


def train_dialogue(catalog: str, conversations: list[Path]) -> None:
    """Learn the dialogue model of a prepared catalogue from files of conversations."""
    settings = settings_from(catalog=catalog)
    from server.atomic import replacing
    from server.steps import StepLedger
    from training.dialogue import cases, learn_dialogue

    parts = _load(settings)
    dialogues = _read(conversations, parts)
    model = learn_dialogue(dialogues, [], parts.content, parts.encode, progress=True)
    path = parts.layout.dialogue_model
    with replacing(path) as unfinished:
        model.save(unfinished)
    StepLedger(parts.layout.steps).accept("dialogue", path)  # `prepare` keeps it until the catalogue changes
    learned = len(cases(dialogues))
    typer.echo(f"Learned from {learned:,} turns with recommendations in {len(dialogues):,} conversations: {path}.")


def _answer(settings: "Settings", turns: Path, out: Path, k: int) -> None:
    from evaluation.dialogues.answers import TurnRanker, write_answers
    from evaluation.dialogues.turns import TurnFile
    from index.dialogue.context import person_text
    from server.manifest import artifact_layout, read_items, read_manifest

    layout = artifact_layout(settings.artifacts, settings.catalog)
    read_manifest(layout)
    file = TurnFile(turns, read_items(layout))  # a broken line is said before anything heavy is loaded
    parts = _load(settings)
    model = _model(parts)
    ranker = TurnRanker(
        parts.items,
        lambda dialogue: model.scores(dialogue, parts.encode([person_text(dialogue)])[0]),
        model.parameters.counts.named,
    )
    learned = hashlib.sha256(_model_path(parts).read_bytes()).hexdigest()
    if done := write_answers(ranker, file, out, k, model_state=learned):
        say(f"Went on after {done:,} turns that an earlier run answered.")
    if file.unknown:
        say(f"Items of `seen` that this catalogue doesn't know, passed over: {file.unknown:,}.")


def _measure(settings: "Settings", conversations: list[Path]) -> None:
    from evaluation.dialogues.cross_validation import CUTOFFS, cross_validate

    parts = _load(settings)
    measured = cross_validate(_read(conversations, parts), parts.content, parts.encode)
    typer.echo(f"| ranker | {' | '.join(f'recall@{k}' for k in CUTOFFS)} |")
    typer.echo("|---" * (1 + len(CUTOFFS)) + "|")
    for one in measured:
        typer.echo(f"| {one.name} | {' | '.join(str(one.recall[k]) for k in CUTOFFS)} |")


@dataclass(frozen=True)
class _Loaded:
    """What a dialogue model needs of a prepared catalogue."""

    layout: "ArtifactLayout"
    items: "ItemTable"
    content: "ItemContent"
    encode: "Encode"


def _load(settings: "Settings") -> _Loaded:
    import numpy as np

    from encoders.text import TextEncoder, text_encoder_identity
    from index.dialogue.content import ItemContent
    from server.manifest import artifact_layout, prepare_command, read_items, read_manifest

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest = read_manifest(layout)
    if manifest.text_encoder != text_encoder_identity(settings.text_encoder):
        cause = f"{layout.root} was made with the text encoder {manifest.text_encoder}, and another is set."
        raise ArtifactError(cause, mend=f"Run `{prepare_command(manifest)}`, or set TASTEMAKER_TEXT_ENCODER back.")
    items = read_items(layout)
    try:
        embeddings = np.load(layout.text_embeddings, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        cause = f"{layout.text_embeddings} can't be read."
        raise ArtifactError(cause, mend=f"Run `{prepare_command(manifest)}`.") from error
    encoder = TextEncoder(settings.text_encoder, cache=settings.artifacts / "cache" / "text_embeddings.sqlite")
    return _Loaded(layout, items, ItemContent(items, embeddings), encoder.encode)


def _read(conversations: list[Path], parts: _Loaded) -> "tuple[Dialogue, ...]":
    from catalog.conversations import read_conversations

    read = read_conversations(conversations, parts.items)
    for notice in read.notices:
        say(notice)
    return read.dialogues


def _model_path(parts: _Loaded) -> Path:
    """The model that was learned from conversations, or the one from histories where there were none."""
    learned = parts.layout.dialogue_model
    return learned if learned.exists() else parts.layout.dialogue_of_histories


def _model(parts: _Loaded) -> "DialogueModel":
    """The catalogue's dialogue model; one that was never trained is learned from the histories that there are."""
    from index.dialogue.model import DialogueModel
    from server.atomic import replacing
    from training.dialogue import learn_dialogue

    path = _model_path(parts)
    if not path.exists():
        say("This catalogue has no conversations: learning from histories what people choose next …")
        model = learn_dialogue([], _histories(parts), parts.content, parts.encode, progress=True)
        with replacing(path) as unfinished:
            model.save(unfinished)
    return DialogueModel.load(path, parts.content)


def _histories(parts: _Loaded) -> list[list[int]]:
    """What each person chose, as rows, oldest first."""
    import polars as pl

    from catalog.splits import row_sequences

    return [rows.tolist() for rows in row_sequences(pl.read_parquet(parts.layout.interactions), parts.items)]
