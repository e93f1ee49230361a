"""The report on explanations: `python -m evaluation.explanations --report DIR [--answers 1000]`.

Two steps: `generate` asks for answers and keeps what the model wrote, which takes a language model and some time;
`measure` checks what was kept and writes the report, which takes seconds and can be done again.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import EngineError, InputError, TastemakerError

if TYPE_CHECKING:
    from core.settings import Settings
    from core.turn import TurnRequest
    from evaluation.kept import Kept
    from server.composition import Product

# Sixteen answers at a time on a busy machine: none is in a hurry.
_PATIENCE = 1800.0


def main() -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.explanations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--report", type=Path, required=True, help="where the report goes; a killed run goes on there")
    parser.add_argument("--answers", type=int, default=1000, help="how many requests are asked")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", default="ml-100k")
    parser.add_argument("--llm", default="", help="the address of a running vLLM; else one is started")
    parser.add_argument("--concurrency", type=int, default=16, help="answers that are asked for at a time")
    parser.add_argument("--step", choices=("generate", "measure", "both"), default="both")
    given = parser.parse_args()
    try:
        _run(given)
    except TastemakerError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was answered is kept; the same command goes on from there.\n")
        return 130
    return 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _run(given: argparse.Namespace) -> None:
    from core.settings import Settings

    if given.answers < 1 or given.concurrency < 1:
        raise InputError("--answers and --concurrency count from 1.", mend="Give a number above 0.")
    settings = Settings(catalog=given.catalog, llm_url=given.llm)
    if given.step != "measure":
        _generate(given, settings)
    if given.step != "generate":
        _measure(given, settings)


def _generate(given: argparse.Namespace, settings: "Settings") -> None:
    from evaluation.running import wait_ready
    from server.composition import build
    from server.engine import started

    product = build(settings, _say)
    kept = _kept(given, settings)
    with started(product.engine):
        wait_ready(product.engine)
        failed = asyncio.run(_ask(product, _requests(given, product), kept, given.concurrency))
    if failed:
        raise EngineError(f"{len(failed)} answers broke off.", mend="Run it again: only those are asked for.")


async def _ask(product: "Product", requests: "list[TurnRequest]", kept: "Kept", concurrency: int) -> list[str]:
    from dataclasses import replace

    from evaluation.explanations.generate import generate
    from server.vllm_generator import VllmGenerator

    generator = VllmGenerator(product.engine, token_timeout=_PATIENCE, total_timeout=_PATIENCE)
    try:
        return await generate(replace(product.parts, generator=generator), requests, kept, concurrency)
    finally:
        await generator.aclose()


def _requests(given: argparse.Namespace, product: "Product") -> "list[TurnRequest]":
    from evaluation.explanations.requests import requests
    from evaluation.understanding.report import read_labelled

    folder = Path(__file__).parents[1] / "understanding"
    labelled = [each for name in ("dev_1", "dev_2") for each in read_labelled(folder / f"{name}.jsonl")]
    return requests(labelled, product.artifacts.histories, given.answers, given.seed)


def _measure(given: argparse.Namespace, settings: "Settings") -> None:
    from datetime import UTC, datetime

    from tqdm import tqdm

    from evaluation.explanations.drafts import agreement, as_lines, drafts_sheet
    from evaluation.explanations.generate import kept_answers
    from evaluation.explanations.judged import read_judgements, sample, sheet
    from evaluation.explanations.measure import explained
    from evaluation.explanations.page import examples_page
    from evaluation.explanations.report import report
    from evaluation.report.folder import write_report
    from evaluation.report.provenance import Provenance
    from server.atomic import replacing
    from server.manifest import artifact_layout, read_items, read_manifest

    started, layout = datetime.now(UTC), artifact_layout(settings.artifacts, settings.catalog)
    items = read_items(layout)
    kept = kept_answers(given.report / "answers.jsonl", _identity(given, settings))
    texts = {number: generated for number, generated in kept.items() if generated}
    progress = tqdm(texts.items(), desc="checked", unit="answer", disable=None)
    answers = {number: explained(generated, items) for number, generated in progress}
    to_read = sample(answers, given.seed, given.report / "to_judge.txt")
    made = report(
        list(answers.values()),
        [each for each in read_judgements(given.report / "judged.jsonl", answers) if each.answer in to_read],
        agreement(given.report / "drafts_judged.jsonl", answers),
        asked=len(kept),
        sample=len(to_read),
        model=settings.model or settings.llm_url or "embedded",
        provenance=Provenance.collect(started=started, data_hash=read_manifest(layout).catalog_hash, seed=given.seed),
    )
    page = write_report(made, given.report)
    for name, text in (
        ("examples.html", examples_page(answers, given.seed)),
        ("to_judge.md", sheet(to_read, answers, texts, items)),
        ("drafts_to_judge.jsonl", as_lines(drafts_sheet(answers, texts, items, given.seed))),
    ):
        with replacing(given.report / name) as file:
            file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{made.answer}\n{page}\n{given.report / 'examples.html'}\n")


def _kept(given: argparse.Namespace, settings: "Settings") -> "Kept":
    from evaluation.kept import Kept

    return Kept(given.report, "answers", _identity(given, settings))


def _identity(given: argparse.Namespace, settings: "Settings") -> dict[str, object]:
    """What answers depend on; not how many there are: the requests of a short run are the first of a long one."""
    from server.manifest import artifact_layout, read_manifest

    data = read_manifest(artifact_layout(settings.artifacts, settings.catalog)).catalog_hash
    model = settings.model or settings.llm_url or "embedded"
    return {"format": 5, "data": data, "model": model, "adapter": settings.adapter, "seed": given.seed}


if __name__ == "__main__":
    sys.exit(main())
