"""Eight films and seven people, small enough to check by hand."""

from pathlib import Path

import numpy as np

from core.artifacts import Wording
from core.item import Credit, Item, ItemTable
from debias.corrections import Corrections
from debias.interventional import backdoor
from debias.popularity import Popularity
from index.evidence import EvidenceWriter
from index.graph import ItemGraph
from index.history import HistoryModel
from index.ranking import BlendedRanker
from index.shortlist import Correction, Shortlister
from index.statistics import RatingStatistics
from training.ranking import train_ranking
from training.sequence import SequenceTraining

WORDING = Wording(item="film", items="films", category="genre")


def _by(director: str, *actors: str) -> tuple[Credit, ...]:
    return (Credit(name=director, role="director"), *(Credit(name=actor, role="actor") for actor in actors))


ITEMS = ItemTable(
    [
        Item(
            id="heat",
            title="Heat",
            year=1995,
            categories=("Action", "Crime"),
            people=_by("Michael Mann", "Al Pacino", "Robert De Niro"),
            description="Thieves feel the heat.",
            numbers={"minutes": 170},
            facts={"certificate": "R"},
        ),
        Item(id="thief", title="Thief", year=1981, categories=("Crime",), people=_by("Michael Mann", "James Caan")),
        Item(
            id="fargo",
            title="Fargo",
            year=1996,
            categories=("Crime", "Drama"),
            people=_by("Joel Coen"),
            numbers={"minutes": 98},
        ),
        Item(id="babe", title="Babe", year=1995, categories=("Children's", "Comedy"), numbers={"minutes": 91}),
        Item(id="toys", title="Toy Story", year=1995, categories=("Animation", "Children's", "Comedy")),
        Item(id="scream", title="Scream", year=1996, categories=("Horror", "Thriller"), facts={"certificate": "R"}),
        Item(id="undated", title="Lost Reel", categories=("Drama",)),
        Item(id="heat-again", title="Heat", year=1995, categories=("Action", "Crime")),
    ]
)
EMBEDDINGS = np.array(
    [[1, 0, 0], [0.8, 0.6, 0], [0.8, 0, 0.6], [0, 1, 0], [0, 0.8, 0.6], [0, 0, 1], [0.6, 0, 0.8], [1, 0, 0]],
    dtype=np.float32,
)
# Who likes crime, who likes what is for children, and one who takes it all.
HISTORIES = [
    np.array(rows) for rows in ([0, 1, 2], [0, 2, 1], [0, 2], [0, 1, 2, 5], [3, 4], [3, 4], [0, 1, 2, 3, 4, 5, 6])
]
ROWS = np.concatenate(HISTORIES)
# Crime films got fives, the others threes; nobody rated the last film of all.
RATINGS = np.where(np.isin(ROWS, [0, 1, 2]), 5.0, 3.0)


def statistics() -> RatingStatistics:
    return RatingStatistics.build(ROWS, RATINGS, len(ITEMS))


CORRECTION = Corrections(backdoor(Popularity(statistics().chosen, prior=0.1)))


def history_model() -> HistoryModel:
    return HistoryModel.fit(HISTORIES, len(ITEMS), regularisation=1.0)


def ranker() -> BlendedRanker:
    # Too few people for a sequence model: nothing is written.
    return train_ranking(HISTORIES, len(ITEMS), EMBEDDINGS, SequenceTraining(), Path("unused"))


def evidence_writer() -> EvidenceWriter:
    return EvidenceWriter(ITEMS, statistics(), history_model(), ItemGraph.build(ITEMS), WORDING)


def shortlister(correction: Correction | None = None) -> Shortlister:
    return Shortlister(
        ITEMS,
        EMBEDDINGS,
        history_model(),
        ranker(),
        statistics(),
        ItemGraph.build(ITEMS),
        evidence_writer(),
        correction or CORRECTION,
    )
