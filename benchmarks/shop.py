"""A shop of your size, made up: `python benchmarks/shop.py DIR [--items 30000] [--people 8000] [--choices 200000]`.

Makes the shop in DIR/shop-ITEMS, prepares it in DIR/artifacts, loads it as `serve --llm none` does, and runs turns.
Prints seconds, a core's seconds and memory of each, and how much faster a name with a typo is found than by comparing
it with every name. Titles and descriptions are of words by topic, people have tastes, and items a popularity; the same
seed makes the same shop. Run again, it goes on where it was.
"""

import argparse
import asyncio
import csv
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from agent.understand.nearest import NearestTexts
from agent.understand.text import word_list
from core.conversation import Message
from core.item import ItemTable
from core.settings import Settings
from core.turn import TurnRequest
from server.composition import Product, build
from server.prepare import prepare

DEPARTMENTS, SHELVES = 12, 8  # topics: shelves of departments
DESCRIPTION = 40  # words
STAYS = 0.6  # how likely the next choice is on the same shelf
SYLLABLES = "ba ber cal dor den el far gra hal in jor kar len mor nev or pel quin ras ston tal ul ver wil yor zan"


def main() -> None:
    """Make, prepare, load, ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=30_000)
    parser.add_argument("--people", type=int, default=8_000)
    parser.add_argument("--choices", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    shop, artifacts = given.folder / f"shop-{given.items}", given.folder / "artifacts"
    if not (shop / "interactions.csv").exists():
        make(shop, given.items, given.people, given.choices, np.random.default_rng(given.seed))
    with timed("prepare"):
        prepare(str(shop), artifacts=artifacts, say=print)
    state = f"sqlite:///{artifacts / 'state.sqlite'}"
    settings = Settings(artifacts=artifacts, catalog=shop.name, llm_url="none", database_url=state)
    with timed("start"):
        product = build(settings)
    asyncio.run(ask(product))
    compare_names(product.parts.items)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print what something took, and the most memory that was ever used."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what}: {wall:.2f} s, {cpu:.2f} s of a core, at most {memory} MB", flush=True)


def make(shop: Path, items: int, people: int, choices: int, rng: np.random.Generator) -> None:
    """Write a catalogue's folder."""
    shop.mkdir(parents=True, exist_ok=True)
    words = np.array(sorted(word for word in word_list("ordinary") if word.isalpha() and len(word) > 3))
    rng.shuffle(words)
    common, words = words[:400], words[400:]
    shelf = rng.choice(DEPARTMENTS * SHELVES, items, p=rng.dirichlet(np.full(DEPARTMENTS * SHELVES, 2.0)))
    level = rng.normal(size=items)
    names = names_of_people(items // 3, rng)
    with (shop / "items.jsonl").open("w", encoding="utf-8") as file:
        for number in range(items):
            department = shelf[number] // SHELVES
            shared, own = words[100 * department :][:100], words[100 * DEPARTMENTS + 60 * shelf[number] :][:60]
            kinds = rng.choice(3, DESCRIPTION, p=(0.35, 0.25, 0.4))
            text = np.choose(kinds, [often(pool, DESCRIPTION, rng) for pool in (common, shared, own)])
            made_by = "author" if department % 2 else "brand"
            item = {
                "id": f"p{number}",
                "title": " ".join([*rng.choice(own, 2), rng.choice(shared), rng.choice(words)]).title(),
                "description": f"{' '.join(text).capitalize()}.",
                "categories": [shared[0].title(), f"{shared[0]} {own[0]}".title()],
                "price": round(float(np.exp(3 + 0.3 * (department % 4) + 0.5 * level[number])), 2),
                "year": int(rng.integers(1995, 2026)),
                made_by: names[int(len(names) * rng.random() ** 2)],
            }
            file.write(f"{json.dumps(item)}\n")
    with (shop / "interactions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "time"])
        writer.writerows(choices_of(people, choices, shelf, level, rng))


def names_of_people(count: int, rng: np.random.Generator) -> list[str]:
    """First names, and surnames of three syllables."""
    first, syllables = sorted(word_list("first_names")), SYLLABLES.split()
    return [f"{rng.choice(first)} {''.join(rng.choice(syllables, 3))}".title() for _ in range(max(1, count))]


def often(pool: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Words of a pool, the first ones more often, as in texts."""
    return np.asarray(pool[(len(pool) * rng.random(size) ** 2).astype(int)])


def choices_of(
    people: int, choices: int, shelf: np.ndarray, level: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[str, str, int]]:
    """(person, item, time): people stay on shelves they like, and take what is popular and near their price level."""
    popular = [rng.permutation(np.flatnonzero(shelf == number)) for number in range(DEPARTMENTS * SHELVES)]
    for person in range(people):
        liked = rng.integers(DEPARTMENTS) * SHELVES + rng.choice(SHELVES, 2, replace=False)
        liked = np.append(liked, rng.integers(DEPARTMENTS * SHELVES))
        at, purse, moment, seen = (
            rng.choice(liked),
            rng.normal(),
            int(rng.integers(1_500_000_000, 1_700_000_000)),
            set[int](),
        )
        for _ in range(2 + rng.geometric(people / choices)):
            at = at if rng.random() < STAYS else rng.choice(liked)
            some = popular[at][(len(popular[at]) * rng.random(3) ** 2.5).astype(int)] if len(popular[at]) else []
            new = [int(row) for row in some if row not in seen]
            if new:
                row = min(new, key=lambda one: abs(level[one] - purse))
                seen.add(row)
                moment += int(rng.exponential(80_000))
                yield f"u{person}", f"p{row}", moment


async def ask(product: Product) -> None:
    """Turns of several kinds, the first one twice: it loads the text encoder."""
    items = product.parts.items.items
    first = "I would love something about ancient kingdoms and travelling"
    wishes = [
        first,
        first,
        f"Something like {items[3].title}, but cheaper than 30",
        f"the cheapest {items[0].categories[0]}",
        "anything by Steven Spielberrg, without horror",
        f"why not {items[2].title}?",
        "Could you recommend me a present for my sister, who enjoys long walks and painting mountains?",
    ]
    for wish in wishes:
        request: Any = TurnRequest(messages=(Message(role="user", content=wish),))
        with timed(f"turn {wish[:40]!r}"):
            async for _ in product.services.turn.run(request):
                pass


def compare_names(items: ItemTable, queries: int = 50) -> None:
    """Names with a letter left out, among all names of the catalogue's people."""
    names = list(dict.fromkeys(credit.name.casefold() for item in items for credit in item.people))
    typed = [name[:2] + name[3:] for name in names[:: max(1, len(names) // queries)]]
    near, seconds = NearestTexts(names), [0.0, 0.0]
    for text in typed:
        started = time.process_time()
        expected = process.extractOne(text, names, scorer=fuzz.ratio, score_cutoff=90)
        between = time.process_time()
        found = near.find(text, least=90)
        seconds = [seconds[0] + between - started, seconds[1] + time.process_time() - between]
        if found != (expected and expected[:2]):
            raise AssertionError(f"{text}: {found} instead of {expected}")
    print(f"{len(names)} names: {seconds[0] / seconds[1]:.1f} times as fast as comparing with each")


if __name__ == "__main__":
    main()
