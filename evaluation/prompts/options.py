"""What a comparison is made of, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from evaluation.prompts.answer_log import AnswerLog
from evaluation.prompts.variants import PromptSettings

if TYPE_CHECKING:
    from evaluation.report.report import Report

CONCURRENCY = 32  # how many sequences the embedded engine works on at once


@dataclass(frozen=True)
class PromptResult:
    """What came out, as frames (see `frames`); `folder` holds the page, the tables, and every raw answer."""

    frame: pl.DataFrame
    people: pl.DataFrame
    pairs: pl.DataFrame
    report: "Report"
    folder: Path

    @property
    def answers(self) -> pl.DataFrame:
        """Every raw answer of the folder."""
        return pl.read_ndjson(AnswerLog(self.folder).path)


@dataclass(frozen=True)
class Options:
    """What a comparison is made of. `users` may be a number, None for everybody, or a frame of people."""

    prompts: Sequence[str]
    variants: str
    report: Path
    users: int | pl.DataFrame | None = None
    catalogs: Sequence[str] = ()
    base: PromptSettings = field(default_factory=PromptSettings)
    split: Literal["test", "validation"] = "test"
    targets: int = 1  # how many choices of each person are held out
    k: int = 10
    ranker: str = "history"  # or blend, or a folder: see `evaluation.bias.rankers`
    seed: int = 0
    concurrency: int = CONCURRENCY
    prices: tuple[float, float] | None = None
