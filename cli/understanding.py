"""`tastemaker evaluate understanding`: how well conversations become intents, on labelled conversations."""

import asyncio
from pathlib import Path

import typer

from cli.options import say, settings_from

HELD_OUT = Path(__file__).parent.parent / "evaluation" / "understanding" / "held_out.jsonl"


def understanding(labels: Path | None, names: str, llm: str, report: Path | None, catalog: str) -> None:
    """Print accuracy by topic for each understanding, and write it to a folder with every miss."""
    settings = settings_from(catalog=catalog, llm_url=llm)
    from agent.understand.choose import choose_understanding
    from evaluation.understanding.report import evaluate, read_labelled, table, write_reports
    from server.composition import make_engine
    from server.manifest import artifact_layout, read_items, read_manifest
    from server.vllm_generator import VllmGenerator

    layout = artifact_layout(settings.artifacts, settings.catalog)
    manifest, items = read_manifest(layout), read_items(layout)
    labelled = read_labelled(labels or HELD_OUT)
    wanted = [name.strip() for name in names.split(",")]

    async def run() -> None:
        engine = None
        generator = None
        if set(wanted) - {"rules"}:
            say("Starting the language model …")
            engine, _ = make_engine(settings, say)
            engine.start()
            await asyncio.to_thread(engine.wait_ready, 600)
            generator = VllmGenerator(engine)
        try:
            reports = []
            for name in wanted:
                chosen = choose_understanding(name, items, generator, manifest.wording.items)
                reports.append(await evaluate(chosen, labelled, name=name))
            typer.echo(table(reports))
            if report:
                say(f"Written to {write_reports(reports, report)}.")
        finally:
            if generator and engine:
                await generator.aclose()
                engine.stop()

    asyncio.run(run())
