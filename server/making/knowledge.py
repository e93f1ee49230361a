"""What is known of the items besides their words and pictures: what they share, and how many chose and liked them."""

from pathlib import Path

from catalog.splits import interaction_rows
from core.columns import RATING
from server.making.work import Work


def make_graph(work: Work, path: Path) -> None:
    """People, companies and other entities that items share."""
    from index.graph import ItemGraph

    ItemGraph.build(work.items, work.relations).save(path)


def make_statistics(work: Work, path: Path) -> None:
    """How many people chose and rated each item."""
    from index.statistics import RatingStatistics

    rows = interaction_rows(work.interactions, work.items)
    RatingStatistics.build(rows, work.interactions[RATING].to_numpy(), len(work.items)).save(path)
