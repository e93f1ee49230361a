"""`tastemaker evaluate prompts`: prompts, models and settings compared on people of a catalogue."""

from pathlib import Path

import typer

from cli.options import say, settings_from
from core.errors import InputError


def prompts(
    names: str,
    variants: str,
    report: Path,
    users: int | None,
    catalogs: list[str],
    llm: str,
    *,
    candidates: int,
    k: int,
    split: str,
    targets: int,
    ranker: str,
    seed: int,
    concurrency: int,
    prices: str,
) -> None:
    """Ask, measure, and print where the page is. A run that was cut off goes on where it stopped.

    Raises InputError for whatever is wrong in what was given, before anything is asked.
    """
    chosen = [name for part in names.split(",") if (name := part.strip())]
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
    base = PromptSettings(candidates=candidates, rank=k, correction=settings.popularity_correction)
    options = Options(
        prompts=chosen,
        variants=variants,
        report=report,
        users=users,
        catalogs=catalogs or [settings.catalog],
        base=base,
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
    except ValueError as error:
        raise InputError(f"The prices can't be {text!r}.", mend="Write them like 0.15,0.60.") from error
    return read, written
