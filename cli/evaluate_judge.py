"""`tastemaker evaluate judge`: explanations judged by a language model whose reliability is measured first."""

from pathlib import Path

import typer

from cli.options import say, settings_from


def judge(answers: Path | None, report: Path, llm: str, *, labels: int | None, concurrency: int, seed: int) -> None:
    """Measure the judge, let it score the answers, and print where the page is. A run that was cut off goes on.

    Raises InputError for whatever is wrong in what was given.
    """
    settings = settings_from()
    from evaluation.experiments.registry import check_report_folder
    from evaluation.judge.run import JudgeOptions
    from evaluation.judge.run import judge as run_judge
    from evaluation.report.folder import write_report

    check_report_folder(report)
    options = JudgeOptions(answers=answers, llm=llm, labels=labels, concurrency=concurrency, seed=seed)
    done = run_judge(options, settings, report, say)
    page = write_report(done, report)
    say(done.answer)
    typer.echo(str(page))
