"""`tastemaker evaluate understanding`: how well conversations become intents, on labelled conversations."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import CatalogOption, say, settings_from

if TYPE_CHECKING:
    from agent.no_generator import NoGenerator
    from agent.understand.understanding import Understanding
    from core.generator import Generator
    from core.settings import Settings
    from evaluation.understanding.report import Labelled, Report
    from server.vllm_generator import VllmGenerator

_HELD_OUT = Path(__file__).parents[2] / "evaluation" / "understanding" / "held_out.jsonl"


def understanding(
    labels: Annotated[Path | None, typer.Option(help="Labelled conversations; default: the held-out ones.")] = None,
    with_: Annotated[str, typer.Option("--with", help="Any of rules, model, combined.")] = "rules",
    llm: Annotated[str, typer.Option(help="A running vLLM, for `model` and `combined`.")] = "",
    report: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    catalog: CatalogOption = "",
) -> None:
    """Measure how well conversations are understood, by kind.

    \b
    Examples:
      tastemaker evaluate understanding
      tastemaker evaluate understanding --with rules,combined
    """
    settings = settings_from(catalog=catalog, llm_url=llm)
    from agent.no_generator import NoGenerator
    from agent.understand.choose import choose_understanding
    from evaluation.experiments.registry import check_report_folder
    from evaluation.understanding.report import read_labelled, table, write_reports
    from server.manifest import artifact_layout, read_items, read_manifest

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest, items = read_manifest(layout), read_items(layout)
    labelled = read_labelled(labels or _HELD_OUT)
    if report:
        check_report_folder(report)

    def choose(name: str, generator: "Generator") -> "Understanding":
        return choose_understanding(name, items, generator, manifest.wording.items)

    names = [name.strip() for name in with_.split(",")]
    for name in names:
        choose(name, NoGenerator())  # an unknown one is said before a model is started
    with _generator(settings, names) as generator:
        reports = asyncio.run(_evaluate({name: choose(name, generator) for name in names}, labelled, generator))
    typer.echo(table(reports))
    if report:
        say(f"Written to {write_reports(reports, report)}.")


@contextmanager
def _generator(settings: "Settings", names: list[str]) -> "Iterator[VllmGenerator | NoGenerator]":
    """The language model, ready, where an understanding asks it."""
    from agent.no_generator import NoGenerator
    from evaluation.running import running
    from server.vllm_generator import VllmGenerator

    if set(names) == {"rules"}:
        yield NoGenerator()
        return
    with running(settings, say) as (engine, _):
        yield VllmGenerator(engine)


async def _evaluate(
    understandings: "dict[str, Understanding]",
    labelled: "list[Labelled]",
    generator: "VllmGenerator | NoGenerator",
) -> "list[Report]":
    from evaluation.understanding.report import evaluate
    from server.vllm_generator import VllmGenerator

    try:
        return [await evaluate(one, labelled, name=name) for name, one in understandings.items()]
    finally:
        if isinstance(generator, VllmGenerator):
            await generator.aclose()
