"""`tastemaker evaluate experiment`: one of `evaluation.experiments`, and its report."""

from pathlib import Path
from typing import Annotated

import typer

from cli.evaluate.outputs import write_and_tell
from cli.options import CatalogOption, SeedOption, settings_from
from core.errors import InputError


def experiment(
    name: Annotated[str, typer.Argument(help="One of those that --list shows.")] = "",
    report: Annotated[Path | None, typer.Option(help="Folder for the report; a cut-off run goes on in it.")] = None,
    catalog: CatalogOption = "",
    users: Annotated[int | None, typer.Option(min=1, help="How many people are sampled; default: all.")] = None,
    seed: SeedOption = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How often what is random is repeated.")] = 1,
    option: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE of the experiment's own.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the experiments there are.")] = False,
) -> None:
    """Run an experiment and write its report.

    \b
    Examples:
      tastemaker evaluate experiment --list
      tastemaker evaluate experiment retrieval-depth --report reports/depth
    """
    from evaluation.experiments.registry import ExperimentSettings, find_experiment, read_options

    if list_:
        _list_experiments()
        return
    if not name:
        raise InputError("An experiment's name is needed.", mend="Add --list to see what there is.")
    chosen = find_experiment(name)
    if report is None:
        raise InputError("The report needs a folder.", mend=f"Such as `--report reports/{name}`.")
    settings = settings_from(catalog=catalog)
    given = ExperimentSettings(
        settings=settings,
        catalog=settings.catalog,
        report=report,
        users=users,
        seed=seed,
        seeds=tuple(range(seed, seed + seeds)),
        options=read_options(option or []),
    )
    write_and_tell(report, lambda: chosen.run(given))


def _list_experiments() -> None:
    """Every experiment with what it asks."""
    from evaluation.experiments.registry import EXPERIMENTS

    width = max(map(len, EXPERIMENTS), default=0)
    for name, one in EXPERIMENTS.items():
        typer.echo(f"{name:<{width}}  {one.summary}")
