"""Trains an adapter, which teaches the language model a catalogue's people and items: `train soft-prompt`, `lora`."""

import re
from functools import partial
from json import dumps
from pathlib import Path
from sys import argv
from typing import TYPE_CHECKING, Any

import typer

from cli.options import say, settings_from
from cli.train.settings import wrong_setting
from core.errors import InputError

if TYPE_CHECKING:
    from core.settings import Settings
    from training.language.corpus import Corpus
    from training.language.settings import LanguageTraining
    from training.language.tuning import Distil

_CHECKOUT = Path(__file__).parents[2]


def train_adapter(catalog: str, base: str, out: str, teacher: str = "", **changes: Any) -> None:
    """Train and write `artifacts/NAME/adapters/OUT`; a killed run goes on. Changes that are None keep their defaults.

    `changes` are settings of `LanguageTraining`. Raises InputError for some that can't be used, and whatever goes wrong
    in a training, as one line.
    """
    settings = settings_from(catalog=catalog, model=base)
    training = language_settings(changes)
    _check_name(out)
    from core.adapter import TrainedBy
    from evaluation.report.provenance import code_version, command_line
    from server.adapters import adapters_folder, checkpoint_folder
    from server.artifacts import configured_artifacts
    from server.composition import make_corpus
    from server.early_fusion import early_fusion
    from server.embedded_model import language_model
    from server.making.adapters import fusion_folder
    from server.steps import only_writer
    from training.language.tuning import language_data, save_adapter, tune

    artifacts = configured_artifacts(settings)
    model = language_model(settings.model, settings.artifacts, say)
    adapters = adapters_folder(artifacts.layout.root)
    folder = adapters / out
    work = folder / "training"
    with only_writer(folder):
        embeddings = early_fusion(artifacts, fusion_folder(adapters, artifacts.manifest.catalog_hash))
        corpus = make_corpus(artifacts, embeddings)
        data = language_data(corpus, training, adapters / ".rankers", distil=_distil(teacher, corpus, settings))
        missed = f"{data.missed:.0%} of their lists miss what was chosen"
        say(f"{len(data.training)} choices ({missed}), {len(data.explanations)} explanations.")
        tuned = tune(corpus, data, checkpoint_folder(model), training, work, base_name=Path(model).name)
        by = TrainedBy(command=command_line(argv), seed=training.seed, code_version=code_version(_CHECKOUT))
        save_adapter(tuned, corpus, training, folder, by)
        (work / "checkpoint.pt").unlink(missing_ok=True)
    result = {"adapter": str(folder), "trainable": tuned.trainable, "model_weight": tuned.model_weight}
    typer.echo(dumps({**result, "validation_loss": tuned.logs[-1].validation_loss if tuned.logs else None}, indent=1))


def language_settings(changes: dict[str, Any]) -> "LanguageTraining":
    """Settings with the options that were given. Raises InputError, naming the option."""
    from pydantic import ValidationError

    from training.language.settings import LanguageTraining

    # None is a number of layers too: all of them.
    given = {name: value for name, value in changes.items() if value is not None or name == "layers"}
    try:
        settings = LanguageTraining.model_validate(given)
    except ValidationError as error:
        raise wrong_setting(error) from error
    return settings if "latest" in given else settings.model_copy(update={"latest": settings.order.titles})


def _check_name(name: str) -> None:
    """Before half an hour of training rather than after it."""
    from core.adapter import NAME_PATTERN

    if not re.match(NAME_PATTERN, name):
        mend = "Use letters, digits, dots, dashes and underscores, and begin with a letter or a digit."
        raise InputError(f"--out can't be {name!r}: it names an adapter.", mend=mend)


def _distil(teacher: str, corpus: "Corpus", settings: "Settings") -> "Distil | None":
    if not teacher:
        return None
    from training.language.explanations import ExplanationWriter
    from training.language.teacher import Teacher

    one = Teacher(teacher, ExplanationWriter(corpus), key=settings.llm_key.get_secret_value())
    return partial(_told, one)


def _told(teacher: Any, explanations: Any) -> Any:
    found = teacher.distil(explanations)
    say(f"The teacher wrote {teacher.kept} reasons that hold; {teacher.refused} did not.")
    return found
