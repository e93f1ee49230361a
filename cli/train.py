"""`tastemaker train sequence` and `train fusion`: learn a prepared catalogue again, with settings of one's own."""

from collections.abc import Callable, Mapping
from json import dumps, loads
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from cli.options import settings_from
from cli.prepare import prepare_as_set
from core.artifacts import ArtifactLayout
from core.errors import InputError
from core.settings import Settings


def sequence(catalog: str, **changes: float | None) -> None:
    """Train what ranks by history again, and print what each of its parts weighs."""
    settings = settings_from(catalog=catalog)
    from server.manifest import artifact_layout, read_manifest
    from training.sequence import SequenceTraining

    layout = artifact_layout(settings.artifacts, settings.catalog)
    count = read_manifest(layout).interaction_count
    _prepare_with(settings, layout.ranker_training, changes, lambda known: SequenceTraining.suited_to(count, **known))
    weights = loads((layout.ranker / "weights.json").read_text(encoding="utf-8"))
    typer.echo(dumps(weights, indent=1))


def fusion(catalog: str, **changes: float | str | bool | None) -> None:
    """Train the fusion of all kinds of data again, and print what it found of held-out items and its health."""
    settings = settings_from(catalog=catalog)
    from server.manifest import artifact_layout
    from training.fusion import LOG, FusionTraining

    layout: ArtifactLayout = artifact_layout(settings.artifacts, settings.catalog)
    _prepare_with(settings, layout.fusion_training, changes, lambda known: FusionTraining(**known))
    log = loads((layout.fusion / LOG).read_text(encoding="utf-8"))
    told = {"epochs": log["epochs"], "held_out": log.get("held_out"), "health": log["health"], "alarms": log["alarms"]}
    typer.echo(dumps(told, indent=1, ensure_ascii=False))


def _prepare_with(
    settings: Settings, training: Path, changes: Mapping[str, object], check: Callable[[dict[str, Any]], object]
) -> None:
    """Write down what is to change, then prepare; settings that were given before and aren't named now stay.

    Settings that can't be trained with are forgotten again, and what served before goes on serving. `training` is
    the folder in which the part that is trained keeps its checkpoints; `check` raises for settings it can't take.
    """
    from server.atomic import replacing
    from server.manifest import artifact_layout, read_manifest
    from server.prepare import TRAINING_CHANGES

    manifest = read_manifest(artifact_layout(settings.artifacts, settings.catalog))
    path = training / TRAINING_CHANGES
    before = path.read_text(encoding="utf-8") if path.exists() else "{}"
    known = loads(before) | {name: value for name, value in changes.items() if value is not None}
    try:
        check(known)
    except ValidationError as error:
        raise _wrong_setting(error) from error

    def remember(text: str) -> None:
        with replacing(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")

    remember(dumps(known, indent=1))
    media = Path(manifest.media) if manifest.media else None
    try:
        prepare_as_set(settings, manifest.source, media)
    except InputError:
        remember(before)
        raise


def _wrong_setting(error: ValidationError) -> InputError:
    first = error.errors()[0]
    mend = f"{first['msg'].removeprefix('Value error, ')}."
    if not first["loc"]:
        return InputError("These settings don't fit each other.", mend=f"{mend[0].upper()}{mend[1:]}")
    option = f"--{str(first['loc'][0]).replace('_', '-')}"
    return InputError(f"{option} can't be {first['input']!r}.", mend=mend)
