"""`tastemaker evaluate simulate`: conversations with simulated people who look for one item and never name it."""

from typing import Annotated

import typer

from cli.evaluate.outputs import write_and_tell
from cli.options import CatalogOption, ReportOption, SeedOption, say, settings_from
from core.errors import InputError


def simulate(
    report: ReportOption,
    catalog: CatalogOption = "",
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 100,
    turns: Annotated[int, typer.Option(min=1, max=50, help="Answers in a conversation, at most.")] = 5,
    shown: Annotated[int, typer.Option(min=1, max=10, help="Items in an answer.")] = 3,
    known_history: Annotated[
        bool | None, typer.Option("--known-history/--unknown-history", help="Default: both.")
    ] = None,
    held_out: Annotated[str, typer.Option(help="validation (last choice but one) or test.")] = "validation",
    llm: Annotated[str, typer.Option(help="`local`, or an OpenAI-compatible address; default: none.")] = "",
    seed: SeedOption = 0,
) -> None:
    """Talk as people who look for one item and never name it.

    \b
    Examples:
      tastemaker evaluate simulate --report reports/people
      tastemaker evaluate simulate --people 20 --llm local --report reports/people
    """
    if held_out not in ("validation", "test"):
        raise InputError(f"What is held out can't be {held_out!r}.", mend="Use validation or test.")
    settings = settings_from(catalog=catalog)
    from evaluation.simulation.run import SimulationOptions
    from evaluation.simulation.run import simulate as run_simulation

    options = SimulationOptions(
        people=people,
        turns=turns,
        shown=shown,
        history={None: "both", True: "known", False: "unknown"}[known_history],
        held_out="test" if held_out == "test" else "validation",
        llm=llm,
        seed=seed,
    )
    write_and_tell(report, lambda: run_simulation(options, settings, report, say))
