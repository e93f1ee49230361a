"""`tastemaker evaluate judge`: explanations judged by a language model whose reliability is measured first."""

from pathlib import Path
from typing import Annotated

import typer

from cli.evaluate.outputs import write_and_tell
from cli.options import ReportOption, SeedOption, say, settings_from


def judge(
    report: ReportOption,
    answers: Annotated[Path | None, typer.Option(help='Lines of {"id", "asked", "item", "facts", "text"}.')] = None,
    llm: Annotated[str, typer.Option(help="OpenAI-compatible address of the judge.")] = "",
    labels: Annotated[int | None, typer.Option(min=2, help="How many labels are asked for; default: all.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions at a time.")] = 16,
    seed: SeedOption = 0,
) -> None:
    """Let a language model judge explanations, and measure first how far it can be believed.

    \b
    Examples:
      tastemaker evaluate judge --report reports/judge
      tastemaker evaluate judge --answers answers.jsonl --report reports/judge
    """
    settings = settings_from()
    from evaluation.judge.run import JudgeOptions
    from evaluation.judge.run import judge as run_judge

    options = JudgeOptions(answers=answers, llm=llm, labels=labels, concurrency=concurrency, seed=seed)
    write_and_tell(report, lambda: run_judge(options, settings, report, say))
