"""`tastemaker evaluate simulate`: conversations with simulated people who look for one item and never name it."""

from pathlib import Path

import typer

from cli.options import say, settings_from
from core.errors import InputError


def simulate(
    catalog: str,
    people: int | None,
    turns: int,
    report: Path,
    llm: str,
    *,
    shown: int,
    known_history: bool | None,
    held_out: str,
    seed: int,
) -> None:
    """Hold the conversations and print where the page is. A run that was cut off goes on where it stopped.

    `known_history` None: with and without. Raises InputError for whatever is wrong in what was given.
    """
    if held_out not in ("validation", "test"):
        raise InputError(f"What is held out can't be {held_out!r}.", mend="Use validation or test.")
    settings = settings_from(catalog=catalog)
    from evaluation.experiments.registry import check_report_folder
    from evaluation.report.folder import write_report
    from evaluation.simulation.run import SimulationOptions
    from evaluation.simulation.run import simulate as run_simulation

    check_report_folder(report)
    options = SimulationOptions(
        people=people,
        turns=turns,
        shown=shown,
        history={None: "both", True: "known", False: "unknown"}[known_history],
        held_out="test" if held_out == "test" else "validation",
        llm=llm,
        seed=seed,
    )
    done = run_simulation(options, settings, report, say)
    page = write_report(done, report)
    say(done.answer)
    typer.echo(str(page))
