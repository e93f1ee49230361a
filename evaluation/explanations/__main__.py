"""The report on explanations: `python -m evaluation.explanations --report DIR [--answers 1000] [--llm URL]`."""

import argparse
import asyncio
import sys
from pathlib import Path

from core.errors import EngineError, TastemakerError


def main() -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.explanations", description=__doc__)
    parser.add_argument("--report", type=Path, required=True, help="where the report goes; a killed run goes on there")
    parser.add_argument("--answers", type=int, default=1000, help="how many requests are asked")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", default="ml-100k")
    parser.add_argument("--llm", default="", help="the address of a running vLLM; else one is started")
    given = parser.parse_args()
    try:
        _run(given)
    except TastemakerError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _run(given: argparse.Namespace) -> None:
    from core.settings import Settings
    from evaluation.explanations.evaluate import evaluate_explanations
    from evaluation.explanations.requests import requests
    from evaluation.report.folder import write_report
    from evaluation.understanding.report import read_labelled
    from server.composition import build

    settings = Settings(catalog=given.catalog, llm_url=given.llm)
    product = build(settings, _say)
    folder = Path(__file__).parents[1] / "understanding"
    labelled = [each for name in ("dev_1", "dev_2") for each in read_labelled(folder / f"{name}.jsonl")]
    asked = requests(labelled, product.artifacts.histories, given.answers, given.seed)
    product.engine.start()
    try:
        if not product.engine.wait_ready(600):
            raise EngineError(f"The language model is not ready: {product.engine.status.detail}", mend="Try again.")
        made = asyncio.run(
            evaluate_explanations(
                product.parts,
                asked,
                given.report,
                data_hash=product.artifacts.manifest.catalog_hash,
                model=settings.model or settings.llm_url or "embedded",
                seed=given.seed,
            )
        )
    finally:
        product.engine.stop()
    sys.stdout.write(f"{made.answer}\n{write_report(made, given.report)}\n")


if __name__ == "__main__":
    sys.exit(main())
