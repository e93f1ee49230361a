"""What a comparison found as frames, for who computes on: runs, people and every paired test."""

import numpy as np
import polars as pl

from evaluation.prompts.comparison import Comparison
from evaluation.report import people


def run_frame(found: Comparison) -> pl.DataFrame:
    """One line for each run and each order of the ranker: the mean of every metric with its 95 % interval."""
    rows = []
    for measured in (*found.runs, *found.rankers):
        row: dict[str, object] = {"run": measured.name, "people": measured.answered}
        for metric, one in measured.means.items():
            row |= {metric: one and one.value, f"{metric} low": one and one.low, f"{metric} high": one and one.high}
        rows.append({**row, **{name: value if np.isfinite(value) else None for name, value in measured.lists.items()}})
    return pl.DataFrame(rows, infer_schema_length=None)


def people_frame(found: Comparison) -> pl.DataFrame:
    """One line for each person, run and metric that has a value: what later runs are compared with."""
    frames = (
        people.people_frame(
            [person.user_id for person in run.people.asked],
            {(one.name, metric): values for metric, values in one.people.items()},
        )
        for run, one in zip(found.plan.runs, found.runs, strict=True)
    )
    return pl.concat(frames)


def pair_frame(found: Comparison) -> pl.DataFrame:
    """One line for each paired test: of every two runs, and of every run and the ranker's order."""
    rows = [
        {
            "first": found.runs[one.first].name,
            "second": others[one.second].name,
            "metric": found.primary,
            "people": one.people,
            "difference": one.test.difference,
            "low": one.test.low,
            "high": one.test.high,
            "p": one.test.p,
            "p (Holm)": one.test.corrected,
            "tests corrected for": len(tests),
        }
        for tests, others in ((found.pairs, found.runs), (found.against_ranker, found.rankers))
        for one in tests
    ]
    return pl.DataFrame(rows)
