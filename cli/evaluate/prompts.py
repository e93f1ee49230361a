"""`tastemaker evaluate prompts`: prompts, models and settings compared on people of a catalogue."""

from math import inf, nan
from typing import Annotated

import typer

from cli.options import LlmOption, ReportOption, SeedOption, say, settings_from
from core.errors import InputError


def prompts(
    report: ReportOption,
    prompts: Annotated[str, typer.Option(help="Templates, `choose`, or files of your own, separated by commas.")] = (
        "hard,json,chain-of-thought,few-shot"
    ),
    variants: Annotated[
        str,
        typer.Option(help="base, adapter:NAME, soft:NAME, model:NAME, SETTING=VALUE; join with +, separate by commas."),
    ] = "base",
    users: Annotated[int | None, typer.Option(min=1, help="How many people are sampled; default: all.")] = None,
    catalog: Annotated[list[str] | None, typer.Option(help="A prepared catalogue; may be given several times.")] = None,
    llm: LlmOption = "",
    candidates: Annotated[int, typer.Option(min=2, max=100, help="How many candidates are shown.")] = 20,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many are ranked and measured.")] = 10,
    split: Annotated[str, typer.Option(help="test: each person's last choice; validation: the one before.")] = "test",
    targets: Annotated[int, typer.Option(min=1, help="How many choices of each person are held out.")] = 1,
    ranker: Annotated[str, typer.Option(help="What offers candidates: history, blend, or a ranker's folder.")] = (
        "history"
    ),
    seed: SeedOption = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="How many questions are asked at once.")] = 32,
    prices: Annotated[str, typer.Option(help="What a million tokens cost, read and written, such as 0.15,0.60.")] = "",
) -> None:
    """Compare prompts, models and settings on people of a catalogue.

    \b
    Examples:
      tastemaker evaluate prompts --users 200 --variants base,order=shuffled --report reports/prompts
    """
    chosen = [name for part in prompts.split(",") if (name := part.strip())]
    if not chosen:
        from prompts.template import template_names

        raise InputError("No prompt is named.", mend=f"There are {', '.join(template_names())}, or name a file.")
    if split not in ("test", "validation"):
        raise InputError(f"The split can't be {split!r}.", mend="Use test or validation.")
    cost = _prices(prices)
    settings = settings_from(llm_url=llm)
    from evaluation.experiments.registry import check_report_folder
    from evaluation.prompts.run import Options, compare_prompts
    from evaluation.prompts.variants import PromptSettings

    check_report_folder(report)
    options = Options(
        prompts=chosen,
        variants=variants,
        report=report,
        users=users,
        catalogs=catalog or [settings.catalog],
        base=PromptSettings(candidates=candidates, rank=k, correction=settings.popularity_correction),
        split="test" if split == "test" else "validation",
        targets=targets,
        k=k,
        ranker=ranker,
        seed=seed,
        concurrency=concurrency,
        prices=cost,
    )
    result = compare_prompts(options, settings, say)
    say(result.report.answer)
    typer.echo(str(result.folder / "report.html"))


def _prices(text: str) -> tuple[float, float] | None:
    """Prices of a million tokens, read and written."""
    if not text:
        return None
    try:
        read, written = (float(part) for part in text.split(","))
    except ValueError:
        read = written = nan
    if not (0 <= read < inf and 0 <= written < inf):
        raise InputError(f"The prices can't be {text!r}.", mend="Write them like 0.15,0.60.")
    return read, written
