"""`tastemaker train sequence`: train the ranking of a prepared catalogue again, with settings of one's own."""

from json import dumps, loads
from pathlib import Path

import typer
from pydantic import ValidationError

from cli.options import say, settings_from
from core.errors import InputError


def sequence(catalog: str, **changes: float | None) -> None:
    """Write down what is to change, then prepare; settings that were given before and aren't named now stay.

    Settings that can't be trained with are forgotten again, and what served before goes on serving.
    """
    settings = settings_from(catalog=catalog)
    from server.atomic import replacing
    from server.manifest import artifact_layout, read_manifest
    from server.prepare import TRAINING_CHANGES, prepare
    from training.sequence import SequenceTraining

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest = read_manifest(layout)
    path = layout.ranker_training / TRAINING_CHANGES
    before = path.read_text(encoding="utf-8") if path.exists() else "{}"
    known = loads(before) | {name: value for name, value in changes.items() if value is not None}
    try:
        SequenceTraining.suited_to(manifest.interaction_count, **known)
    except ValidationError as error:
        raise _wrong_setting(error) from error

    def remember(text: str) -> None:
        with replacing(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")

    remember(dumps(known, indent=1))
    media = Path(manifest.media) if manifest.media else None
    try:
        prepare(
            manifest.source,
            artifacts=settings.artifacts,
            media=media,
            text_encoder=settings.text_encoder,
            vector_store=settings.vector_store,
            say=say,
        )
    except InputError:
        remember(before)
        raise
    weights = loads((layout.ranker / "weights.json").read_text(encoding="utf-8"))
    typer.echo(dumps(weights, indent=1))


def _wrong_setting(error: ValidationError) -> InputError:
    first = error.errors()[0]
    mend = f"{first['msg'].removeprefix('Value error, ')}."
    if not first["loc"]:
        return InputError("These settings don't fit each other.", mend=f"{mend[0].upper()}{mend[1:]}")
    option = f"--{str(first['loc'][0]).replace('_', '-')}"
    return InputError(f"{option} can't be {first['input']!r}.", mend=mend)
