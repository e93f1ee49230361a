"""A whole simulation: people × recommenders, kept as they end, resumed where they stopped, and the report of all.

In a notebook:

    from evaluation.simulation.run import SimulationOptions, simulate
    report = simulate(SimulationOptions(people=20), Settings(), Path("reports/people"), print)
    report.table("Targets found by turn").frame()
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np
from pydantic import Field
from tqdm import tqdm

from agent.no_generator import NoGenerator
from catalog.splits import Part
from core.artifacts import Wording
from core.generator import Generator
from core.item import ItemTable
from core.settings import Settings
from core.values import Value
from evaluation.report.people import write_people
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report
from evaluation.running import run_to_end, running
from evaluation.simulation.conversation import Conversation, converse
from evaluation.simulation.facets import Facets
from evaluation.simulation.log import ConversationLog, key
from evaluation.simulation.person import VERSION, SimulatedPerson, Temperament
from evaluation.simulation.recommenders import Recommender, TurnRecommender, baselines
from evaluation.simulation.report import people_frame, report, summarised
from evaluation.simulation.world import Person, World, make_world
from server.artifacts import configured_artifacts
from server.composition import make_parts
from server.vllm_generator import VllmGenerator

Say = Callable[[str], None]
LOCAL = "local"


class SimulationOptions(Value):
    """What is simulated. `llm`: empty for none, "local" for the one that `serve` would start, or an address."""

    people: int | None = Field(100, ge=1)  # None: everybody who has chosen enough
    turns: int = Field(5, ge=1, le=50)
    shown: int = Field(3, ge=1, le=10)  # items in an answer
    history: Literal["known", "unknown", "both"] = "both"
    held_out: Part = "validation"
    llm: str = ""
    seed: int = Field(0, ge=0)
    with_baselines: bool = True
    temperament: Temperament = Temperament()


@dataclass(frozen=True)
class Side:
    """A recommender under one condition."""

    name: str
    recommender: Recommender
    history_known: bool


def simulate(
    options: SimulationOptions, settings: Settings, folder: Path, say: Say, started: datetime | None = None
) -> Report:
    """Let everybody talk with every recommender and report; conversations are kept in FOLDER/conversations.jsonl.

    Raises InputError where the folder keeps conversations of something else or can't be written to, ArtifactError
    where the catalogue isn't prepared, EngineError where the language model doesn't start.
    """
    started = started or datetime.now(UTC)
    artifacts = configured_artifacts(settings)
    identity = {
        "data": artifacts.manifest.catalog_hash,
        "version of the people": VERSION,
        "options": options.model_dump(mode="json", exclude={"people"}),
        "model": settings.model if options.llm else "",
        "settings": settings.model_dump(
            mode="json",
            include={"understanding", "candidates", "popularity_correction", "popularity_method", "parity"},
        ),
    }
    log = ConversationLog(folder, identity)
    world = make_world(artifacts, options.people, options.seed, folder, options.held_out)
    with _generator(options, settings, say) as generator:
        run_to_end(_talk(world, options, settings, generator, log))
    summary = summarised(_wanted(log, world.people), options.turns)
    write_people(people_frame(summary), folder)
    return report(
        summary,
        world,
        options.turns,
        examples=_wanted(log, world.people[:3]),
        settings=_settings(options, world),
        provenance=Provenance.collect(started=started, data_hash=artifacts.manifest.catalog_hash, seed=options.seed),
    )


async def _talk(
    world: World, options: SimulationOptions, settings: Settings, generator: Generator, log: ConversationLog
) -> None:
    sides = _sides(world, options, settings, generator)
    try:
        await hold(world.people, sides, world.items, world.artifacts.manifest.wording, options, log)
    finally:
        if isinstance(generator, VllmGenerator):
            await generator.aclose()


async def hold(
    people: Sequence[Person],
    sides: Sequence[Side],
    items: ItemTable,
    wording: Wording,
    options: SimulationOptions,
    log: ConversationLog,
) -> None:
    """Hold every conversation that is not in the log yet, one after another; each is in it as soon as it has ended."""
    facets = Facets(items)
    todo = [(one, side) for one in people for side in sides if key(side.name, one.user_id) not in log]
    total = len(people) * len(sides)
    with tqdm(total=total, initial=total - len(todo), desc="Conversations", unit="talk") as bar:
        for one, side in todo:
            rng = np.random.default_rng([options.seed, crc32(one.user_id.encode())])
            person = SimulatedPerson(one, items, facets, wording, rng, options.temperament)
            log.append(
                await converse(
                    person,
                    side.recommender,
                    turns=options.turns,
                    history_known=side.history_known,
                    name=side.name,
                )
            )
            bar.update()


def _sides(world: World, options: SimulationOptions, settings: Settings, generator: Generator) -> Sequence[Side]:
    """The turn with and without the history, and lists, which need no more than one of the two."""
    parts = make_parts(settings, world.artifacts, generator)
    turn = TurnRecommender(parts, options.shown)
    wanted = [known for known, word in ((True, "known"), (False, "unknown")) if options.history in (word, "both")]
    sides = [Side(_name(turn.name, known=known), turn, known) for known in wanted]
    if options.with_baselines:
        known = wanted[0]
        lists = baselines(parts, world.artifacts.ranker, world.popularity, options.shown)
        sides += [Side(_name(one.name, known=known), one, known) for one in lists if known or not one.needs_history]
    return sides


def _name(name: str, *, known: bool) -> str:
    return name if known else f"{name}, history unknown"


@contextmanager
def _generator(options: SimulationOptions, settings: Settings, say: Say) -> Iterator[Generator]:
    """The language model, ready, or none. Raises EngineError where it doesn't start."""
    if not options.llm:
        yield NoGenerator()
        return
    given = settings if options.llm == LOCAL else settings.model_copy(update={"llm_url": options.llm})
    with running(given, say) as (engine, _):
        yield VllmGenerator(engine, total_timeout=settings.generation_timeout)


def _wanted(log: ConversationLog, people: Sequence[Person]) -> Iterator[Conversation]:
    """The kept conversations of these people; an earlier run may have had more."""
    ids = {one.user_id for one in people}
    return (conversation for conversation in log if conversation.user_id in ids)


def _settings(options: SimulationOptions, world: World) -> dict[str, str | int | float | bool | None]:
    temperament = options.temperament
    return {
        "people": len(world.people),
        "items": len(world.items),
        "turns": options.turns,
        "items in an answer": options.shown,
        "held out": "last choice" if options.held_out == "test" else "last choice but one",
        "language model": options.llm or "none",
        "people who begin with a greeting": temperament.greets,
        "chance of a hint rather than a reason": temperament.hints,
        "items that must fit all that is told": temperament.crowd,
    }
