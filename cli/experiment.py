"""`tastemaker evaluate experiment`: run an experiment and write its report."""

from pathlib import Path

import typer

from cli.options import say, settings_from
from core.errors import InputError


def experiment(
    name: str, report: Path | None, catalog: str, users: int | None, seed: int, seeds: int, options: list[str]
) -> None:
    """Run one experiment and print where its page is. `seeds` is how often what is random is repeated, from `seed` on.

    Raises InputError for an unknown name, naming those there are, and where no report could be written.
    """
    from evaluation.experiments.registry import (
        ExperimentSettings,
        check_report_folder,
        find_experiment,
        read_options,
    )

    if not name:
        raise InputError("An experiment's name is needed.", mend="Add --list to see what there is.")
    chosen = find_experiment(name)
    if report is None:
        raise InputError("The report needs a folder.", mend=f"Such as `--report reports/{name}`.")
    settings = settings_from(catalog=catalog)
    check_report_folder(report)
    given = ExperimentSettings(
        settings=settings,
        catalog=settings.catalog,
        report=report,
        users=users,
        seed=seed,
        seeds=tuple(range(seed, seed + seeds)),
        options=read_options(options),
    )
    done = chosen.run(given)
    from evaluation.report.folder import write_report

    page = write_report(done, report)
    say(done.answer)
    typer.echo(str(page))


def list_experiments() -> None:
    """Print every experiment with what it asks."""
    from evaluation.experiments.registry import EXPERIMENTS

    width = max(map(len, EXPERIMENTS), default=0)
    for name, one in EXPERIMENTS.items():
        typer.echo(f"{name:<{width}}  {one.summary}")


def compare(folders: list[Path], report: Path) -> None:
    """Write a report that sets earlier reports side by side."""
    from evaluation.experiments.registry import check_report_folder
    from evaluation.report.compare import compare as compare_reports
    from evaluation.report.folder import write_report

    check_report_folder(report)
    done = compare_reports(folders)
    page = write_report(done, report)
    say(done.answer)
    typer.echo(str(page))
