"""What `evaluate dialogues` and `train dialogue` need of a prepared catalogue: its items, conversations and model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import say
from core.errors import ArtifactError

if TYPE_CHECKING:
    from catalog.conversations import Conversations
    from core.artifacts import ArtifactLayout
    from core.item import ItemTable
    from core.settings import Settings
    from index.dialogue.content import ItemContent
    from index.dialogue.model import DialogueModel
    from training.dialogue import Encode


@dataclass(frozen=True)
class DialogueParts:
    """What a dialogue model works with."""

    layout: "ArtifactLayout"
    items: "ItemTable"
    content: "ItemContent"
    encode: "Encode"


def load_parts(settings: "Settings") -> DialogueParts:
    """Raises ArtifactError where the catalogue isn't prepared, or was with another text encoder."""
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
    return DialogueParts(layout, items, ItemContent(items, embeddings), encoder.encode)


def conversations_of(files: list[Path], parts: DialogueParts) -> "Conversations":
    """The conversations of files; what is passed over in them is said."""
    from catalog.conversations import read_conversations

    read = read_conversations(files, parts.items)
    for notice in read.notices:
        say(notice)
    return read


def dialogue_model(parts: DialogueParts) -> "tuple[DialogueModel, Path]":
    """The catalogue's dialogue model and its file; one never trained is learned from the histories that there are."""
    from index.dialogue.model import DialogueModel
    from server.atomic import replacing
    from training.dialogue import learn_dialogue

    learned = parts.layout.dialogue_model
    path = learned if learned.exists() else parts.layout.dialogue_of_histories
    if not path.exists():
        say("This catalogue has no conversations: learning from histories what people choose next …")
        model = learn_dialogue([], _histories(parts), parts.content, parts.encode, progress=True)
        with replacing(path) as unfinished:
            model.save(unfinished)
    return DialogueModel.load(path, parts.content), path


def _histories(parts: DialogueParts) -> list[list[int]]:
    """What each person chose, as rows, oldest first."""
    import polars as pl

    from catalog.splits import row_sequences

    return [rows.tolist() for rows in row_sequences(pl.read_parquet(parts.layout.interactions), parts.items)]
