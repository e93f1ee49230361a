"""`tastemaker prepare`: make the artifacts of a catalogue, or bring them up to date."""

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import JsonOption, say, settings_from

if TYPE_CHECKING:
    from core.settings import Settings
    from server.prepare import Prepared


def prepare(
    catalog: Annotated[str, typer.Option(help="`ml-100k`, or a folder with your own items.")] = "ml-100k",
    media: Annotated[Path | None, typer.Option(help="Folder with plots, people and posters.")] = None,
    json: JsonOption = False,
) -> None:
    """Make a catalogue ready to serve; what is done already is skipped.

    \b
    Examples:
      tastemaker prepare
      tastemaker prepare --catalog path/to/my-books
    """
    settings = settings_from()
    prepared = prepare_as_set(settings, catalog or settings.catalog, media)
    for notice in prepared.notices:
        say(notice)
    if not settings.llm_url:
        from server.embedded_model import language_model

        language_model(settings.model, settings.artifacts, say)
    manifest = prepared.manifest
    if json:
        summary = {"folder": str(prepared.folder), "manifest": manifest.model_dump(), "seconds": prepared.seconds}
        typer.echo(dumps({**summary, "notices": list(prepared.notices)}, ensure_ascii=False))
    else:
        words = manifest.wording
        done = "prepared" if prepared.seconds else "up to date"
        typer.echo(
            f"{manifest.catalog} is {done}: {manifest.item_count:,} {words.items}, "
            f"{manifest.interaction_count:,} interactions, in {prepared.folder}."
        )


def prepare_as_set(settings: "Settings", catalog: str, media: Path | None) -> "Prepared":
    """Prepare a catalogue with the encoders and the vector store of the settings, a line on stderr for each step."""
    from server.prepare import prepare as run
    from server.representation import Vision

    return run(
        catalog,
        artifacts=settings.artifacts,
        media=media,
        text_encoder=settings.text_encoder,
        image_encoder=(settings.image_encoder, settings.image_pretrained),
        vision=Vision(settings.vision_url, settings.vision_model, settings.vision_key.get_secret_value()),
        vector_store=settings.vector_store,
        say=say,
    )
