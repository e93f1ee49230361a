"""`tastemaker train sequence`: what ranks by history, with settings of one's own."""

from json import dumps, loads
from typing import Annotated

import typer

from cli.options import CatalogOption, settings_from
from cli.train.again import train_again
from cli.train.settings import LearningRateOption, PatienceOption, TrainingSeedOption


def sequence(
    catalog: CatalogOption = "",
    members: Annotated[int | None, typer.Option(help="Networks whose answers are averaged.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over all histories.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Width of the network.")] = None,
    layers: Annotated[int | None, typer.Option(help="Layers of the network.")] = None,
    heads: Annotated[int | None, typer.Option(help="Attention heads of a layer.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of activations that are dropped.")] = None,
    reach: Annotated[int | None, typer.Option(help="How many of the latest choices are read.")] = None,
    learning_rate: LearningRateOption = None,
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Choices in a batch.")] = None,
    patience: PatienceOption = None,
    seed: TrainingSeedOption = None,
) -> None:
    """Train the model that ranks by history; settings that aren't named keep what they were.

    \b
    Examples:
      tastemaker train sequence --catalog my-books --epochs 20
    """
    changes = {
        "members": members,
        "epochs": epochs,
        "dimensions": dimensions,
        "layers": layers,
        "heads": heads,
        "dropout": dropout,
        "reach": reach,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "batch_tokens": batch_tokens,
        "patience": patience,
        "seed": seed,
    }
    settings = settings_from(catalog=catalog)
    from server.manifest import artifact_layout, read_manifest
    from training.sequence import SequenceTraining

    layout = artifact_layout(settings.artifacts, settings.catalog)
    count = read_manifest(layout).interaction_count
    train_again(
        settings,
        layout.ranker,
        layout.ranker_training,
        changes,
        lambda known: SequenceTraining.suited_to(count, **known),
    )
    weights = loads((layout.ranker / "weights.json").read_text(encoding="utf-8"))
    typer.echo(dumps(weights, indent=1))
