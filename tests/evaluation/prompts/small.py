"""Twelve films, thirty people, and all that asks about them: `python -m tests.evaluation.prompts.small URL FOLDER`."""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from catalog.splits import Person
from core.artifacts import ArtifactLayout, Manifest, Wording
from core.errors import TastemakerError
from core.item import Item, ItemTable
from debias.interventional import popularity_correction
from evaluation.prompts.answer_log import AnswerLog
from evaluation.prompts.language_model import LanguageModel
from evaluation.prompts.people import People
from evaluation.prompts.plan import Plan, Run, Survey, survey
from evaluation.prompts.runner import answer_all
from evaluation.prompts.variants import PromptSettings, parse_variants
from index.history import HistoryModel
from prompts.template import find_template
from server.external_engine import ExternalEngine

PEOPLE = 30
DIMENSIONS = 12  # of fused embeddings
TITLES = "Heat Fargo Casino Alien Psycho Babe Ghost Aliens Scream Clue Big Jaws".split()
ITEMS = ItemTable(
    Item(id=f"i{row}", title=title, year=1980 + row, categories=("Drama" if row % 2 else "Comedy",))
    for row, title in enumerate(TITLES)
)

PROMPTS = ("hard", "json", "chain-of-thought", "few-shot")


MANIFEST = Manifest(
    catalog="small",
    catalog_hash="0" * 64,
    item_count=len(ITEMS),
    interaction_count=6 * PEOPLE,
    text_encoder="none",
    embedding_dimensions=2,
    wording=Wording(item="film", items="films", category="genre"),
)


def _interactions() -> pl.DataFrame:
    """Everybody walks six films on, each from another one."""
    rows = [(f"u{person}", f"i{(person + step) % len(ITEMS)}") for step in range(6) for person in range(PEOPLE)]
    return pl.DataFrame(rows, schema=["user_id", "item_id"], orient="row").with_columns(time=pl.int_range(pl.len()))


@dataclass(frozen=True)
class SmallArtifacts:
    """As much of `server.artifacts.Artifacts` as a comparison reads."""

    items: ItemTable = ITEMS
    manifest: Manifest = MANIFEST
    embeddings: Any = field(default_factory=lambda: np.random.default_rng(0).normal(size=(len(ITEMS), 2)))
    fusion: Any = field(
        default_factory=lambda: SimpleNamespace(
            embeddings=np.random.default_rng(1).normal(size=(len(ITEMS), DIMENSIONS)).astype(np.float32)
        )
    )
    interactions: pl.DataFrame = field(default_factory=lambda: _interactions())
    layout: ArtifactLayout = field(default_factory=lambda: ArtifactLayout(Path("nowhere")))
    users: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame({"user_id": [f"u{n}" for n in range(PEOPLE)], "gender": ["F", "M"] * 15})
    )


@dataclass(frozen=True)
class Ranker:
    """A history model for many people."""

    model: HistoryModel

    def scores(self, histories: Any) -> Any:
        return np.stack([self.model.scores(history) for history in histories])


def small_people(asked: int = PEOPLE) -> People:
    """People who walk through the films in order, each from another one on."""
    walks = [(np.arange(5) + person) % len(ITEMS) for person in range(PEOPLE)]
    histories = [walk[:4] for walk in walks]
    everybody = [Person(f"u{place}", walk[:4], np.arange(4.0), walk[4:]) for place, walk in enumerate(walks)]
    counts = np.bincount(np.concatenate(histories), minlength=len(ITEMS)).astype(np.float64)
    return People(
        catalog="small",
        artifacts=SmallArtifacts(),  # type: ignore[arg-type]
        asked=everybody[:asked],
        others=everybody,
        counts=counts,
        learners=PEOPLE,
        ranker=Ranker(HistoryModel.fit(histories, len(ITEMS))),
        ranker_name="history",
        correction=popularity_correction("counterfactual", counts),
    )


def small_plan(asked: int = PEOPLE, variants: str = "base,correction=0", prompts: tuple[str, ...] = PROMPTS) -> Plan:
    """Every prompt with every variant: 240 questions."""
    people = small_people(asked)
    base = PromptSettings(candidates=6, rank=3, history=3)
    runs = [
        Run(f"{template.name} · {variant.name}", template, variant, people, served="fake", model="fake")
        for template in map(find_template, prompts)
        for variant in parse_variants(variants, base)
    ]
    return Plan(runs, seed=0)


def look(plan: Plan, answered: Any = None) -> Survey:
    """A survey that counts words for tokens."""
    return survey(plan, answered or (), words, None)


def words(messages: Any) -> int:
    return sum(len(message["content"].split()) for message in messages)


def ask(plan: Plan, url: str, folder: Path, *, patience: float = 2.0, concurrency: int = 8) -> int:
    """Ask what is open; how many questions that was."""
    log = AnswerLog(folder)
    answered = log.open()
    found = look(plan, answered)
    engine = ExternalEngine(url, poll_every=0.05)
    engine.start()

    async def run() -> None:
        async with LanguageModel(engine, timeout=20, patience=patience) as model:
            await answer_all(plan, model, log, answered, total=found.open, concurrency=concurrency)

    try:
        asyncio.run(run())
    finally:
        log.close()
        engine.stop()
    return found.open


if __name__ == "__main__":
    try:
        ask(small_plan(), sys.argv[1], Path(sys.argv[2]))
    except TastemakerError as error:
        sys.exit(f"tastemaker: {error}")
