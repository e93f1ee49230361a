"""Trains a part of a prepared catalogue again, for `train sequence` and `fusion`: prepares it with other settings."""

from collections.abc import Callable, Mapping
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.prepare import prepare_as_set
from cli.train.settings import wrong_setting
from core.errors import InputError

if TYPE_CHECKING:
    from core.settings import Settings


def train_again(
    settings: "Settings",
    made: Path,
    training: Path,
    changes: Mapping[str, object],
    check: Callable[[dict[str, Any]], object],
) -> None:
    """Write down what is to change, then prepare; a change that is None keeps what it was.

    It is trained even where nothing is to change: an earlier training that suits nearly the same catalogue is not kept.
    Settings that can't be trained with are forgotten again, and what served before goes on serving. `made` is the
    folder of the part that is trained, and `training` that of its checkpoints; `check` raises for settings it can't
    take.
    """
    from pydantic import ValidationError

    from server.atomic import remove, replacing
    from server.making.learned import FOLDER
    from server.making.work import TRAINING_CHANGES
    from server.manifest import artifact_layout, read_manifest

    manifest = read_manifest(artifact_layout(settings.artifacts, settings.catalog))
    path = training / TRAINING_CHANGES
    before = path.read_text(encoding="utf-8") if path.exists() else "{}"
    known = loads(before) | {name: value for name, value in changes.items() if value is not None}
    try:
        check(known)
    except ValidationError as error:
        raise wrong_setting(error) from error

    def remember(text: str) -> None:
        with replacing(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")

    remember(dumps(known, indent=1))
    media = Path(manifest.media) if manifest.media else None
    learned, aside = made / FOLDER, training / FOLDER
    if learned.is_dir():  # whatever a preparation would keep
        remove(aside)
        learned.rename(aside)
    try:
        prepare_as_set(settings, manifest.source, media)
    except InputError:
        remember(before)
        if learned.is_dir():  # what failed came after this training
            remove(aside)
        elif aside.is_dir():
            aside.rename(learned)
        raise
    remove(aside)
