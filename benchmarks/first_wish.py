"""How good is the list for a first wish, of somebody of whom nothing is known: `python benchmarks/first_wish.py`.

Asks for each category in three forms of words, without a history, and looks where the list has what people chose late
in their histories. Nobody's last two choices are read: they are kept for other measurements. NDCG@10 and HR@10 over
choices, each with one of its categories drawn as the wish, and intervals over people. `--correction` sets the
correction for popularity. For settings of `index.scores`, which were chosen on these choices.
"""

import argparse
import asyncio
from dataclasses import replace
from typing import Any

import numpy as np

from agent.turn import ChatTurn
from catalog.splits import HELD_OUT, row_sequences
from core.conversation import Message
from core.settings import Settings
from core.turn import TurnRequest
from evaluation.ranking.metrics import NEVER, hit_rate, ndcg
from evaluation.statistics import bootstrap_pooled
from index.query import Query
from server.composition import Product, build

FORMS = ("a {} please", "something {}", "recommend a good {} film")
FIRST = 12  # choices from the end of a history


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", default="ml-100k")
    parser.add_argument("--correction", type=float, help="from 0 to 1; default: as it is served")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    product = build(Settings(catalog=given.catalog, llm_url="none"), lambda _: None)
    places = asyncio.run(_places(product, given.correction))
    rng = np.random.default_rng(given.seed)
    people = [_of_person(rows, product, places, rng) for rows in _late(product)]
    counts, shown = [len(ranks) for ranks in people], []
    for name, metric in (("NDCG@10", ndcg), ("HR@10", hit_rate)):
        sums = [metric(ranks, 10).sum() if len(ranks) else 0 for ranks in people]
        shown.append(f"{name} {bootstrap_pooled(sums, counts, given.seed)}")
    print(f"{len(places)} wishes, {sum(counts)} choices of {len(people)} people: {', '.join(shown)}")


def _late(product: Product) -> list[list[int]]:
    sequences = row_sequences(product.artifacts.interactions, product.artifacts.items)
    return [[int(row) for row in rows[-FIRST:-HELD_OUT]] for rows in sequences]


async def _places(product: Product, correction: float | None) -> dict[tuple[str, str], np.ndarray]:
    """Where each item [n] stands in the list for a category in a form of words; 0: it is not in it."""
    shortlister: Any = product.parts.shortlister
    asked: list[Query] = []
    shortlist, ids = shortlister.shortlist, [item.id for item in product.parts.items]
    shortlister.shortlist = lambda query: (asked.append(query), shortlist(query))[1]
    found = {}
    for category in product.parts.items.categories:
        for form in FORMS:
            message = Message(role="user", content=form.format(category.lower()))
            async for _ in ChatTurn(product.parts).run(TurnRequest(messages=(message,))):
                pass
            if asked and asked[-1].intent.wishes.categories == (category,):
                query = asked[-1] if correction is None else replace(asked[-1], popularity_correction=correction)
                standings = shortlister.explain(ids, query)
                found[category, form] = np.array([standings[item_id].place or 0 for item_id in ids])
            asked.clear()
    await product.aclose()
    return found


def _of_person(
    rows: list[int], product: Product, places: dict[tuple[str, str], np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Ranks [choices · forms] of what one person chose."""
    items = product.parts.items.items
    wanted = [(row, str(rng.choice(items[row].categories))) for row in rows if items[row].categories]
    found = [places[wish, form][row] for row, wish in wanted for form in FORMS if (wish, form) in places]
    ranks = np.array(found, dtype=np.int64)
    return np.where(ranks == 0, NEVER, ranks)


if __name__ == "__main__":
    main()
