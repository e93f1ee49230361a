"""How soon does a person who can't name it find what they look for, with and without a known history?

Simulated people (`evaluation.simulation`) look for an item of their own that no learned part knows, tell a facet at a
time and turn down with true reasons. The turn of the chat without a language model (`--set llm=local` or an address for
one) against lists that nobody's words move. Everybody's last choice but one is the target; `--set held_out=test` takes
the last one. Goes on where it was interrupted.
"""

from typing import Literal

from pydantic import Field

from core.values import Value
from evaluation.experiments.registry import ExperimentSettings
from evaluation.report.report import Report
from evaluation.simulation.run import SimulationOptions, simulate


class Options(Value):
    """What `--set` may say."""

    turns: int = Field(5, ge=1, le=50)
    shown: int = Field(3, ge=1, le=10)
    history: Literal["known", "unknown", "both"] = "both"
    held_out: Literal["validation", "test"] = "validation"
    llm: str = ""


def run(settings: ExperimentSettings) -> Report:
    """Hold every conversation that is not kept from an earlier run, and report."""
    options = SimulationOptions(people=settings.users, seed=settings.seed, **settings.options_as(Options).model_dump())
    return simulate(options, settings.of_catalog, settings.report, lambda _: None, settings.started)
