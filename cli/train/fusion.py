"""`tastemaker train fusion`: what joins all kinds of an item's data, with settings of one's own."""

from json import dumps, loads
from typing import Annotated

import typer

from cli.options import CatalogOption, settings_from
from cli.train.again import train_again
from cli.train.settings import LearningRateOption, PatienceOption, TrainingSeedOption


def fusion(
    catalog: CatalogOption = "",
    fusion: Annotated[str | None, typer.Option(help="full, early or late.")] = None,
    alignment: Annotated[str | None, typer.Option(help="infonce, variational or none.")] = None,
    disentanglement: Annotated[bool | None, typer.Option(help="Keep shared and specific parts apart.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Of an embedding; a multiple of 8.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over all items.")] = None,
    batch: Annotated[int | None, typer.Option(help="Items in a batch.")] = None,
    learning_rate: LearningRateOption = None,
    patience: PatienceOption = None,
    seed: TrainingSeedOption = None,
) -> None:
    """Train the fusion of all kinds of data; settings that aren't named keep what they were.

    \b
    Examples:
      tastemaker train fusion --catalog my-books
      tastemaker train fusion --catalog my-books --fusion early
    """
    changes = {
        "fusion": fusion,
        "alignment": alignment,
        "disentanglement": disentanglement,
        "dimensions": dimensions,
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "patience": patience,
        "seed": seed,
    }
    settings = settings_from(catalog=catalog)
    from server.manifest import artifact_layout
    from training.fusion import LOG, FusionTraining

    layout = artifact_layout(settings.artifacts, settings.catalog)
    train_again(settings, layout.fusion, layout.fusion_training, changes, lambda known: FusionTraining(**known))
    log = loads((layout.fusion / LOG).read_text(encoding="utf-8"))
    told = {"epochs": log["epochs"], "held_out": log.get("held_out"), "health": log["health"], "alarms": log["alarms"]}
    typer.echo(dumps(told, indent=1, ensure_ascii=False))
