"""Experiments, each one command and one module: `NAME.py` here is `tastemaker evaluate experiment NAME`.

A module's first line of docstring says what it asks; its `run(settings: ExperimentSettings) -> Report` answers.
"""

from evaluation.experiments.registry import EXPERIMENTS, Experiment, ExperimentSettings

__all__ = ["EXPERIMENTS", "Experiment", "ExperimentSettings"]
