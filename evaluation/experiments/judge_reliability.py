"""Can a language model be believed as a judge of explanations?

Agreement with labels, position bias, self-consistency, calibration, and how far an explanation gets by asking for good
scores (`evaluation.judge`). The judge is the model that `serve` would start, or an address: `--set llm=URL`. `--set
labels=12` asks for a part of the labels only. Goes on where it was interrupted.
"""

from pydantic import Field

from core.values import Value
from evaluation.experiments.registry import ExperimentSettings
from evaluation.judge.run import JudgeOptions, judge
from evaluation.report.report import Report


class Options(Value):
    """What `--set` may say."""

    llm: str = ""
    labels: int | None = Field(None, ge=2)
    concurrency: int = Field(16, ge=1)


def run(settings: ExperimentSettings) -> Report:
    """Ask what is not kept from an earlier run, and report."""
    options = JudgeOptions(seed=settings.seed, **settings.options_as(Options).model_dump())
    return judge(options, settings.settings, settings.report, lambda _: None, settings.started)
