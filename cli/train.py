"""`tastemaker train sequence`: train the ranking of a prepared catalogue again, with settings of one's own."""

from json import dumps, loads
from pathlib import Path

import typer
from pydantic import ValidationError

from cli.options import say, settings_from
from core.errors import InputError


def sequence(catalog: str, **changes: float | None) -> None:
    """Write down what is to change, then prepare; settings that were given before and aren't named now stay."""
    settings = settings_from(catalog=catalog)
    from server.atomic import replacing
    from server.manifest import artifact_layout, read_manifest
    from server.prepare import TRAINING_CHANGES, prepare
    from training.sequence import SequenceTraining

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest = read_manifest(layout)
    path = layout.ranker_training / TRAINING_CHANGES
    known = loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {name: value for name, value in changes.items() if value is not None}
    try:
        SequenceTraining.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        option = f"--{str(first['loc'][0]).replace('_', '-')}"
        raise InputError(f"{option} can't be {first['input']!r}.", mend=f"{first['msg']}.") from error
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as unfinished:
        unfinished.write_text(dumps(known, indent=1), encoding="utf-8")
    media = Path(manifest.media) if manifest.media else None
    prepare(manifest.source, artifacts=settings.artifacts, media=media, text_encoder=settings.text_encoder, say=say)
    weights = loads((layout.ranker / "weights.json").read_text(encoding="utf-8"))
    typer.echo(dumps(weights, indent=1))
